"""Rhythm, states and causes by themselves; what is told when all sources fail at once."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, article, fengxiang

from crawler.alerts import Audience, Channels, load_channels
from crawler.dates import CST
from crawler.health import CAUSES, judge, tell_day
from crawler.health.causes import cause_of, status_of
from crawler.health.figures import report
from crawler.health.prometheus import metrics
from crawler.health.rhythm import appeared, learn
from crawler.health.states import Health, Reading, step
from crawler.health.watch import look_of
from crawler.sources import Source
from crawler.store import Placement, Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "http://a.example/list/"


def workdays(count: int) -> list[datetime]:
    days = [NOW - DAY * age for age in range(count)]
    return [day for day in days if day.weekday() < 5]


@pytest.mark.parametrize(
    ("moments", "limit"),
    [
        ([NOW - HOUR * 6 * n for n in range(100)], HOUR * 12),
        (workdays(60), DAY * 6),  # a weekend is no silence
        ([*workdays(40), *(day - DAY * 50 for day in workdays(40))], DAY * 6),  # nor is one holiday
        ([NOW - DAY * 7 * n for n in range(9)], DAY * 14),
        ([NOW - HOUR * n for n in range(100)], None),  # four days show no weekend
        ([NOW - DAY * 7 * n for n in range(8)], None),  # too few gaps
        ([NOW - timedelta(minutes=n) for n in range(59)], None),  # one publication
        ([], None),
    ],
)
def test_rhythm_is_the_sources_own(moments: list[datetime], limit: timedelta | None) -> None:
    rhythm = learn(moments)
    assert rhythm.limit == limit
    if limit:
        assert not rhythm.is_late(NOW, NOW + limit)
        assert rhythm.is_late(NOW, NOW + limit + HOUR)


def test_article_never_appeared_later_than_it_was_fetched() -> None:
    assert appeared(NOW + DAY, "minute", NOW) == NOW
    assert appeared(NOW - DAY * 3, "day", NOW) == NOW - DAY * 2
    assert appeared(None, None, NOW) == NOW


def course(*causes: str | None, late: bool = False) -> list[str]:
    """Return the changes that readings an hour apart lead to."""
    rhythm = learn([NOW - DAY * n for n in range(30)])
    health = Health(source="a_b", since=NOW, rhythm=rhythm, last_new=NOW - DAY * (9 if late else 0))
    told = []
    for number, cause in enumerate(causes):
        health, change = step(health, Reading(at=NOW + HOUR * number, cause=cause))
        told += [change] if change else []
    return [*told, health.state]


@pytest.mark.parametrize(
    ("causes", "told"),
    [
        ((None,), ["ok"]),
        (("dns",), ["suspect"]),
        (("dns", None), ["ok"]),
        (("dns", "dns", None, "dns", "dns"), ["suspect"]),
        (("dns",) * 9, ["down", "down"]),
        (("moved", "moved", "blocked", "blocked"), ["down", "down"]),
        (("moved", "moved", None), ["down", "recovered", "recovered"]),
        (("moved", "moved", None, None), ["down", "recovered", "ok"]),
        (("moved", "moved", None, "moved", "moved"), ["down", "recovered", "down", "down"]),
        (("network",) * 9, ["suspect"]),
        (("moved", "moved", "network", "network", None), ["down", "recovered", "recovered"]),
    ],
)
def test_each_trouble_is_told_once_and_its_end_once(causes: tuple[str | None, ...], told: list[str]) -> None:
    assert course(*causes) == told


def test_silence_is_told_once() -> None:
    assert course(None, None, None, late=True) == ["quiet", "quiet"]
    assert course(None, "dns", None, late=True)[0] == "quiet"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (f"list {URL}: HTTP 404", "moved"),
        (f"list {URL}: blocked, HTTP 412", "blocked"),
        (f"list {URL}: HTTP 429", "blocked"),
        (f"list {URL}: the host asked to be left alone for 7200 s", "blocked"),
        (f"list {URL}: Forbidden by robots.txt", "robots"),
        (f"list {URL}: robots.txt answered with HTTP 503", "robots"),
        (f"list {URL}: robots.txt is not to be had: DNS lookup failed: no results", "dns"),
        (f"list {URL}: robots.txt is not to be had: [<Failure OpenSSL.SSL.Error: certificate verify failed>]", "tls"),
        (f"list {URL}: robots.txt is not to be had: Connection was refused by other side: 111", "connection"),
        (f"list {URL}: DownloadTimeoutError: took longer than 30 seconds", "connection"),
        (f"list {URL}: HTTP 502", "server"),
        (f"list {URL}: browser: net::ERR_CONNECTION_RESET at {URL}", "connection"),
        (f"list {URL}: no page from the browser within 60 s", "browser"),
        (f"list {URL}: no article links; was the site redesigned?", "parser"),
        (f"list {URL}: reading took more than 10 s", "parser"),
        ("http://dns.example/ssl: 404", "internal"),
        ("store /x.db: the disk is full: free some space and run again", "internal"),
        ("ZeroDivisionError: division by zero", "internal"),
        ("ended early: shutdown", "unfinished"),
        ("2 article pages, none could be read", "parser_articles"),
    ],
)
def test_cause_follows_from_the_reason(reason: str, cause: str) -> None:
    assert cause_of([reason], {}) == cause
    assert cause in CAUSES


def test_trouble_of_the_list_counts_before_that_of_articles() -> None:
    problems = ["article http://a.example/1: HTTP 500", f"list {URL}: HTTP 404"]
    assert (cause_of(problems, {}), status_of(problems)) == ("moved", 404)
    assert cause_of([], {}) is None


SCRIPT = "<html><script>document.cookie='acw_sc__v2=1'</script></html>"
NEWS = f"<html><script src=a.js></script><body>{'某地发布新闻，' * 80}验证码</body></html>"


@pytest.mark.parametrize(
    ("status", "text", "look"),
    [
        (412, "<html><script>$_ts=1</script></html>", "challenge"),
        (200, SCRIPT, "challenge"),
        (200, NEWS, ""),
        (200, "<html><body><h1>您访问的页面不存在</h1></body></html>", "missing"),
        (200, "<html><script>go()</script><div id=app></div></html>", ""),
        (404, "<html><title>404 Not Found</title></html>", "missing"),
    ],
)
def test_pages_that_are_no_content(status: int, text: str, look: str) -> None:
    assert look_of(status, text.encode()) == look
    assert look_of(status, text.encode("gb18030")) == look


def source(name: str) -> Source:
    values: dict[str, Any] = {"kind": "portal", "family": "listing", "article": "/a/"}
    return Source(id=name, name=name, list_urls=(f"http://{name.replace('_', '-')}.example/list/",), **values)


SOURCES = {name: source(name) for name in ("gs_one", "gs_two", "gs_three")}


class Office:
    """A store and one channel; readings go in, titles of queued messages come out."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        (folder / "channels.yaml").write_text("urls: [{'json://127.0.0.1:1': {tag: ops}}]", "utf-8")
        self.channels: Channels = load_channels(folder / "channels.yaml")

    def take(self, now: datetime, outcome: dict[str, Any], *names: str) -> list[str]:
        whole = {"outcome": "failed", "reason": "why", "status": None, "cause": None, "counts": {}} | outcome
        judge(self.store, SOURCES, dict.fromkeys(names or SOURCES, whole), now, self.channels, Audience())
        return self.titles()

    def titles(self) -> list[str]:
        return [message["title"] for message in self.store.due_messages(NOW + DAY * 365)]


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(store, tmp_path)


def test_when_nobody_answers_it_is_our_own_network_and_one_alert(office: Office) -> None:
    for number in range(5):
        told = office.take(NOW + HOUR * number, {"cause": "dns"})
    assert told == ["【风向】来源故障：本机网络"]
    for number in range(5, 8):
        told = office.take(NOW + HOUR * number, {})
    assert told == ["【风向】来源故障：本机网络", "【风向】来源恢复：本机网络"]


def test_one_host_that_does_not_answer_is_not_our_network(office: Office) -> None:
    for number in range(5):
        office.take(NOW + HOUR * number, {}, "gs_one")
        told = office.take(NOW + HOUR * number, {"cause": "dns"}, "gs_two")
    assert told == ["【风向】来源故障：gs_two（gs_two）"]


def test_many_that_change_at_once_are_one_message(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {name: source(name) for name in ("gs_four", "gs_five")}
    monkeypatch.setattr("test_health.SOURCES", SOURCES | more)
    for number in range(4):
        told = office.take(NOW + HOUR * number, {"cause": "moved", "status": 404})
    assert told == ["【风向】来源状态变化：5 条"]


def test_silent_source_is_found_from_what_is_stored(office: Office) -> None:
    for age in range(30):
        when = NOW - DAY * (20 + age)
        kept = article(age, source="gs_one", publish_time=when, precision="minute", fetched_at=when + HOUR)
        office.store.save_article(kept, [], Placement(), {}, NOW)
    assert office.take(NOW, {"outcome": "ok"}, "gs_one", "gs_two") == ["【风向】来源久无更新：gs_one（gs_one）"]
    assert len(office.take(NOW + HOUR, {"outcome": "ok"}, "gs_one", "gs_two")) == 1
    found = report(office.store, SOURCES, NOW)
    assert found.line == "0 sources checked, 1 late against their own rhythm, 0 gaps"
    assert found.sources[0]["state"] == "quiet"
    fresh = article(99, source="gs_one", publish_time=NOW + HOUR, precision="minute", fetched_at=NOW + HOUR)
    office.store.save_article(fresh, [], Placement(), {}, NOW)
    assert office.take(NOW + HOUR * 2, {"outcome": "ok"}, "gs_one")[1:] == ["【风向】来源恢复：gs_one（gs_one）"]


def test_the_day_is_told_once_after_eight_to_marked_operators(office: Office, tmp_path: Path) -> None:
    text = "urls: [{'json://127.0.0.1:1': {tag: ops, operator: true}}, {'json://127.0.0.1:2': {tag: team}}]"
    (tmp_path / "marked.yaml").write_text(text, "utf-8")
    marked = load_channels(tmp_path / "marked.yaml")
    before = NOW.astimezone(CST).replace(hour=7)
    for now in (before, before + HOUR * 2, before + HOUR * 3, before + DAY + HOUR * 4):
        tell_day(office.store, SOURCES, marked, Audience(), now)
    told = [(message["channel"], message["title"]) for message in office.store.due_messages(NOW + DAY * 365)]
    assert told == [("ops", f"【风向】采集日报 {day.astimezone(CST):%m-%d}") for day in (NOW, NOW + DAY)]


def test_metrics_name_every_source_and_state(office: Office) -> None:
    office.take(NOW, {"cause": "moved"}, "gs_one")
    text = metrics(report(office.store, SOURCES, NOW))
    assert 'fengxiang_source_state{source="gs_one",state="suspect"} 1.0' in text
    assert 'fengxiang_source_state{source="gs_two",state="new"} 1.0' in text
    names = [line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")]
    assert all(f"# TYPE {name} gauge" in text for name in names)


def test_every_run_writes_the_figures_where_they_are_wanted(tmp_path: Path) -> None:
    settings = '[sources]\nshipped = false\n[topics]\nshipped = false\n[health]\nprometheus_file = "{}"\n'
    (tmp_path / "fengxiang.toml").write_text(settings.format("var/prom/fengxiang.prom"), "utf-8")
    before = datetime.now(UTC).timestamp()
    assert fengxiang("run", "--dry-run", cwd=tmp_path).returncode == 0
    assert not (tmp_path / "var").exists()
    assert fengxiang("run", cwd=tmp_path).returncode == 0
    [file] = (tmp_path / "var" / "prom").iterdir()
    [written] = re.findall(r"^fengxiang_written_seconds (\S+)$", file.read_text("utf-8"), re.MULTILINE)
    assert before <= float(written) <= datetime.now(UTC).timestamp()
    (tmp_path / "blocked").touch()
    (tmp_path / "fengxiang.toml").write_text(settings.format("blocked/fengxiang.prom"), "utf-8")
    done = fengxiang("run", cwd=tmp_path)
    assert (done.returncode, "see [health] prometheus_file" in done.stderr) == (1, True)
