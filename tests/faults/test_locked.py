"""A store that another process keeps, and runs that overlap: they wait or leave with a clear word; nothing is lost."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from alerts_desk import wait_for
from conftest import SOAK, environment, fengxiang
from fault_world import assert_whole, kill_at, needs_proc, open_patient, requests, rows, store_of
from test_lock import holder
from test_run import Desk

from crawler.store.condition import check

pytestmark = pytest.mark.slow  # `make test-slow`

RUN = (sys.executable, "-P", "-m", "crawler.cli", "run", "--all")
WRITER = """
import sys; from crawler.store import Store, Placement; from conftest import NOW, article
store = Store(f"sqlite:///{sys.argv[1]}")
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    assert not store.has_article(article(number).url)
    store.save_article(article(number), [number], Placement(), {}, NOW)
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    needs_proc()
    with ExitStack() as stack:
        yield open_patient(stack, tmp_path)


def run_while_locked(desk: Desk, seconds: float) -> "subprocess.CompletedProcess[str]":
    """Run, and take the store for so long once five articles are stored."""
    with subprocess.Popen(RUN, cwd=desk.folder, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: rows(desk) >= 5, 120)
        with closing(sqlite3.connect(store_of(desk), 30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            stored = rows(desk)
            thread = threading.Timer(seconds, lambda: None)
            thread.start()
            while thread.is_alive() and process.poll() is None:
                thread.join(0.1)
            thread.cancel()
            assert rows(desk) == stored
            other.execute("ROLLBACK")
        said = process.communicate()[1]
    return subprocess.CompletedProcess(RUN, process.returncode, "", said)


def test_run_waits_for_a_store_that_is_locked_for_ten_seconds(desk: Desk) -> None:
    done = run_while_locked(desk, 10)
    assert done.returncode == 0, done.stderr
    assert_whole(desk)


def test_run_gives_up_a_store_that_stays_locked(desk: Desk) -> None:
    begin = time.monotonic()
    done = run_while_locked(desk, 600)
    assert time.monotonic() - begin < 600
    assert done.returncode == 1, done.stderr
    assert "another process held it for more than 30 s" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert desk.run("--all").returncode == 0
    assert_whole(desk)


def test_second_start_leaves_at_once(desk: Desk) -> None:
    with holder(desk.folder / "var" / "run.lock") as process:
        for _ in range(1000 if SOAK else 5):
            done = desk.run("--all")
            assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
            assert done.stderr.startswith(f"fengxiang: already running: process {process.pid} on ")
        process.kill()
    assert desk.web.requests == []
    assert not store_of(desk).exists()


def test_of_many_starts_one_runs(desk: Desk) -> None:
    for _ in range(25 if SOAK else 1):
        starts = [
            subprocess.Popen(RUN, cwd=desk.folder, env=environment(), stderr=subprocess.DEVNULL) for _ in range(4)
        ]
        codes = [process.wait(600) for process in starts]
        # Who starts when the first has ended already runs, too, and finds nothing.
        assert set(codes) <= {0, 3}
        assert codes.count(0) >= 1
    assert_whole(desk)


def test_no_lock_is_left_by_a_killed_run(desk: Desk) -> None:
    lock = desk.folder / "var" / "run.lock"
    for point in (1, 4, 9, 15, 22, 30) if SOAK else (6,):
        assert kill_at(desk, ["run", "--all"], requests, point)
        assert json.loads(lock.read_text())["pid"]
    assert desk.run("--all").returncode == 0
    assert lock.read_text() == ""
    assert_whole(desk)


def test_two_processes_that_write_lose_nothing(tmp_path: Path) -> None:
    count, path = 1000 if SOAK else 150, tmp_path / "fx.db"
    assert fengxiang("alerts", "ledger", cwd=tmp_path, FENGXIANG_STORE_URL=f"sqlite:///{path}").returncode == 0
    folder = str(Path(__file__).parents[1])
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(begin), str(begin + count)],
            env=environment(PYTHONPATH=folder),
            stderr=subprocess.PIPE,
            text=True,
        )
        for begin in (0, count)
    ]
    for writer in writers:
        assert writer.communicate()[1] == ""
        assert writer.returncode == 0
    assert (check(path).articles, check(path).problems) == (2 * count, ())
