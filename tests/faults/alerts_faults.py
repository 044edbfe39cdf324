"""Three channels, one of them in trouble: a proxy before each that refuses, hangs, trickles or keeps the answer back.

Used by the tests with few alerts and by benchmarks/delivery.py with many.
"""

import re
import select
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alerts_desk import NAMES, channels_of, free_port, save, serving, wait_for, warm

from crawler.alerts import deliver
from crawler.sample.sinks import SmtpSink, WebhookSink
from crawler.store import Store

FAULTS = ("down", "hung", "trickling", "late")
CHANNELS = ("mail", "bus", "hook")
TITLE = re.compile(r"第(\d+)次会议\s")


class Proxy:
    """A TCP proxy to a port, with a fault that can be switched on and off."""

    def __init__(self, port: int, answers: str) -> None:
        self.fault = ""
        self._target, self._answers = port, answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            self._thread.join()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._over.is_set():
            client, _ = self._listener.accept()
            thread = threading.Thread(target=self._serve, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        fault = self.fault
        with client, suppress(OSError):
            if fault == "down" or self._over.is_set():
                return
            if fault == "hung":
                _until_closed(client, self._over)
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                self._relay(client, server, fault)

    def _relay(self, client: socket.socket, server: socket.socket, fault: str) -> None:
        said = b""
        while not self._over.is_set():
            for ready in select.select([client, server], [], [], 0.05)[0]:
                data = ready.recv(65_536)
                if not data:
                    return
                if ready is client:
                    said += data
                    server.sendall(data)
                elif fault == "late" and self._told(said):
                    _until_closed(client, self._over)
                    return
                elif fault == "trickling":
                    for number in range(len(data)):
                        client.sendall(data[number : number + 1])
                        if self._over.wait(0.3):
                            return
                else:
                    client.sendall(data)

    def _told(self, said: bytes) -> bool:
        """Return whether the client has handed its message over."""
        if self._answers == "smtp":
            return b"\r\n.\r\n" in said
        return self._answers == "http" or b"fengxiang/alerts" in said


def _until_closed(client: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.05):
        if select.select([client], [], [], 0)[0] and not client.recv(65_536):
            return


@dataclass(slots=True)
class Taken:
    """What a channel took: each message with the moment."""

    messages: list[tuple[float, str]] = field(default_factory=list)

    def append(self, text: str) -> None:
        self.messages.append((time.monotonic(), text))

    @property
    def stories(self) -> Counter[int]:
        return Counter(int(number) for _, text in self.messages for number in TITLE.findall(text))

    def first(self) -> dict[int, float]:
        """Return when each story came first."""
        found: dict[int, float] = {}
        for moment, text in self.messages:
            for number in TITLE.findall(text):
                found.setdefault(int(number), moment)
        return found


@dataclass(slots=True)
class Trial:
    """What came of one trial."""

    taken: dict[str, Taken]
    delays: dict[str, list[float]]  # seconds from the hit to the sink, for the channels without a fault
    failures: int  # failed tries of the channel with the fault
    lost: int
    doubled_elsewhere: int
    doubled: int


@contextmanager
def world(folder: Path) -> Iterator[tuple[dict[str, Proxy], dict[str, Taken], str]]:
    """Give proxies, what arrived, and the kind of the second channel ("mqtt", or "http" without a broker)."""
    taken = {name: Taken() for name in CHANNELS}
    with ExitStack() as stack:
        mail, hook = stack.enter_context(SmtpSink()), stack.enter_context(WebhookSink())
        mail.messages = _Letters(taken["mail"])  # type: ignore[assignment]
        hook.messages = _Posts(taken["hook"])  # type: ignore[assignment]
        port = stack.enter_context(_broker(folder, taken["bus"]))
        kind = "mqtt"
        if port is None:
            other = stack.enter_context(WebhookSink())
            other.messages = _Posts(taken["bus"])  # type: ignore[assignment]
            port, kind = int(other.url.rsplit(":", 1)[1].split("/")[0]), "http"
        ports = {"mail": (mail.port, "smtp"), "bus": (port, kind)}
        ports["hook"] = (int(hook.url.rsplit(":", 1)[1].split("/")[0]), "http")
        proxies = {name: Proxy(*ports[name]) for name in CHANNELS}
        for proxy in proxies.values():
            stack.callback(proxy.close)
        yield proxies, taken, kind


def trial(folder: Path, fault: str, faulty: str, alerts: int, a_round: int, time_limit: float = 4.0) -> Trial:
    """Tell `alerts` stories on three channels, `a_round` a run, one channel in trouble until the end; then catch up."""
    with world(folder) as (proxies, taken, kind):
        bus = f"mqtt://127.0.0.1:{proxies['bus'].port}/fengxiang/alerts"
        channels = channels_of(
            folder,
            mail=f"mailto://127.0.0.1:{proxies['mail'].port}?from=a@example.com&to=b@example.com",
            bus=bus if kind == "mqtt" else f"json://127.0.0.1:{proxies['bus'].port}/hook",
            hook=f"json://127.0.0.1:{proxies['hook'].port}/hook",
        )
        store = Store(f"sqlite:///{folder / 'faults.db'}")
        warm(store, *CHANNELS)
        ahead, found = timedelta(0), {}

        def clock() -> datetime:
            return datetime.now(UTC) + ahead

        proxies[faulty].fault = fault
        for begin in range(0, alerts, a_round):
            for number in range(begin, min(begin + a_round, alerts)):
                save(store, number, CHANNELS, now=clock())
                found[number] = time.monotonic()
            deliver(store, channels, NAMES, clock=clock, time_limit=time_limit)
            ahead += timedelta(minutes=10)
        proxies[faulty].fault = ""
        for _ in range(3):
            ahead += timedelta(hours=7)
            deliver(store, channels, NAMES, clock=clock)
        wait_for(lambda: len(taken["bus"].stories) == alerts)
        # A message that tells five alerts has five lines in the ledger, of the same moment.
        failures = len({row["at"] for row in store.ledger(channel=faulty) if row["event"] == "failed"})
        states = store.alert_counts()
        store.close()
    assert states == {"sent": 3 * alerts}, states
    return _summed(taken, found, faulty, alerts, failures)


def _summed(taken: dict[str, Taken], found: dict[int, float], faulty: str, alerts: int, failures: int) -> Trial:
    doubled = {name: _doubled(one) for name, one in taken.items()}
    healthy = [name for name in CHANNELS if name != faulty]
    return Trial(
        taken=taken,
        delays={name: [moment - found[number] for number, moment in taken[name].first().items()] for name in healthy},
        failures=failures,
        lost=sum(alerts - len(one.stories) for one in taken.values()),
        doubled_elsewhere=sum(doubled[name] for name in healthy),
        doubled=doubled[faulty],
    )


def _doubled(taken: Taken) -> int:
    """Return how many messages came again."""
    told = Counter(text for _, text in taken.messages if TITLE.search(text))
    return told.total() - len(told)


class _Letters(list[Any]):
    def __init__(self, taken: Taken) -> None:
        super().__init__()
        self._taken = taken

    def append(self, letter: Any) -> None:
        part = letter.get_body(("plain",))
        self._taken.append(f"{letter['Subject']}\n{part.get_content()}")


class _Posts(_Letters):
    def append(self, letter: Any) -> None:
        self._taken.append(f"{letter['title']}\n{letter['message']}")


@contextmanager
def _broker(folder: Path, taken: Taken) -> Iterator[int | None]:
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        program = None
    if program is None:
        yield None
        return
    port = free_port()
    (folder / "broker.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with serving(port, program, "-c", folder / "broker.conf"):
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = lambda _client, _data, message: taken.append(message.payload.decode())
        client.connect("127.0.0.1", port)
        client.subscribe("fengxiang/alerts", qos=1)
        client.loop_start()
        yield port
        client.disconnect()
        client.loop_stop()
