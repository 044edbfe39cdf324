"""Clocks that are wrong, hosts in other time zones, summer time, articles from the future: through the real command.

Each run is a process that believes another time (libfaketime), also that of the processes it starts.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import environment, fengxiang
from fault_world import (
    assert_told,
    assert_whole,
    be_patient,
    clock_of,
    doubled,
    needs_faketime,
    needs_proc,
    open_patient,
    publish,
    rows,
    told,
)
from test_run import Desk

from crawler.dates import CST
from crawler.sample.demo import write_configuration
from crawler.sample.sinks import SmtpSink, WebhookSink
from crawler.sample.web import SampleWeb

pytestmark = pytest.mark.slow  # `make test-slow`

SUBSCRIBERS = """\
[[subscriber]]
name = "招商处"
channels = ["mail", "chat"]
[[subscriber.rule]]
cadence = "morning"
"""
ONE = ("--source", "cn_cehome_hangye")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    needs_proc()
    needs_faketime()
    with ExitStack() as stack:
        yield open_patient(stack, tmp_path)


def run_at(desk: Desk, moment: datetime | timedelta, *options: str, **variables: str) -> str:
    """Run at a moment, or by a clock that is wrong by so much; return the line of totals."""
    shift = moment - datetime.now(UTC) if isinstance(moment, datetime) else moment
    command = (*clock_of(shift), sys.executable, "-P", "-m", "crawler.cli", "run", *options)
    done = subprocess.run(
        command, cwd=desk.folder, env=environment(**variables), text=True, capture_output=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wrong_clock_loses_doubles_and_silences_nothing(desk: Desk) -> None:
    assert run_at(desk, timedelta()).startswith("2 sources read, 46 new")
    titles = []
    for number, shift in enumerate((-timedelta(days=1), timedelta(days=1), -timedelta(hours=1), timedelta())):
        titles.append(publish(desk, number).title)
        said = run_at(desk, shift)
        assert said.startswith("2 sources read, 1 new articles"), f"{shift}: {said}"
        assert_told(desk, titles)
    assert " 0 new articles, 0 alerts sent" in run_at(desk, timedelta())
    assert_whole(desk, titles)


def test_morning_brief_comes_once_whatever_the_clock_does(desk: Desk) -> None:
    (desk.folder / "subscribers.toml").write_text(SUBSCRIBERS, "utf-8")
    first = datetime.now(CST).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=2)
    hour, day = timedelta(hours=1), timedelta(days=1)
    run_at(desk, first - 12 * hour, "--all")
    titles = []

    def found(number: int, when: datetime) -> None:
        titles.append(publish(desk, number, when).title)
        run_at(desk, when, *ONE)

    found(0, first - 11 * hour)
    for when in (first + hour / 6, first - hour / 2):  # the brief, then back by forty minutes
        run_at(desk, when)
    assert_told(desk, titles)
    found(1, first - hour / 3)
    run_at(desk, first + hour / 6)  # eight o'clock once more
    assert sum(titles[1] in text for text in told(desk)["mail"]) == 0
    found(2, first + 2 * day + hour)  # two days ahead; the brief of the day before is due at once
    run_at(desk, first + day + hour)
    for later in (3, 4):
        run_at(desk, first + later * day + hour / 6)
    assert_whole(desk, titles)
    briefs = [text.splitlines()[0] for text in told(desk)["mail"] if "晨报" in text.splitlines()[0]]
    assert max(Counter(briefs).values()) == 1, briefs


def test_article_from_the_future_is_told_and_is_not_the_first_for_ever(desk: Desk) -> None:
    run_at(desk, timedelta())
    future = publish(desk, 0, datetime.now(CST) + timedelta(days=400))
    known = publish(desk, 1)
    assert " 2 new articles" in run_at(desk, timedelta(hours=2))
    assert_whole(desk, [future.title, known.title])
    record = {record["title"]: record for record in desk.exported()}[future.title]
    assert record["publish_time"] is None  # nobody believes the page
    said = fengxiang("health", cwd=desk.folder)
    assert said.returncode == 0, said.stdout + said.stderr


def change_of_clocks(zone: str, *, forward: bool) -> datetime:
    """Return the next moment at which the clocks of a zone are put forward, or back."""
    place, moment = ZoneInfo(zone), datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    while True:
        before, after = ((moment + timedelta(hours=step)).astimezone(place).utcoffset() for step in (-1, 0))
        if before and after and before != after and (after > before) == forward:
            return moment
        moment += timedelta(hours=1)


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "back"])
def test_host_elsewhere_whose_clocks_are_put(forward: bool, tmp_path: Path) -> None:
    needs_proc()
    needs_faketime()
    zone, change = "America/New_York", change_of_clocks("America/New_York", forward=forward)
    with (
        SampleWeb(change.astimezone(CST).date()) as web,
        SmtpSink() as mail,
        WebhookSink() as hook,
    ):
        desk = Desk(tmp_path, web, mail, hook)
        be_patient(write_configuration(tmp_path, web, mail, hook))
        begin = change - timedelta(minutes=30)
        assert run_at(desk, begin, TZ=zone).startswith("2 sources read, 46 new")
        new = publish(desk, 0, (change + timedelta(minutes=10)).astimezone(CST))
        assert run_at(desk, begin + timedelta(minutes=65), TZ=zone).startswith("2 sources read, 1 new")
        assert_whole(desk, [new.title])
        times = {record["canonical_url"]: record["publish_time"] for record in desk.exported()}
        assert times == {one.url: one.published.isoformat(timespec="seconds") for one in web.articles}
        before, count = (tmp_path / "articles.jsonl").read_bytes(), rows(desk)
        other = "UTC" if forward else "Asia/Shanghai"  # the host is moved, with its store
        assert run_at(desk, begin + timedelta(minutes=66), "--all", TZ=other).startswith("2 sources read, 0 new")
        assert ((tmp_path / "articles.jsonl").read_bytes(), rows(desk)) == (before, count)
        assert doubled(desk) == {"mail": 0, "hook": 0}
