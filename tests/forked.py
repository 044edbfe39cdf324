"""Our command in a process that is forked from one which has read the libraries already.

What it prints, does and exits with is that of `python -m crawler.cli`, which reads them for seconds of processor time:
here they are read once a process of pytest. What a command starts itself is started as ever.
"""

import importlib
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

LIBRARIES = (
    *("crawler.cli", "crawler.run", "crawler.crawl", "crawler.topics", "crawler.guard", "crawler.vendors.services"),
    *("apprise", "alembic.command", "spiders.listing", "pipelines.clean", "pipelines.dedupe", "pipelines.flag"),
)
NUMBER = struct.Struct("!q")
LONGEST = 100_000  # bytes of a request
READ_AT_START = ("PYTHON", "LC_", "LANG")  # variables that a process heeds only when it begins
CLOCK = ("LD_PRELOAD", "FAKETIME_", "NO_FAKE_STAT")  # libfaketime's: it is told the time later, by FAKETIME

STARTING = threading.Lock()


def can_fork(variables: Mapping[str, str]) -> bool:
    """Return whether a forked command would be as one that is started with these variables besides ours."""
    return sys.platform == "linux" and not any(name.startswith(READ_AT_START) for name in variables)


class Forked:
    """A command that goes on or has ended, as `subprocess.Popen`; it needs open files to print to."""

    def __init__(
        self,
        arguments: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        out: IO[str],
        err: IO[str],
        *,
        session: bool = False,
    ) -> None:
        self._answers, theirs = socket.socketpair()
        request = pickle.dumps((list(arguments), str(cwd), dict(env), session))
        assert len(request) < LONGEST
        with theirs:
            clock = frozenset((name, value) for name, value in env.items() if name.startswith(CLOCK))
            with STARTING:
                door = _door(clock)
            socket.send_fds(door, [request], [out.fileno(), err.fileno(), theirs.fileno()])
        self.returncode: int | None = None
        self.pid = self._number()

    def poll(self) -> int | None:
        """Return the exit code, or None while it goes on."""
        if self.returncode is None and select.select([self._answers], [], [], 0)[0]:
            self.returncode = self._number()
            self._answers.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended."""
        if self.returncode is None and not select.select([self._answers], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("fengxiang", timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def _number(self) -> int:
        data = self._answers.recv(NUMBER.size, socket.MSG_WAITALL)
        return int(NUMBER.unpack(data)[0])


@cache
def _door(clock: frozenset[tuple[str, str]]) -> socket.socket:
    """Start the process that has read the libraries; it ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("FENGXIANG_")}
    variables |= dict(clock) | {"FAKETIME_NO_CACHE": "1"}
    with theirs:
        hand_over = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)]
        os.posix_spawn(sys.executable, [sys.executable, "-P", __file__], variables, file_actions=hand_over)
    return ours


def serve(door: socket.socket) -> None:
    """Fork for each request; return in the process that is to be the command."""
    for name in LIBRARIES:
        importlib.import_module(name)
    # It reads the settings of the folder in which a command is started.
    del sys.modules["crawler.settings"], sys.modules["crawler"].settings  # type: ignore[attr-defined]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, files, _, _ = socket.recv_fds(door, LONGEST, 3)
        if not request:
            os._exit(0)
        if not os.fork():
            door.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if _watched(files[2]):
                return _become(files, *pickle.loads(request))
        for file in files:
            os.close(file)


def _watched(answers: int) -> bool:
    """Fork; return True in the new process, and in the old one tell its number, and how it ended.

    Its number is kept from others until nobody asks any more, as that of a child of theirs would be.
    """
    number = os.fork()
    if not number:
        return True
    os.write(answers, NUMBER.pack(number))
    ended = os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
    assert ended
    os.write(answers, NUMBER.pack(ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status))
    os.read(answers, 1)
    os._exit(0)


def _become(files: list[int], arguments: list[str], cwd: str, env: dict[str, str], session: bool) -> None:
    """Be as a process that has just begun."""
    if session:
        os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((null, *files[:2])):
        os.dup2(file, number)
    for file in (null, *files):
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["fengxiang", *arguments]


if __name__ == "__main__":
    serve(socket.socket(fileno=os.dup(0)))
    from crawler.cli import main

    main()
