"""Faults planted in real sites: each is named rightly, told once, and its end told once. Through the real command."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import fengxiang
from health_faults import CHALLENGE, NOWHERE, Desk, SecureSite, Site, page

from crawler.health import CAUSES
from crawler.sample.server import Page, Request

pytestmark = pytest.mark.slow  # `make test-slow`

GONE = page("<html><head><title>提示</title></head><body><p>抱歉，您访问的页面不存在。</p></body></html>")
REDESIGNED = page(
    f"<html><body><div id='app'>{'政务公开 办事服务 互动交流 ' * 40}</div><a href='/b'>更多</a></body></html>"
)
EMPTY = page("<html><head><title>文章</title></head><body><div id='app'></div></body></html>")
Fault = Callable[[Request], Page | None]
REFUSE = Page(b"User-agent: *\nDisallow: /\n", "text/plain")


def on_list(answer: Page) -> Fault:
    return lambda request: answer if request.path == "/list/" else None


def everywhere(answer: Page) -> Fault:
    return lambda request: NOWHERE if request.path == "/robots.txt" else answer


FAULTS: dict[str, tuple[str | None, Fault | None]] = {
    "cn_moved": ("moved", on_list(NOWHERE)),
    "cn_elsewhere": ("moved", on_list(Page(b"", status=302, headers={"Location": "/"}))),
    "cn_blocked": ("blocked", everywhere(page(CHALLENGE, 412))),
    "cn_challenge": ("blocked", everywhere(page(CHALLENGE))),
    "cn_soft404": ("soft404", on_list(GONE)),
    "cn_redesign": ("parser", on_list(REDESIGNED)),
    "cn_empty": ("parser_articles", lambda request: EMPTY if request.path.startswith("/a/") else None),
    "cn_robots": ("robots", lambda request: REFUSE if request.path == "/robots.txt" else None),
    "cn_broken": ("server", on_list(page("<html><body>Bad Gateway</body></html>", 502))),
    "cn_tls": ("tls", None),
    "cn_dns": ("dns", None),
    "cn_refused": ("connection", None),
    "cn_well": (None, None),
}
ROUNDS = 3


class Course:
    """What happened: all well, then every fault at once, then all well again."""

    def __init__(self, folder: Path) -> None:
        sites = {name: Site([0.1, 1, 2], fault) for name, (_, fault) in FAULTS.items()}
        with Desk(folder, sites) as desk:
            secure = SecureSite(folder)
            secure.server.start()
            self.before = desk.run()
            for site in sites.values():
                site.broken = True
                site.publish(0, 0)
            desk.point("cn_tls", f"https://{secure.server.address}/list/")
            desk.point("cn_dns", "http://no-such-host.invalid/list/")
            desk.point("cn_refused", "http://127.0.0.1:1/list/")
            self.during = [desk.run() for _ in range(ROUNDS)]
            self.health = json.loads(fengxiang("health", "--json", cwd=folder).stdout)
            self.table = fengxiang("health", cwd=folder)
            self.told_down = desk.told()
            for name, site in sites.items():
                site.broken = False
                site.publish(0)
                desk.point(name, f"http://{site.server.address}/list/")
            secure.server.stop()
            self.after = [desk.run() for _ in range(2)]
            self.told_up = desk.told()[len(self.told_down) :]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("faults"))


class TestFaults:
    def test_all_is_well_before(self, course: Course) -> None:
        assert course.before.returncode == 0, course.before.stderr

    def test_every_fault_is_named_rightly(self, course: Course) -> None:
        found = {row["source"]: row["cause"] for row in course.health["sources"]}
        assert found == {name: cause for name, (cause, _) in FAULTS.items()}
        states = {row["source"]: row["state"] for row in course.health["sources"]}
        assert {name for name, state in states.items() if state == "down"} == set(FAULTS) - {"cn_well"}

    def test_status_and_reason_stand_with_the_cause(self, course: Course) -> None:
        rows = {row["source"]: row for row in course.health["sources"]}
        assert {name: rows[name]["status"] for name in ("cn_moved", "cn_blocked", "cn_broken")} == {
            "cn_moved": 404,
            "cn_blocked": 412,
            "cn_broken": 502,
        }
        assert all(row["reason"] for name, row in rows.items() if name != "cn_well")

    def test_every_fault_is_told_once(self, course: Course) -> None:
        words = "\n".join(course.told_down)
        for name, (cause, _) in FAULTS.items():
            assert words.count(f"{name}（{name}） 采集失败") == (cause is not None)
            assert cause is None or CAUSES[cause].label in words
        assert "本机网络" not in words

    def test_no_failing_run_is_called_a_success(self, course: Course) -> None:
        failed = course.during[0].stdout.strip().partition("failed: ")[2].partition(";")[0]
        assert set(failed.split(", ")) == set(FAULTS) - {"cn_well"}
        assert [run.returncode for run in course.during] == [1] * ROUNDS

    def test_every_recovery_is_told_once(self, course: Course) -> None:
        assert [run.returncode for run in course.after] == [0, 0], course.after[0].stderr
        words = "\n".join(course.told_up)
        for name, (cause, _) in FAULTS.items():
            assert words.count(f"{name}（{name}） 已恢复") == (cause is not None)

    def test_table_shows_what_is_wrong(self, course: Course) -> None:
        assert course.table.returncode == 1
        *_, line = course.table.stdout.splitlines()
        assert line == "13 sources checked, 0 late against their own rhythm, 0 gaps, 12 down"
        assert "quarantined\tcn_empty" in course.table.stdout


def test_article_that_does_not_come_for_days_makes_no_gap(tmp_path: Path) -> None:
    """The list moves on until nothing on it was known before the trouble, but every run led to the one before."""
    broken = page("<html><body>Bad Gateway</body></html>", 502)
    site = Site([1, 2, 3, 4], lambda request: broken if request.path == "/a/4.html" else None)
    site.shown = 4
    with Desk(tmp_path, {"cn_short": site}) as desk:
        assert desk.run().returncode == 0
        site.broken = True
        codes = []
        for age in (0.5, 0.4, 0.3, 0.2, 0.1):  # the first of them does not come
            site.publish(age)
            codes.append(desk.run().returncode)
        site.publish(0.05)
        codes.append(desk.run().returncode)
        assert codes == [1, 1, 1, 1, 0, 0]
        assert not any("采集缺口" in words for words in desk.told())
    assert json.loads(fengxiang("health", "--json", cwd=tmp_path).stdout)["gaps"] == []


def test_list_that_does_not_reach_what_is_known_is_a_gap_and_told_once(tmp_path: Path) -> None:
    site = Site([1, 2, 3, 4])
    site.shown = 4
    with Desk(tmp_path, {"cn_short": site}) as desk:
        assert desk.run().returncode == 0
        site.publish(0.3, 0.2)
        desk.run()
        assert desk.told() == []
        site.publish(0.16, 0.15, 0.14, 0.13, 0.12, 0.11)  # two more than the list shows
        desk.run()
        [told] = desk.told()
        desk.run()
        site.publish(0.1)
        desk.run()
        assert desk.told() == [told]
    assert told.startswith("【风向】采集缺口：cn_short（cn_short）")
    [gap] = json.loads(fengxiang("health", "--json", cwd=tmp_path).stdout)["gaps"]
    assert (gap["after_url"][-9:], gap["before_url"][-9:]) == ("/a/5.html", "/a/8.html")
