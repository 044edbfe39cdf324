"""Past known articles: back to a day on demand, and once a month for what was slipped in late."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from conftest import fengxiang

from crawler.dates import CST
from crawler.depth import last_turn
from crawler.sample.families import FamilyWeb
from crawler.sample.families.press import Listing
from crawler.sample.sinks import WebhookSink
from crawler.store import ARCHIVE

SETTINGS = """\
[crawl]
delay = 0.0
concurrent_hosts = 16
[sources]
folders = ["sources"]
shipped = false
[topics]
folders = ["topics"]
shipped = false
[export]
file = "articles.jsonl"
"""
TOPIC = """\
name = "全部"
query = "标准厂房 OR 技能培训 OR 公交线路 OR 水利工程 OR 老旧小区 OR 秋粮 OR 安全生产"
"""
pytestmark = pytest.mark.slow  # `make test-slow`

MANNERS = {"cn_refusing", "cn_busy", "cn_away", "cn_slow", "cn_glacial", "cn_feeds_hostile"}
WIDE = {"cn_feeds", "cn_api"}  # whose lists have nothing behind their first page, or all of it within


class Desk:
    """A user's folder, whose sources read one page of a list."""

    def __init__(self, folder: Path, web: FamilyWeb, *sources: str, settings: str = SETTINGS) -> None:
        self.folder, self.web = folder, web
        web.write_sources(folder / "all")
        (folder / "sources").mkdir()
        (folder / "topics").mkdir()
        (folder / "topics" / "everything.toml").write_text(TOPIC, "utf-8")
        for path in (folder / "all").iterdir():
            if path.stem in sources or (not sources and path.stem not in MANNERS):
                text = re.sub(r"(?m)^pages = .*\n", "", path.read_text("utf-8")).replace("days = 4", "days = 2")
                (folder / "sources" / path.name).write_text("pages = 1\n" + text, "utf-8")
        (folder / "fengxiang.toml").write_text(settings, "utf-8")
        self.since = str(web.corners[0].today - timedelta(days=20))

    def run(self, *options: str) -> CompletedProcess[str]:
        return fengxiang("run", *options, cwd=self.folder)

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "articles.jsonl").read_text("utf-8").splitlines()]

    def found(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for record in self.records():
            found.setdefault(record["source"], Counter())[record["canonical_url"]] += 1
        return found

    def planted(self) -> dict[str, Counter[str]]:
        return {
            source: Counter(self.web.local(f"http://{corner.host}{article.path}") for article in articles)
            for corner in self.web.corners
            for source, articles in corner.planted.items()
            if source not in MANNERS
        }

    def alerts(self) -> list[tuple[str, str]]:
        """Return the address and state of every alert."""
        query = """SELECT canonical_url, state FROM outbox JOIN flags USING (story_id, topic)
            JOIN articles ON articles.id = flags.article_id"""
        with closing(sqlite3.connect(self.folder / "var" / "fengxiang.db")) as store:
            return store.execute(query).fetchall()


@pytest.fixture
def web() -> Iterator[FamilyWeb]:
    with FamilyWeb(datetime.now(CST).date()) as served:
        yield served


def test_back_filling_finds_the_rest_of_every_family_once_and_follows_no_trap(tmp_path: Path, web: FamilyWeb) -> None:
    desk = Desk(tmp_path, web)
    first = desk.run()
    assert first.returncode == 0, first.stdout + first.stderr
    planted, found = desk.planted(), desk.found()
    assert all(found[source] < articles for source, articles in planted.items() if source not in WIDE)
    filled = desk.run("--since", desk.since)
    assert filled.returncode == 0, filled.stdout + filled.stderr
    assert "stopped at" not in filled.stdout
    assert desk.found() == planted
    before = len(web.requests)
    assert " 0 new articles" in desk.run("--since", desk.since).stdout
    asked = {(hit.host, hit.path) for hit in web.requests[before:]}
    articles = {(corner.host, a.path) for corner in web.corners for all_ in corner.planted.values() for a in all_}
    assert not asked & articles
    traps = {(corner.host, path) for corner in web.corners for path in corner.traps}
    assert not traps & {(hit.host, hit.path) for hit in web.requests}


@pytest.mark.parametrize("limit", ["articles", "pages"])
def test_budget_is_kept_and_the_same_command_goes_on(tmp_path: Path, web: FamilyWeb, limit: str) -> None:
    settings = SETTINGS + ("[backfill]\narticles = 2\n" if limit == "articles" else "[backfill]\npages = 1\n")
    desk = Desk(tmp_path, web, "cn_listing", settings=settings)
    assert desk.run().returncode == 0
    told = [desk.run("--since", desk.since).stdout for _ in range(3)]
    saved = [int(text.split(", ")[1].split()[0]) for text in told]
    assert saved == ([2, 2, 0] if limit == "articles" else [3, 1, 0])
    reason = "the budget of 2 articles is used up" if limit == "articles" else "1 list pages with something new"
    assert f"cn_listing stopped at {web.local('http://listing.example/col/news?pageIndex=2')}, " in told[0]
    assert f": {reason}" in told[0]
    assert "stopped at" not in told[2]
    assert desk.found()["cn_listing"] == desk.planted()["cn_listing"]


def test_reading_ends_at_the_day_wanted(tmp_path: Path, web: FamilyWeb) -> None:
    desk = Desk(tmp_path, web, "cn_trs")
    assert desk.run().returncode == 0
    since = datetime.now(CST).date() - timedelta(days=2)
    assert desk.run("--since", str(since)).returncode == 0
    [corner] = [corner for corner in web.corners if corner.name == "trs"]
    wanted = {a.path for a in corner.planted["cn_trs"] if a.day >= since}
    first_pages = {hit.path for hit in web.requests if "/t2" in hit.path}
    assert wanted <= first_pages
    assert len(desk.found()["cn_trs"]) < len(corner.planted["cn_trs"])


def test_what_is_old_is_stored_and_flagged_but_only_counted(tmp_path: Path, web: FamilyWeb) -> None:
    desk = Desk(tmp_path, web, "cn_trs")
    with WebhookSink() as hook:
        text = f"version: 1\nurls:\n  - json://{hook.url.removeprefix('http://')}:\n      tag: chat\n"
        (tmp_path / "channels.yaml").write_text(text, "utf-8")
        assert desk.run().returncode == 0
        known = set(desk.found()["cn_trs"])
        told = len(hook.messages)
        done = desk.run("--since", desk.since)
        assert done.returncode == 0, done.stdout + done.stderr
        news = hook.messages[told:]
    filled = [record for record in desk.records() if record["canonical_url"] not in known]
    moments = {r["canonical_url"]: (r["fetched_at"], r["publish_time"]) for r in filled}
    ages = {u: datetime.fromisoformat(a) - datetime.fromisoformat(b) for u, (a, b) in moments.items()}
    old = {url for url, age in ages.items() if age > ARCHIVE}
    states = dict(desk.alerts())
    assert old
    assert old < set(ages)
    assert all(record["topics"] for record in filled)
    assert {states[url] for url in old} == {"counted"}
    assert {states[url] for url in set(ages) - old} == {"sent"}
    assert not [url for url in old for message in news if url in json.dumps(message)]
    assert f"{len(old)} flagged ones are old: counted, not sent" in done.stdout


def age_runs(folder: Path) -> None:
    """Make the runs of the store as old as two months."""
    moved = str(datetime.now(UTC).replace(tzinfo=None) - timedelta(days=61))
    with closing(sqlite3.connect(folder / "var" / "fengxiang.db")) as store, store:
        store.execute("UPDATE source_runs SET started_at = ?", [moved])


@pytest.mark.parametrize("swept", [True, False])
def test_article_slipped_in_late_is_found_once_a_month(tmp_path: Path, web: FamilyWeb, swept: bool) -> None:
    switch = "" if swept else "monthly_sweep = false\n"
    desk = Desk(tmp_path, web, "cn_listing", settings=SETTINGS.replace("[crawl]\n", "[crawl]\n" + switch))
    path = tmp_path / "sources" / "cn_listing.toml"
    path.write_text(path.read_text("utf-8").replace("pages = 1\n", "pages = 5\n"), "utf-8")
    assert desk.run().returncode == 0
    [corner] = [corner for corner in web.corners if isinstance(corner, Listing)]
    late = corner.slip_in()
    assert " 0 new articles" in desk.run("--all").stdout
    age_runs(tmp_path)
    done = desk.run("--all")
    assert f" {int(swept)} new articles" in done.stdout, done.stderr
    asked = len(web.requests)
    assert " 0 new articles" in desk.run("--all").stdout
    assert [hit.path for hit in web.requests[asked:]] == ["/robots.txt", "/col/news"]
    assert any(late.path == hit.path for hit in web.requests) is swept


def test_pages_without_since_is_a_mistake(tmp_path: Path) -> None:
    done = fengxiang("run", "--pages", "3", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "name a day with --since" in done.stderr


def test_every_source_has_its_day_of_the_month() -> None:
    now = datetime(2026, 3, 15, 4, tzinfo=UTC)
    turns = {f"gs_{number}": last_turn(f"gs_{number}", now) for number in range(300)}
    assert all(timedelta() <= now - turn < timedelta(days=31) for turn in turns.values())
    assert all((turn.hour, turn.tzinfo) == (0, CST) for turn in turns.values())
    days = Counter(turn.day for turn in turns.values())
    assert set(days) == set(range(1, 29))
    assert max(days.values()) < 30
    later = {name: last_turn(name, now + timedelta(days=31)) for name in turns}
    assert {(later[name].month - turns[name].month, later[name].day - turns[name].day) for name in turns} == {(1, 0)}
