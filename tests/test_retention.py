"""Retention empties the text of old articles and nothing else: none is read or told a second time."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import NOW, article, fengxiang
from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector as StatsCollector
from sqlalchemy import select, text

from crawler.config import load_config
from crawler.export import records
from crawler.items import Article
from crawler.sources import load_source
from crawler.store import Placement, Selection, Store
from crawler.store.schema import source_runs
from crawler.stories import keys, prepare
from crawler.tomlfile import FileError
from crawler.topics import Evidence, Flag
from pipelines.dedupe import Dedupe
from spiders.base import SourceSpider

FLAG = Flag("industry_transfer", 0.8, (Evidence("title", 0, 4, "产业转移"),))
BODY = (
    "某市近日出台承接产业转移实施方案，提出在三年内新建标准厂房二十万平方米。\n方案要求各县区明确专班，逐月通报进度。"
)
SOURCE = """\
name = "示例"
region = "甘肃"
kind = "daily"
family = "listing"
list_urls = ["http://example.org/list"]
article = '/a/\\d+\\.html'
"""


def save(store: Store, number: int, *, age: int, flags: tuple[Flag, ...] = (), body: str = BODY) -> int:
    item = article(number, body=body, flags=list(flags), fetched_at=NOW - timedelta(days=age))
    found = keys(prepare(f"{item.title}\n{item.body}"))
    return store.save_article(item, found, Placement(), {"industry_transfer": ("desk",)}, item.fetched_at)


def test_only_old_bodies_are_emptied_oldest_first_and_a_bounded_number(store: Store) -> None:
    for number, age in ((1, 500), (2, 401), (3, 399), (4, 1), (5, 450)):
        save(store, number, age=age)
    before = NOW - timedelta(days=400)
    kept = [dict(row) for row in store.read_articles(Selection())]
    assert store.empty_bodies(before, 2) == 2
    assert [row["id"] for row in store.read_articles(Selection()) if not row["body"]] == [1, 5]
    assert [store.empty_bodies(before, 2) for _ in range(2)] == [1, 0]
    assert store.emptied() == 3
    for row, old in zip(store.read_articles(Selection()), kept, strict=True):
        changed = {name for name in old if row[name] != old[name]}
        assert changed == ({"body"} if old["fetched_at"] < before else set())


def test_story_that_has_something_to_tell_keeps_its_text(store: Store) -> None:
    save(store, 1, age=500, flags=(FLAG,))
    assert store.empty_bodies(NOW) == 0
    with store.writing() as connection:
        connection.execute(text("UPDATE outbox SET state = 'sent'"))
    ledger = store.ledger()
    assert store.empty_bodies(NOW) == 1
    assert store.ledger() == ledger != []
    assert store.hits() == []


def test_the_index_of_kept_bodies_is_used(store: Store) -> None:
    with store.reading() as connection:
        query = "SELECT id FROM articles WHERE body <> '' AND fetched_at < '2026' ORDER BY fetched_at LIMIT 9"
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).fetchall()
    assert "articles_with_body" in str(plan)


def placed(store: Store, tmp_path: Path, item: Article) -> tuple[int, ...]:
    """Return the stories that step 200 finds for an article."""
    path = tmp_path / "gs_example_news.toml"
    path.write_text(SOURCE, "utf-8")
    class_ = type("Spider", (SourceSpider,), {"name": "gs_example_news", "source": load_source(path)})
    crawler: Any = SimpleNamespace(stats=StatsCollector(Crawler(class_)))
    return Dedupe(crawler, load_source(path), store).process_item(item).placement.story_ids


@pytest.mark.parametrize(("body", "same"), [(BODY, True), (BODY + "另。", False)], ids=["same", "other"])
def test_exact_reprint_of_an_emptied_article_is_its_story(store: Store, tmp_path: Path, body: str, same: bool) -> None:
    title = article(1).title
    digest = hashlib.sha256(f"{title}\n{BODY}".encode()).hexdigest()
    item = article(1, body=BODY, content_hash=digest, fetched_at=NOW - timedelta(days=500))
    story = store.save_article(item, keys(prepare(f"{title}\n{BODY}")), Placement(), {}, item.fetched_at)
    assert store.empty_bodies(NOW) == 1
    twin = article(2, title=title, body=body)
    assert placed(store, tmp_path, twin) == ((story,) if same else ())


def test_changed_rules_leave_emptied_stories_alone(store: Store) -> None:
    story = save(store, 1, age=10)
    other = save(store, 2, age=10, body="另一条消息，正文不同，说的是别的事情。")
    since = NOW - timedelta(days=30)
    assert store.stories_since(since) == [story, other]
    with store.writing() as connection:
        connection.execute(text("UPDATE articles SET body = '' WHERE id = 1"))
    assert store.stories_since(since) == [other]


def test_emptied_article_is_exported_and_known(store: Store) -> None:
    save(store, 1, age=500)
    url = article(1).canonical_url
    store.empty_bodies(NOW)
    (record,) = records(store, Selection())
    assert (record["body"], record["title"], record["content_hash"]) == ("", "第1号消息", f"{1:064d}")
    assert store.settled([url], NOW) == {url}
    assert store.has_article(url)


def read(store: Store, source: str, age: int, outcome: str = "ok") -> None:
    moment = NOW - timedelta(days=age)
    result = {"outcome": outcome, "reason": None, "cause": None, "status": None, "counts": {}}
    store.source_done(store.begin_run({}, moment), source, moment, moment, result)


@pytest.mark.parametrize(
    ("readings", "kept"),
    [
        ([(300, "ok"), (200, "failed"), (101, "ok"), (99, "failed"), (1, "ok")], [99, 1]),
        ([(300, "ok"), (200, "ok"), (150, "failed"), (120, "failed")], [200, 150, 120]),  # ill for long
        ([(300, "failed"), (200, "failed")], [300, 200]),  # was never well
        ([(300, "ok"), (200, "ok")], [200]),  # switched off long ago
    ],
)
def test_old_readings_go_but_those_that_say_how_a_source_fares(
    store: Store, readings: list[tuple[int, str]], kept: list[int]
) -> None:
    for age, outcome in readings:
        read(store, "gs_one", age, outcome)
        read(store, "gs_two", age, outcome)
    before = store.pasts()
    turn = NOW - timedelta(days=31)
    swept = store.swept_since("gs_one", turn)
    assert store.drop_readings(NOW - timedelta(days=100), ["gs_one"]) == len(readings) - len(kept)
    ages: dict[str, list[int]] = {name: [] for name in before}
    with store.reading() as connection:
        for source, moment in connection.execute(select(source_runs.c.source, source_runs.c.started_at)):
            ages[source].append((NOW - moment).days)
    assert ages == {"gs_one": kept, "gs_two": [age for age, _ in readings]}
    assert (store.pasts(), store.swept_since("gs_one", turn)) == (before, swept)
    assert store.drop_readings(NOW - timedelta(days=100)) == len(readings) - len(kept)


def test_prune_empties_all_and_gives_space_back(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'var' / 'fengxiang.db'}")
    for number in range(40):
        save(store, number, age=500, body=BODY + str(number) + BODY * 90)
    for age in (400, 300, 200, 99):
        read(store, "gs_example", age)
    store.close()
    size = (tmp_path / "var" / "fengxiang.db").stat().st_size
    done = fengxiang("db", "prune", "--older", "soon", cwd=tmp_path)
    assert (done.returncode, "--older soon: must be a number of days" in done.stderr) == (2, True)
    done = fengxiang("db", "prune", "--older", "400d", cwd=tmp_path)
    assert done.stdout.startswith("40 articles emptied, 3 readings dropped; "), done.stderr
    assert (tmp_path / "var" / "fengxiang.db").stat().st_size < size / 2
    exported = fengxiang("export", cwd=tmp_path).stdout.splitlines()
    assert [json.loads(line)["body"] for line in exported] == [""] * 40


def test_key_is_a_number_of_days(tmp_path: Path) -> None:
    path = tmp_path / "fengxiang.toml"
    for value, kept in (("400d", timedelta(days=400)), ("", None)):
        path.write_text(f'[store]\nkeep_bodies = "{value}"\n')
        assert load_config(path, {}).store.keep_bodies == kept
    path.write_text('[store]\nkeep_bodies = "a year"\n')
    with pytest.raises(FileError, match=r"fengxiang.toml:2: key 'keep_bodies' in \[store\]: must be a number of days"):
        load_config(path, {})
