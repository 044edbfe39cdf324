"""One run at a time: a lock file with owner and age. The kernel frees the lock of a killed process."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from crawler.errors import FengxiangError


class AlreadyRunning(FengxiangError):
    """Another run holds the lock; this one did nothing."""

    exit_code = 3


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Hold the lock, or raise AlreadyRunning that names its owner and age."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab", buffering=0)
    except OSError as error:
        raise FengxiangError(f"lock {path}: cannot be opened: {error.strerror}; see [run] lock_file") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"already running: {_owner(path)}; lock {path}") from None
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
        with suppress(OSError):  # on a full disk the lock holds all the same, and whoever needs the disk tells
            file.truncate(0)  # what a killed run left
            file.write(json.dumps(owner).encode())
        yield
        file.truncate(0)


def _owner(path: Path) -> str:
    try:
        owner = json.loads(path.read_text("utf-8"))
        age = datetime.now(UTC) - datetime.fromisoformat(owner["since"])
        return f"process {owner['pid']} on {owner['host']} for {int(age.total_seconds())} s"
    except (OSError, ValueError, KeyError):
        return "a process that has just begun"
