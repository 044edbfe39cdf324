"""kill -9 at 20 points of progress, then a rerun: nothing lost or stored twice, at most one message doubled."""

import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import environment
from test_run import Desk, open_desk

from crawler.store import Store

pytestmark = pytest.mark.slow  # `make test-slow`


def progress(desk: Desk) -> int:
    """Return how many things the outside has seen: requests and alerts."""
    return len(desk.web.requests) + len(desk.mail.messages) + len(desk.hook.messages)


def kill_at(desk: Desk, point: int) -> bool:
    """Start a run and kill it when that much progress is seen; return whether it was still running."""
    command = [sys.executable, "-P", "-m", "crawler.cli", "run"]
    with subprocess.Popen(command, cwd=desk.folder, env=environment(), stderr=subprocess.DEVNULL) as process:
        while progress(desk) < point:
            try:
                process.wait(0.001)
            except subprocess.TimeoutExpired:
                continue
            return False
        process.kill()
    return True


@pytest.mark.parametrize("point", range(2, 60, 3))
def test_killed_run_is_made_good(point: int, tmp_path: Path) -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, tmp_path)
        assert kill_at(desk, point), "the run ended before it could be killed: the point is of no use"
        done = desk.run("--all")
        assert done.returncode == 0, done.stdout + done.stderr
        stored = Counter(record["canonical_url"] for record in desk.exported())
        assert stored == Counter(article.url for article in desk.web.articles)
        flags = {(record["story_id"], flag["topic"]) for record in desk.exported() for flag in record["topics"]}
        store = Store(f"sqlite:///{desk.folder / 'var' / 'fengxiang.db'}")
        alerts = store.alert_counts()
        store.close()
        assert (set(alerts), sum(alerts.values())) == ({"sent", "counted"}, 2 * len(flags))
        for told in (len(desk.mail.messages), len(desk.hook.messages)):  # the first run is one message a channel
            assert 1 <= told <= 2
