"""The store: one transaction an article, one alert a story and channel, migrations, and errors with a remedy."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import NOW, article
from sqlalchemy import create_engine, text

from crawler.items import Article
from crawler.store import Entry, Placement, Selection, Store, StoreError, Validators
from crawler.store import database as store_database
from crawler.store.schema import metadata
from crawler.store.stories import UnknownStory
from crawler.topics import Evidence, Flag

FLAG = Flag("industry_transfer", 0.8, (Evidence("title", 0, 4, "产业转移"),))
ROUTES = {"industry_transfer": ("desk", "team")}


def save(store: Store, number: int, *, flags: tuple[Flag, ...] = (), **placement: object) -> int:
    item = article(number, flags=list(flags))
    return store.save_article(item, [number, 7], Placement(**placement), ROUTES, NOW)  # type: ignore[arg-type]


def test_article_comes_back_as_it_was_saved(store: Store) -> None:
    store.save_article(article(1, repairs={"annotation": 3}, publish_time=NOW), [1], Placement(), {}, NOW)
    (row,) = store.read_articles(Selection())
    assert (row["title"], row["publish_time"], row["repairs"]) == ("第1号消息", NOW, {"annotation": 3})


def test_flagged_story_queues_one_alert_a_channel_and_reprints_queue_none(store: Store) -> None:
    story = save(store, 1, flags=(FLAG,))
    save(store, 2, flags=(FLAG,), story_ids=(story,), similarity=0.9, reason="same text")
    assert [(row["story_id"], row["channel"]) for row in store.hits()] == [(story, "desk"), (story, "team")]
    assert len(store.story_members(story)) == 2


def test_stories_that_prove_to_be_one_are_merged_and_alert_once(store: Store) -> None:
    first, second = save(store, 1, flags=(FLAG,)), save(store, 2, flags=(FLAG,))
    joined = save(store, 3, story_ids=(second, first), similarity=0.7, reason="between both")
    assert joined == first
    assert len(store.story_members(first)) == 3
    assert store.totals() == {"articles": 3, "stories": 1, "flagged": 2}
    assert [(row["story_id"], row["channel"]) for row in store.hits()] == [(first, "desk"), (first, "team")]


def keep(store: Store, number: int, *keys: int, **placement: object) -> Article:
    item = article(number)
    store.keep_article(Entry(item, keys, Placement(**placement), ROUTES, NOW))  # type: ignore[arg-type]
    return item


def test_held_articles_are_saved_together_at_the_end(store: Store) -> None:
    store.hold()
    items = [keep(store, number, number) for number in (1, 2)]
    assert store.totals()["articles"] == 0
    assert store.release() == []
    assert store.totals() == {"articles": 2, "stories": 2, "flagged": 0}
    assert [item.story_id for item in items] == [1, 2]
    keep(store, 3, 3)
    assert store.totals()["articles"] == 3


def test_held_articles_are_there_for_a_question_that_they_could_answer(store: Store) -> None:
    store.hold()
    first = keep(store, 1, 1, 10)
    assert store.candidates([2, 20]) == []
    assert store.totals()["articles"] == 0
    (candidate,) = store.candidates([10, 1])
    assert (candidate.title, candidate.content_hash) == (first.title, first.content_hash)
    assert store.totals()["articles"] == 0
    assert store.stories_of([candidate]) == [first.story_id]
    second = keep(store, 2, 2)
    assert not store.has_article("http://example.org/9.html")
    assert store.totals()["articles"] == 1
    assert store.has_article(second.canonical_url)
    assert store.release() == []


def test_stories_are_merged_before_the_next_article_is_placed(store: Store) -> None:
    first, second = save(store, 1), save(store, 2)
    store.hold()
    keep(store, 3, 3, story_ids=(first, second), similarity=0.7, reason="between both")
    assert store.totals()["articles"] == 3
    assert store.release() == []


def test_held_article_that_cannot_be_saved_costs_no_other(store: Store) -> None:
    store.hold()
    for number in (1, 2, 3):
        item = article(number, source=None if number == 2 else "gs_example")
        store.keep_article(Entry(item, [number, 10 * number], Placement(), ROUTES, NOW))
    (candidate,) = store.candidates([2, 20])
    assert store.stories_of([candidate]) == [None]
    ((failed, error),) = store.release()
    assert (failed.canonical_url, type(error).__name__) == (article(2).canonical_url, "IntegrityError")
    assert store.totals()["articles"] == 2


def test_failure_in_the_middle_keeps_nothing(store: Store) -> None:
    save(store, 1)
    item = article(2, flags=[Flag("industry_transfer", 0.8, (object(),))])  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        store.save_article(item, [2], Placement(), ROUTES, NOW)
    assert store.totals() == {"articles": 1, "stories": 1, "flagged": 0}
    assert store.settled([item.canonical_url], NOW) == set()


def test_candidates_come_by_shared_keys(store: Store) -> None:
    for number, keys in ((1, [1, 2, 3]), (2, [2, 3]), (3, [9])):
        store.save_article(article(number), keys, Placement(), {}, NOW)
    assert [candidate.article_id for candidate in store.candidates([1, 2, 3, 4])] == [1, 2]


def test_set_aside_pages_come_back_three_times(store: Store) -> None:
    url, now, spans = "http://example.org/x", NOW, []
    for _ in range(4):
        store.set_aside(url, "gs_example", "quarantined", "took too long", now)
        assert store.settled([url], now) == {url}
        assert store.pages_to_retry("gs_example", now) == []
        later = now + timedelta(days=365)
        spans.append(bool(store.pages_to_retry("gs_example", later)))
        now = later
    assert spans == [True, True, True, False]
    assert store.quarantine() == [("gs_example", url, "took too long", 4)]


def test_sweep_holds_until_something_new_is_seen(store: Store) -> None:
    url = "http://example.org/list"
    assert store.last_sweep("gs_example", url) is None
    store.end_sweeps("gs_example", {url: Validators('"a"', None)}, NOW)
    store.end_sweeps("gs_example", {url: Validators('"b"', None)}, NOW)
    assert store.last_sweep("gs_example", url) == Validators('"b"', None)
    assert store.last_sweep("gs_other", url) is None
    store.begin_sweep("gs_example", url)
    assert store.last_sweep("gs_example", url) is None


def test_migrations_make_the_schema_of_the_code(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path / 'a.db'}").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == store_database.HEAD
    engine.dispose()
    folder = Path(store_database.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == store_database.HEAD


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE guests (name TEXT)")
    connection.close()


def newer(path: Path) -> None:
    Store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (foreign, "belongs to another program (tables guests"),
        (newer, "made by a newer Fengxiang (schema 9999"),
        (lambda path: path.write_bytes(b"not a database at all" * 200), "not a SQLite database: name another file"),
        (lambda path: path.mkdir(), "cannot be opened or created"),
    ],
)
def test_store_that_is_not_ours(tmp_path: Path, prepare: object, message: str) -> None:
    path = tmp_path / "fx.db"
    prepare(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as caught:
        Store(f"sqlite:///{path}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    if message.startswith(("belongs", "not a")):
        assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("newest", "now", "found"),
    [
        (None, NOW, True),  # the very first run
        ((-60, -50), NOW, False),
        ((-60, None), NOW, True),  # was cut off
        ((-24 * 60, -23 * 60), NOW, True),
        ((10, 20), NOW, False),  # the clock was put back
        ((-60, -50), None, True),  # asked without a day: an export
        # 01:30 UTC is 09:30 in Beijing, whose day began at 16:00 UTC
        ((-9 * 60, -8 * 60), NOW, False),
        ((-10 * 60, -8 * 60), NOW, True),
    ],
)
def test_damaged_file_is_found_once_a_day_and_after_a_run_that_was_cut_off(
    tmp_path: Path, newest: tuple[int, int | None] | None, now: datetime | None, found: bool
) -> None:
    path = tmp_path / "fx.db"
    store = Store(f"sqlite:///{path}")
    save(store, 1)
    if newest:
        began, ended = newest
        run = store.begin_run({}, NOW + timedelta(minutes=began))
        if ended is not None:
            store.end_run(run, 0, NOW + timedelta(minutes=ended))
    store.require_soundness(now)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        ((page, size),) = connection.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'articles_by_content'"
        )
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="damaged: keep the file") if found else nullcontext():
        store.require_soundness(now)
    store.close()


@pytest.mark.parametrize(
    ("table", "ask"),
    [
        ("articles", lambda store: store.has_article("http://example.org/1.html")),
        ("story_keys", lambda store: store.candidates([1])),
    ],
)
def test_question_that_fails_is_an_error_of_the_store(table: str, ask: Callable[[Store], object], store: Store) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(f"DROP TABLE {table}")
    with pytest.raises(StoreError, match=f"no such table: {table}"):
        ask(store)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_store(tmp_path: Path) -> None:
    path = tmp_path / "fx.db"
    Store(f"sqlite:///{path}").close()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    with pytest.raises(StoreError, match="no right to write"):
        save(Store(f"sqlite:///{path}"), 1)
    tmp_path.chmod(0o755)


def test_split_lasts_and_merge_undoes_it(store: Store) -> None:
    first = save(store, 1, flags=(FLAG,))
    save(store, 2, story_ids=(first,), similarity=0.8, reason="one is a part of the other")
    other = store.split_story(2, NOW)
    assert [row["id"] for row in store.story_members(first)] == [1]
    assert [row["id"] for row in store.story_members(other)] == [2]
    # An article that is like both does not bring them together again, but joins the likest.
    assert save(store, 3, story_ids=(other, first), similarity=0.9, reason="same text") == other
    assert store.merge_stories(first, other, NOW) == first
    assert [row["id"] for row in store.story_members(first)] == [1, 2, 3]
    assert save(store, 4, story_ids=(first,), similarity=0.9, reason="same text") == first


@pytest.mark.parametrize("decide", [lambda s: s.split_story(9, NOW), lambda s: s.merge_stories(1, 9, NOW)])
def test_decisions_about_nothing_are_refused(store: Store, decide: Callable[[Store], int]) -> None:
    save(store, 1)
    with pytest.raises(UnknownStory):
        decide(store)
    with pytest.raises(UnknownStory, match="the only one"):
        store.split_story(1, NOW)


def test_changed_rules_tell_nobody_twice(store: Store) -> None:
    story = save(store, 1, flags=(FLAG,))
    told = [row["channel"] for row in store.hits()]
    assert store.reflag_story(story, {}, ROUTES, NOW) == (0, 1)
    assert store.hits() == []
    other = Flag("park_development", 0.6, FLAG.evidence)
    found = {"industry_transfer": (1, FLAG), "park_development": (1, other)}
    assert store.reflag_story(story, found, {**ROUTES, "park_development": ("desk",)}, NOW) == (2, 0)
    assert told == ["desk", "team"]
    assert [(row["topic"], row["channel"]) for row in store.hits()] == [("park_development", "desk")]
    assert store.reflag_story(story, found, ROUTES, NOW) == (0, 0)
