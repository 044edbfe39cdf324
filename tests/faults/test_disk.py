"""Disks that fill up, refuse writing or lose a page: a clear error, the right exit code, and nothing lost."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from random import Random

import pytest
from conftest import SOAK, environment, fengxiang
from fault_world import (
    PAGE,
    Measure,
    assert_sound,
    assert_whole,
    left_over,
    messages,
    needs_proc,
    open_patient,
    publish,
    requests,
    rows,
    store_of,
)
from test_kill import fill
from test_run import Desk

from crawler.store.condition import check

pytestmark = pytest.mark.slow  # `make test-slow`

MIB = 2**20
FULL = ("the disk is full", "the disk is nearly full", "No space left on device", "check its space")


def mounted(stack: ExitStack, *arguments: str) -> None:
    """Mount until the stack is left; skip the test where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    stack.callback(subprocess.run, ["umount", "-l", arguments[-1]], check=True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose folder is a small disk of its own."""
    needs_proc()
    (tmp_path / "disk").mkdir()
    with ExitStack() as stack:
        mounted(stack, "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(tmp_path / "disk"))
        yield open_patient(stack, tmp_path / "disk")


def fill_up(folder: Path, left: int = 0) -> Path:
    """Fill the disk but for so many bytes; return the file that does."""
    filler, status = folder / "filler", os.statvfs(folder)
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        for _ in range((status.f_bavail * status.f_frsize - left) // PAGE):
            file.write(bytes(PAGE))
        while not left:
            file.write(bytes(PAGE))
    return filler


FILLING: list[tuple[Measure, int]] = [(rows, 9), (messages, 1)]
if SOAK:
    FILLING += [(requests, point) for point in range(1, 55, 6)] + [(rows, point) for point in range(1, 46, 5)]


@pytest.mark.parametrize(("measure", "point"), FILLING)
def test_disk_that_fills_up_during_a_run(measure: Measure, point: int, desk: Desk) -> None:
    command = [sys.executable, "-P", "-m", "crawler.cli", "run"]
    with subprocess.Popen(command, cwd=desk.folder, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        while measure(desk, process.pid) < point:
            assert process.poll() is None
        process.send_signal(signal.SIGSTOP)  # else a fast run ends before the disk is full
        filler = fill_up(desk.folder)
        process.send_signal(signal.SIGCONT)
        said = process.communicate()[1]
    assert process.returncode == 1, said
    assert any(word in said.splitlines()[-1] for word in FULL), said
    assert "Traceback" not in said
    assert desk.run("--all").returncode == 1
    assert left_over(desk.folder) == []
    filler.unlink()
    assert_sound(desk, kills=1)
    stored = rows(desk)
    done = desk.run("--all")
    assert done.returncode == 0, done.stderr
    assert rows(desk) >= stored
    assert_whole(desk, kills=1)


def test_nothing_is_begun_on_a_full_disk(desk: Desk) -> None:
    assert desk.run().returncode == 0
    new = publish(desk, 0)
    asked, told = len(desk.web.requests), messages(desk, 0)
    for left in (0, 6 * MIB):
        filler = fill_up(desk.folder, left)
        done = desk.run("--all")
        assert done.returncode == 1
        assert any(word in done.stderr for word in FULL), done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        filler.unlink()
    assert (len(desk.web.requests), messages(desk, 0)) == (asked, told)
    assert desk.run("--all").returncode == 0
    assert_whole(desk, [new.title])


@pytest.mark.parametrize(
    "command", [("export", "-o", "out"), ("export", "--format", "csv", "-o", "out"), ("db", "backup", "out")]
)
def test_what_does_not_fit_leaves_the_file_before_it(command: tuple[str, ...], desk: Desk) -> None:
    fill(store_of(desk), 3000)
    (desk.folder / "out").write_text("before")
    filler = fill_up(desk.folder, MIB)
    done = fengxiang(*command, cwd=desk.folder)
    assert done.returncode == 1
    assert any(word in done.stderr for word in FULL), done.stderr
    assert done.stderr.count("\n") == 1
    assert (desk.folder / "out").read_text() == "before"
    assert left_over(desk.folder) == []
    filler.unlink()
    assert fengxiang(*command, cwd=desk.folder).returncode == 0
    assert check(store_of(desk)).articles == 3000


@pytest.fixture
def used(tmp_path: Path) -> Iterator[Desk]:
    """A desk after its first run, with one article that came since."""
    needs_proc()
    with ExitStack() as stack:
        desk = open_patient(stack, tmp_path)
        assert desk.run().returncode == 0
        publish(desk, 0)
        yield desk


def test_store_that_may_not_be_written(used: Desk) -> None:
    before, asked = rows(used), len(used.web.requests)
    for path in (store_of(used), store_of(used).parent):
        with ExitStack() as stack:
            mounted(stack, "--bind", str(path), str(path))
            subprocess.run(["mount", "-o", "remount,bind,ro", str(path)], check=True)
            done = used.run("--all")
            assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
            assert "check the owner" in done.stderr or "Read-only file system" in done.stderr
            assert check(store_of(used)).articles == before
    assert len(used.web.requests) == asked
    assert used.run("--all").returncode == 0
    assert_whole(used, [used.web.articles[0].title])


def overwrite(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(Random(page).randbytes(PAGE))


def test_store_with_a_lost_page_is_kept_as_it_is(used: Desk) -> None:
    path, copy = store_of(used), used.folder / "copy.db"
    with closing(sqlite3.connect(path)) as connection, connection:  # the first run of a day looks
        connection.execute("UPDATE runs SET started_at = datetime(started_at, '-1 day')")
    assert fengxiang("db", "backup", "copy.db", cwd=used.folder).returncode == 0
    before, asked, told = path.read_bytes(), len(used.web.requests), messages(used, 0)
    pages = len(before) // PAGE
    for page in range(1, pages, 7) if SOAK else (pages // 5, pages // 2, pages - 2):
        path.write_bytes(before)
        overwrite(path, page)
        damaged = path.read_bytes()
        done = used.run("--all")
        assert (done.returncode, "damaged: keep the file" in done.stderr) == (1, True), (page, done.stderr)
        assert "fengxiang db restore" in done.stderr
        assert "Traceback" not in done.stderr
        assert path.read_bytes() == damaged
    for command in (("export", "-o", "articles.jsonl"), ("db", "check"), ("db", "backup", "copy.db")):
        done = fengxiang(*command, cwd=used.folder)
        assert (done.returncode, "damaged" in done.stderr + done.stdout) == (1, True), command
    assert (len(used.web.requests), messages(used, 0)) == (asked, told)
    assert check(copy).problems == ()
    assert fengxiang("db", "restore", "copy.db", cwd=used.folder).returncode == 0
    assert used.run("--all").returncode == 0
    assert_whole(used, [used.web.articles[0].title])
