"""Every family against its corner of the sample web, through the command that cron starts."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import fengxiang

from crawler.dates import CST
from crawler.families import FAMILIES
from crawler.sample.families import FamilyWeb
from crawler.sample.families.manners import Busy, Slow
from crawler.sample.families.press import Listing
from crawler.sources import load_sources

SETTINGS = """\
[crawl]
delay = 0.0
concurrent_hosts = 16
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
[export]
file = "articles.jsonl"
"""
FAILING = {"cn_refusing", "cn_feeds_hostile", "cn_away", "cn_glacial"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Desk"]:
    """One desk after its first run."""
    with FamilyWeb(datetime.now(CST).date()) as web:
        yield Desk(tmp_path_factory.mktemp("families"), web)


class Desk:
    """A user's folder with the corners' sources, read once."""

    def __init__(self, folder: Path, web: FamilyWeb) -> None:
        self.folder, self.web = folder, web
        web.write_sources(folder / "sources")
        (folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
        self.first = fengxiang("run", cwd=folder)
        self.served = list(zip(web.requests, web.times, strict=True))
        lines = (folder / "articles.jsonl").read_text("utf-8").splitlines()
        self.records: list[dict[str, Any]] = [json.loads(line) for line in lines]


def test_every_family_has_a_module_and_a_corner(desk: Desk) -> None:
    modules = {path.stem for path in (Path(__file__).parents[1] / "spiders").glob("*.py")} - {"__init__"}
    catalogue = load_sources([desk.folder / "sources"])
    assert not catalogue.errors
    assert modules == set(FAMILIES) == {source.family for source in catalogue.sources.values()}


def test_articles_are_what_the_pages_said(desk: Desk) -> None:
    written = {
        desk.web.local(f"http://{corner.host}{article.path}"): article
        for corner in desk.web.corners
        for articles in corner.planted.values()
        for article in articles
    }
    for record in desk.records:
        article = written[record["canonical_url"]]
        assert record["title"] == article.title
        assert record["body"] == "\n".join(article.paragraphs)
        assert record["publish_time"] == article.published.isoformat(timespec="seconds")


def test_sites_that_refuse_or_harm_are_reported_and_the_others_run(desk: Desk) -> None:
    assert desk.first.returncode == 1
    [failed] = [line for line in desk.first.stdout.splitlines() if "failed:" in line]
    assert set(failed.partition("failed: ")[2].split(", ")) == FAILING
    assert "blocked, HTTP 412" in desk.first.stderr
    assert "the document declares entities" in desk.first.stderr
    assert "asked to be left alone for 7200 s" in desk.first.stderr
    assert "robots.txt asks for 86400 s between two requests" in desk.first.stderr
    assert "Traceback" not in desk.first.stderr


def gaps(desk: Desk, host: str) -> list[tuple[int, float]]:
    """Return for each request of the first run its status and the seconds until the next one at the same host."""
    hits = [(hit.status, moment) for hit, moment in desk.served if hit.host == host]
    return [(status, after - moment) for (status, moment), (_, after) in pairwise(hits)]


def test_nothing_is_asked_earlier_than_a_busy_site_said(desk: Desk) -> None:
    waits = [gap for status, gap in gaps(desk, "busy.example") if status in {429, 503}]
    assert len(waits) == 2
    assert min(waits) >= Busy.wait
    assert [status for status, _ in gaps(desk, "away.example")] == [404]  # robots.txt, then one 429 and nothing more


def test_host_that_asked_for_two_hours_is_not_due_before(desk: Desk) -> None:
    lines = fengxiang("sources", "--due", cwd=desk.folder).stdout.splitlines()
    [line] = [line for line in lines if "\tcn_away\t" in line]
    due = datetime.strptime(f"{datetime.now(CST):%Y} {line[:11]} +0800", "%Y %m-%d %H:%M %z")
    assert abs(due - datetime.now(CST) - timedelta(hours=2)) < timedelta(minutes=10)
    assert line.endswith("\t1 failures in a row")


def test_crawl_delay_is_kept(desk: Desk) -> None:
    found = [gap for _, gap in gaps(desk, "slow.example")]
    assert len(found) == 3
    assert min(found) >= Slow.delay


def test_all_planted_articles_of_all_families_once_no_trap_and_no_article_request_in_the_second_run(desk: Desk) -> None:
    planted = {
        source: Counter(desk.web.local(f"http://{corner.host}{article.path}") for article in articles)
        for corner in desk.web.corners
        for source, articles in corner.planted.items()
    }
    found: dict[str, Counter[str]] = {}
    for record in desk.records:
        found.setdefault(record["source"], Counter())[record["canonical_url"]] += 1
    assert found == planted, desk.first.stderr
    before = len(desk.web.requests)
    again = fengxiang("run", "--all", cwd=desk.folder)
    assert " 0 new articles" in again.stdout, again.stderr
    asked = {(hit.host, hit.path) for hit in desk.web.requests[before:]}
    articles = {(corner.host, a.path) for corner in desk.web.corners for all_ in corner.planted.values() for a in all_}
    assert not articles & asked
    assert len(desk.web.requests) - before < before / 2
    traps = {(corner.host, path) for corner in desk.web.corners for path in corner.traps}
    assert not traps & {(hit.host, hit.path) for hit in desk.web.requests}


def test_only_what_is_new_is_read_and_known_articles_end_the_list(desk: Desk) -> None:
    before = len(desk.web.requests)
    [corner] = [corner for corner in desk.web.corners if isinstance(corner, Listing)]
    new = corner.publish()
    done = fengxiang("run", "--source", "cn_listing", cwd=desk.folder)
    assert done.stdout.startswith("1 sources read, 1 new articles"), done.stderr
    asked = [hit.path for hit in desk.web.requests[before:]]
    # The second page is read because the first held something new; it holds nothing new itself.
    assert sorted(asked) == sorted(["/robots.txt", "/col/news", new.path, "/col/news?pageIndex=2"])


def test_budget_of_articles_is_kept_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with FamilyWeb(datetime.now(CST).date()) as web:
        web.write_sources(tmp_path / "all")
        (tmp_path / "sources").mkdir()
        text = (tmp_path / "all" / "cn_trs.toml").read_text("utf-8")
        (tmp_path / "sources" / "cn_trs.toml").write_text("budget = 8\n" + text, "utf-8")
        (tmp_path / "fengxiang.toml").write_text(SETTINGS, "utf-8")
        said = [fengxiang("run", "--all", cwd=tmp_path).stdout for _ in range(2)]
    assert [line.split(", ")[1] for line in said] == ["8 new articles", "6 new articles"]
