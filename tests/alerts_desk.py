"""What the tests of delivery share: stories with flags in a store, channels in a file, a clock, and bad servers."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from conftest import NOW, article

from crawler.alerts import Audience, Channels, load_channels
from crawler.alerts.subscribers import load_subscribers
from crawler.store import Placement, Store
from crawler.topics import Evidence, Flag

NAMES = {"transfer": "承接产业转移", "market": "市场数据"}
WORDS = "承接产业转移"


def save(
    store: Store,
    number: int,
    channels: tuple[str, ...],
    *,
    topics: tuple[str, ...] = ("transfer",),
    now: datetime = NOW,
    placement: Placement | None = None,
    score: float = 0.8,
    **values: Any,
) -> int:
    """Save an article of a story of its own, flagged, and return the story's id."""
    body = values.pop("body", f"某县第{number}次会议提出{WORDS}。其余事项另行安排。")
    start = body.find(WORDS)
    spans = (Evidence("body", start, start + len(WORDS), WORDS),) if start >= 0 else ()
    flags = [Flag(topic, score, spans) for topic in topics]
    defaults = {"title": f"某县召开第{number}次会议", "region": "甘肃", "direction": "inbound", "publish_time": now}
    item = article(number, body=body, flags=flags, fetched_at=now, **({"precision": "minute"} | defaults | values))
    told = dict.fromkeys(topics, channels)
    return store.save_article(item, [number], placement or Placement(), told, now)


def channels_of(folder: Path, **addresses: str) -> Channels:
    """Return the channels of a file with these addresses; "A address" may be followed by keys after a bar."""
    lines = ["version: 1", "urls:"]
    for name, address in addresses.items():
        url, *keys = address.split("|")
        lines += [f"  - {url}:", f"      tag: {name}", *(f"      {key}" for key in keys)]
    path = folder / "channels.yaml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return load_channels(path)


def audience_of(folder: Path, text: str, **more: Any) -> Audience:
    """Return the audience of a subscribers file with this text."""
    path = folder / "subscribers.toml"
    path.write_text(text, "utf-8")
    return Audience(subscribers=load_subscribers(path), **more)


def warm(store: Store, *channels: str) -> None:
    """Give the channels a past: what comes next is no first run."""
    from crawler.store import Draft

    for channel in channels:
        draft = Draft(key=f"past {channel}", channel=channel, kind="alert", title="旧", body="旧", format="text")
        store.queue_messages([draft], NOW - timedelta(days=9))
        (row,) = [row for row in store.due_messages(NOW) if row["channel"] == channel]
        store.message_sent(row["id"], "", NOW - timedelta(days=9))


class Clock:
    """A clock that the test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


class BadServer:
    """A server that takes connections and behaves badly: `serve` has each of them in a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket, threading.Event], None]) -> None:
        self._serve = serve
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            self._thread.join()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._over.is_set():
            connection, _ = self._listener.accept()
            thread = threading.Thread(target=self._run, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._serve(connection, self._over)


def hang(_connection: socket.socket, over: threading.Event) -> None:
    """Say nothing."""
    over.wait()


def trickle(connection: socket.socket, over: threading.Event) -> None:
    """Answer one byte at a time, never the last."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.1):
        connection.sendall(b"x")


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Return as soon as the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def server_program(name: str) -> str:
    """Return the path of a real server's program; without it skip the test, and in CI fail it."""
    program = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} is not installed")
    return program


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(port: int, *command: str | Path) -> Iterator[None]:
    """Run a real server until the block ends; begin when it listens."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: _listens(port))
            yield
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
