"""What several test files need: a store on disk, and a run of our own command against the sample web."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from forked import Forked, can_fork

from crawler.items import Article
from crawler.store import Store

SOAK = os.environ.get("SOAK") == "1"  # `make soak`: the long form of the faults
NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'fx.db'}")
    yield opened
    opened.close()


def article(number: int = 1, **values: Any) -> Article:
    """Return an article as the steps before the store leave it."""
    url = f"http://example.org/a/{number}.html"
    defaults = {
        "url": url,
        "canonical_url": url,
        "source": "gs_example",
        "title": f"第{number}号消息",
        "body": f"第{number}号消息的正文。",
        "fetched_at": NOW,
        "content_hash": f"{number:064d}",
    }
    return Article(**(defaults | values))


def environment(**more: str) -> dict[str, str]:
    """Return the environment without settings of whoever runs the tests.

    A command may keep the byte code of what it imports, as it does for a user: else each compiles all libraries.
    """
    ours = ("FENGXIANG_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


def fengxiang(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run our command as a user does; return what it printed and its exit code."""
    return command(arguments, cwd, environment(**variables), fork=can_fork(variables))


def command(
    arguments: Sequence[str], cwd: Path, env: dict[str, str], *, fork: bool, **reading: str
) -> subprocess.CompletedProcess[str]:
    """Run our command; `reading` says how `open` reads what it printed."""
    words = [sys.executable, "-P", "-m", "crawler.cli", *arguments]
    reading = {"encoding": "utf-8"} | reading
    with TemporaryFile("w+", **reading) as out, TemporaryFile("w+", **reading) as err:  # type: ignore[call-overload]
        if fork:
            process: Forked | subprocess.Popen[bytes] = Forked(arguments, cwd, env, out, err)
        else:
            process = subprocess.Popen(words, cwd=cwd, env=env, stdout=out, stderr=err)
        try:
            code = process.wait(600)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            raise
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())
