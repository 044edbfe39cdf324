"""One run at a time, through real processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import fengxiang

from crawler.lock import AlreadyRunning, run_lock

HOLDER = """
import sys; from pathlib import Path; from crawler.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True); sys.stdin.read()
"""


def holder(lock: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLDER, str(lock)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_second_run_leaves_at_once_with_its_own_exit_code(tmp_path: Path) -> None:
    with holder(tmp_path / "var" / "run.lock") as process:
        done = fengxiang("run", cwd=tmp_path)
        assert done.returncode == 3
        assert done.stderr.startswith(f"fengxiang: already running: process {process.pid} on ")
        assert not (tmp_path / "var" / "fengxiang.db").exists()
        process.kill()


def test_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with holder(lock) as process:
        with pytest.raises(AlreadyRunning):
            run_lock(lock).__enter__()
        process.kill()
    assert json.loads(lock.read_text("utf-8"))["pid"] == process.pid
    with run_lock(lock):
        assert json.loads(lock.read_text("utf-8"))["pid"] != process.pid
    assert lock.read_text("utf-8") == ""
