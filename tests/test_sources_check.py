"""`sources check` against real servers: what it finds, what it leaves alone, and that the web cannot write our page."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import article, fengxiang
from test_families import FAILING, SETTINGS

from crawler.check import Finding, html_report, lines
from crawler.check.findings import doubts, seen
from crawler.dates import CST
from crawler.sample.families import FamilyWeb
from crawler.sources import Source

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def web() -> Iterator[FamilyWeb]:
    with FamilyWeb(datetime.now(CST).date()) as opened:
        yield opened


@pytest.fixture(scope="module")
def desk(web: FamilyWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check")
    web.write_sources(folder / "sources")
    (folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    return folder


def test_every_family_is_met_within_its_bounds_and_nothing_is_kept(web: FamilyWeb, desk: Path) -> None:
    done = fengxiang("sources", "check", "--all", "--report", "report.html", cwd=desk)
    verdicts = dict(re.findall(r"^(\w+)  (ok|failed|refused)  ", done.stdout, re.MULTILINE))
    assert {source for source, verdict in verdicts.items() if verdict != "ok"} == FAILING, done.stdout + done.stderr
    assert done.returncode == 1
    paths = {(hit.host, hit.path) for hit in web.requests}
    for corner in web.corners:
        for source, planted in corner.planted.items():
            asked = {a.path for a in planted if (corner.host, a.path) in paths}
            assert len(asked) <= 3, source
    with sqlite3.connect(desk / "var" / "fengxiang.db") as connection:
        for table in ("articles", "pages", "sweeps", "runs", "outbox"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    connection.close()
    assert all(f'id="{source}"' in (desk / "report.html").read_text("utf-8") for source in verdicts)
    kept = [line.split("\t") for line in fengxiang("sources", "checks", cwd=desk).stdout.splitlines()]
    assert {row[0]: row[2] for row in kept} == verdicts
    assert {row[1] for row in kept} == {f"{datetime.now(CST):%Y-%m-%d}"}


SOURCE = Source(
    name="示例省发展和改革委员会",
    kind="department",
    family="trs",
    list_urls=("https://fgw.example/tzgg/",),
    article=r"/t(?P<date>\d{8})_\d+\.html$",
)
URL = "https://fgw.example/t20261120_7.html"
BODY = "经研究，现将有关事项通知如下，请各地各部门结合实际认真贯彻执行，并及时报送进展情况。"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"publish_time": NOW - timedelta(days=6)}, ""),
        ({"publish_time": None}, "no date found"),
        ({"publish_time": NOW + timedelta(days=40)}, "the date 2027-01-05 is not plausible"),
        ({"publish_time": datetime(1970, 1, 1, tzinfo=UTC)}, "the date 1970-01-01 is not plausible"),
        ({"publish_time": NOW - timedelta(days=60)}, "the page says 2026-09-27, its address 2026-11-20"),
        ({"publish_time": NOW - timedelta(days=6), "body": "返回首页"}, "only 4 characters of text"),
    ],
)
def test_doubts_name_the_cause(values: dict[str, object], said: str) -> None:
    found = list(doubts(article(**({"url": URL, "body": BODY} | values)), SOURCE, NOW))
    assert found == ([f"article {URL}: {said}"] if said else [])


def test_what_the_web_says_is_no_markup_and_no_control_sequence() -> None:
    nasty = article(title="<script>alert(1)</script>\x1b[2J", body='"><img src=x onerror=alert(2)>' * 9)
    finding = Finding(source="gs_a", name="甲", family="trs", at=NOW, articles=[seen(nasty)])
    finding.problems = ["list http://a.example/<b>: HTTP 500"]
    page = html_report([finding], NOW)
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert "content=\"default-src 'none'" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\x1b" not in "".join(lines(finding))


@pytest.mark.parametrize("arguments", [[], ["--all", "cn_busy"]])
def test_what_to_check_must_be_said(tmp_path: Path, arguments: list[str]) -> None:
    done = fengxiang("sources", "check", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "fengxiang: name the sources to check, or say --all\n")


def test_wrong_family_is_told(web: FamilyWeb, desk: Path, tmp_path: Path) -> None:
    text = (desk / "sources" / "cn_trs.toml").read_text("utf-8")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "cn_trs.toml").write_text(text.replace('family = "trs"', 'family = "jpage"'), "utf-8")
    (tmp_path / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    done = fengxiang("sources", "check", "cn_trs", cwd=tmp_path)
    assert "the list bears the marks of family 'trs', the file says 'jpage'" in done.stdout, done.stdout
