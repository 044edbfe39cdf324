"""One lane a channel, one process a lane, all moved on by one loop: a lane that hangs costs the others nothing.

A message is given up when its time is over, by ending the process. Nothing here touches the store: the caller notes
each outcome before the lane goes on.
"""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crawler.discreet import discreet

TIME_LIMIT = 30.0  # seconds that one message may take
START_LIMIT = 60.0  # seconds that a process may take to start, on a busy machine
FAILURES = 2  # one after the other: the lane rests until the next run


@dataclass(slots=True, frozen=True)
class Order:
    """One message as it goes to the process: its id in the store, and what to send."""

    message_id: int
    key: str
    title: str
    body: str
    format: str
    reached: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Outcome:
    """What became of one message. `answered` is false when nobody knows whether it arrived."""

    accepted: bool
    words: str
    missed: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    retry_after: float | None = None
    answered: bool = True


@dataclass(slots=True)
class Lane:
    """The messages of one channel, in order, and the process that sends them."""

    channel: str
    setup: Mapping[str, Any] = field(repr=False)  # holds the address
    orders: list[Order]
    wait: Callable[[], float]  # takes a token of the bucket and returns 0, or returns the seconds until there is one
    failures: int = 0
    current: Order | None = None
    ready: bool = False
    until: float = 0.0  # monotonic: when the current message is given up, or the next may be tried
    reached: list[str] = field(default_factory=list)  # targets that took the current message
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _heard: bytes = field(default=b"", repr=False)

    def start(self) -> None:
        """Start the process."""
        command = [sys.executable, "-P", "-m", "crawler.vendors.sender"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.ready, self._heard = False, b""
        self._write(self.setup)

    def submit(self) -> None:
        """Hand the current message to the process, which waits for it."""
        order = self.current
        assert order is not None
        self._write(
            {"key": order.key, "title": order.title, "body": order.body}
            | {"format": order.format, "reached": order.reached}
        )

    def read(self) -> list[dict[str, Any]] | None:
        """Return what the process has written since; None when it died."""
        assert self.process is not None
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 65_536)
        if not data:
            return None
        *lines, self._heard = (self._heard + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:  # unsent bytes for a process that is gone
                    continue
        self.process, self.ready = None, False

    def _write(self, values: Mapping[str, Any]) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(values).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return  # it died: the end of its output tells


def run_lanes(
    lanes: Iterable[Lane],
    note: Callable[[Lane, Order, Outcome], None],
    *,
    time_limit: float = TIME_LIMIT,
    patience: float = 60.0,
    budget: float = 600.0,
) -> None:
    """Send what stands in the lanes; `note` is told each outcome before its lane goes on.

    time_limit: seconds a message; patience: seconds that a lane may wait for its vendor's pace; budget: seconds after
    which no further message begins. What is not begun stays in the store.
    """
    began = time.monotonic()
    active = {lane.channel: lane for lane in lanes if lane.orders}
    with selectors.DefaultSelector() as selector:
        try:
            while active:
                for lane in list(active.values()):
                    if not _advance(lane, selector, note, time_limit, began + patience, began + budget):
                        _close(lane, selector)
                        del active[lane.channel]
                if active:
                    _listen(selector, min(lane.until for lane in active.values()), note, time_limit)
        finally:
            for lane in active.values():
                _close(lane, selector)


def _advance(
    lane: Lane,
    selector: selectors.BaseSelector,
    note: Callable[[Lane, Order, Outcome], None],
    time_limit: float,
    latest_wait: float,
    latest: float,
) -> bool:
    """Move a lane on as far as it goes without waiting; return whether there is more to do."""
    now = time.monotonic()
    if lane.current is not None:
        # Noting another lane's outcome may have taken long: an answer that is there is never overlooked.
        if now < lane.until or any(key.data is lane for key, _ in selector.select(0)):
            return True
        words = f"no answer within {time_limit:g} s; it may have arrived"
        outcome = Outcome(False, words if lane.ready else "the sending process did not start", answered=False)
        _finish(lane, selector, note, outcome)
        return False
    if not lane.orders or lane.failures >= FAILURES or now >= latest:
        return False
    if now < lane.until:
        return True
    if (seconds := lane.wait()) > 0:
        lane.until = now + seconds
        return lane.until <= latest_wait
    lane.current = lane.orders.pop(0)
    lane.reached = []
    lane.until = now + (time_limit if lane.ready else START_LIMIT)
    if lane.process is None:
        lane.start()
        assert lane.process is not None
        selector.register(lane.process.stdout, selectors.EVENT_READ, lane)
    elif lane.ready:
        lane.submit()
    return True


def _listen(
    selector: selectors.BaseSelector,
    until: float,
    note: Callable[[Lane, Order, Outcome], None],
    time_limit: float,
) -> None:
    timeout = max(0.0, until - time.monotonic())
    if not selector.get_map():
        time.sleep(timeout)
    for key, _ in selector.select(timeout) if selector.get_map() else ():
        lane: Lane = key.data
        answers = lane.read()
        if answers is None and lane.current is None:
            _close(lane, selector)  # it died between two messages; the next one starts it anew
        elif answers is None:
            _finish(lane, selector, note, Outcome(False, "the sending process died", answered=False))
        for answer in answers or ():
            if "ready" in answer or "target" in answer:  # the limit is for each of several recipients
                lane.until = time.monotonic() + time_limit
            if "ready" in answer:
                lane.ready = True
                lane.submit()
            elif "target" in answer:
                lane.reached.append(answer["target"])
            else:
                outcome = Outcome(answer["accepted"], discreet(answer["words"]), tuple(map(discreet, answer["missed"])))
                outcome = replace(outcome, retry_after=answer["retry_after"], reached=tuple(answer["reached"]))
                _finish(lane, selector, note, outcome)


def _finish(
    lane: Lane,
    selector: selectors.BaseSelector,
    note: Callable[[Lane, Order, Outcome], None],
    outcome: Outcome,
) -> None:
    order = lane.current
    assert order is not None
    if not outcome.answered:
        outcome = replace(outcome, reached=(*order.reached, *lane.reached))
    lane.current = None
    lane.until = 0.0
    if outcome.accepted:
        lane.failures = 0
    else:
        lane.failures = lane.failures + 1 if outcome.answered else FAILURES
        _close(lane, selector)  # nothing that a failed try left behind may send later
    note(lane, order, outcome)


def _close(lane: Lane, selector: selectors.BaseSelector) -> None:
    if lane.process is not None:
        selector.unregister(lane.process.stdout)  # type: ignore[arg-type]
        lane.end()
