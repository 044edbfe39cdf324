"""A schedule in short: runs an hour apart by their clock, a fault drawn for each, and what must hold after every one.

SOAK_RUNS is the number of runs, SOAK_SEED the seed; both have defaults, and the seed stands in the log.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from conftest import SOAK, environment
from fault_world import (
    PAGE,
    Measure,
    assert_sound,
    assert_whole,
    clock_of,
    doubled,
    drafted,
    kill_at,
    log,
    logged,
    messages,
    needs_faketime,
    needs_proc,
    open_patient,
    publish,
    reading,
    requests,
    rows,
)
from test_kill import SEED
from test_run import Desk

from crawler.dates import CST
from crawler.sample.cehome import WWW

pytestmark = pytest.mark.slow  # `make test-slow`

RUNS = int(os.environ.get("SOAK_RUNS") or (120 if SOAK else 5))
HOUR = timedelta(hours=1)
LIST = "/news/hangye/"
FAULTS = ("none", "kill", "kill", "site", "channel", "clock")
POINTS: list[tuple[Measure, int]] = [(requests, 5), (reading, 5), (rows, 1), (logged, 20), (messages, 1), (drafted, 1)]


class Soak:
    """The desk in the middle of the schedule."""

    def __init__(self, desk: Desk, random: Random) -> None:
        self.desk, self.random = desk, random
        self.kills = 0
        self.faults: Counter[str] = Counter()
        self.figures: list[tuple[int, int, int]] = []  # of runs without a fault: KiB, descriptors, bytes of the store

    def run(self, shift: timedelta, fault: str = "none") -> None:
        """Run once by a clock that is so far ahead, with the fault."""
        desk, random = self.desk, self.random
        self.faults[fault] += 1
        desk.hook.refuse_next(0)
        desk.mail.refuse_next(0)
        if fault == "kill":
            measure, most = random.choice(POINTS)
            point, group = random.randint(1, most), random.random() < 0.5
            self.kills += kill_at(desk, ["run"], measure, point, group=group, **clock_of(shift))
            return
        if fault == "channel":
            desk.hook.refuse_next(2, status=random.choice((500, 503)))
            desk.mail.refuse_next(1, reply="451 4.3.0 try again later")
        if fault == "site":
            desk.web.put(WWW, LIST, b"", status=500)
        if fault == "clock":
            shift += random.choice((-24, -1, 24)) * HOUR
        code, *figures = self.usage(shift)
        if fault == "site":
            desk.web.restore(WWW, LIST)
        assert code in ({0} if fault in {"none", "clock"} else {0, 1}), fault
        if fault == "none":
            self.figures.append((figures[0], figures[1], logged(desk, 0) * PAGE))

    def usage(self, shift: timedelta) -> tuple[int, int, int]:
        """Run; return the exit code, the most memory in KiB, and the most descriptors that were open."""
        command, quiet = (sys.executable, "-P", "-m", "crawler.cli", "run"), subprocess.DEVNULL
        variables = environment(**clock_of(shift))
        process = subprocess.Popen(command, cwd=self.desk.folder, env=variables, stdout=quiet, stderr=quiet)
        most = 0
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, used.ru_maxrss, most
            with suppress(OSError):
                most = max(most, len(list(Path(f"/proc/{process.pid}/fd").iterdir())))
            time.sleep(0.01)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    needs_proc()
    needs_faketime()
    with ExitStack() as stack:
        yield open_patient(stack, tmp_path)


def test_schedule_with_faults(desk: Desk) -> None:
    log.warning("seed %s, %d runs", SEED, RUNS)
    random = Random(f"{SEED} soak")
    soak, titles = Soak(desk, random), list[str]()
    soak.run(timedelta())
    for number in range(1, RUNS):
        now = datetime.now(CST) + number * HOUR
        if random.random() < 0.6:
            titles.append(publish(desk, number, now).title)
        soak.run(number * HOUR, random.choice(FAULTS))
        assert_sound(desk, soak.kills)
    for number in range(3):  # the longest pause after a failed try is six hours
        soak.run((RUNS + 8 * number) * HOUR)
    assert_whole(desk, titles, soak.kills)
    memory, descriptors, sizes = zip(*soak.figures[1:], strict=True)
    log.warning("faults %s, %d killed, doubled %s", dict(soak.faults), soak.kills, doubled(desk))
    log.warning("KiB %s; descriptors %s; bytes %s", memory, descriptors, sizes)
    if len(memory) >= 20:
        third = len(memory) // 3
        assert max(memory[-third:]) < 1.1 * max(memory[:third])
        assert max(descriptors[-third:]) <= max(descriptors[:third])
    assert sizes[-1] - sizes[0] < 100_000 * (RUNS + 3)
