"""Lanes: what happens to the process that sends between and during messages."""

import os
import signal
import time
from dataclasses import dataclass

import pytest
from alerts_desk import wait_for

from crawler.sample.server import Page, Request
from crawler.sample.sinks import WebhookSink
from crawler.vendors.lanes import Lane, Order, Outcome, run_lanes


@dataclass
class Pace:
    """Lets the first message pass, then makes the lane wait once; `meanwhile` is what happens then."""

    lane: Lane | None = None
    asked: int = 0

    def __call__(self) -> float:
        self.asked += 1
        if self.asked != 2:
            return 0.0
        assert self.lane is not None
        assert self.lane.process is not None
        os.kill(self.lane.process.pid, signal.SIGKILL)
        return 0.5


def lane_of(hook: WebhookSink, name: str, count: int, pace: Pace) -> Lane:
    setup = {"entry": {f"json://{hook.url.removeprefix('http://')}": {"tag": name}}, "format": "text"}
    orders = [Order(number, f"{name}{number}", f"{name} {number}", "文", "text") for number in range(count)]
    pace.lane = Lane(name, setup, orders, pace)
    return pace.lane


def test_process_that_dies_between_two_messages_is_started_anew() -> None:
    outcomes: list[Outcome] = []
    with WebhookSink() as hook:
        run_lanes([lane_of(hook, "a", 2, Pace())], lambda _lane, _order, outcome: outcomes.append(outcome))
        assert [message["title"] for message in hook.messages] == ["a 0", "a 1"]
    assert [outcome.accepted for outcome in outcomes] == [True, True]


def test_answer_that_waits_while_another_is_noted_is_not_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noting takes longer than the time limit: what was answered in the meantime counts."""
    outcomes: dict[str, Outcome] = {}

    def note(_lane: Lane, order: Order, outcome: Outcome) -> None:
        outcomes[order.key] = outcome
        if len(outcomes) == 3:  # the first of the two second messages; both are on the way
            wait_for(lambda: len(hook.messages) == 4)
            time.sleep(2.2)

    with WebhookSink() as hook:
        answer = hook._answer

        def slow(request: Request) -> Page:
            if len(hook.messages) >= 2:
                time.sleep(1)
            return answer(request)

        monkeypatch.setattr(hook._server, "answer", slow)
        lanes = [lane_of(hook, name, 2, Pace()) for name in ("a", "b")]
        for lane in lanes:
            lane.wait = lambda lane=lane: 0.0 if len(lane.orders) == 2 or len(outcomes) >= 2 else 0.01  # type: ignore[misc]
        run_lanes(lanes, note, time_limit=2)
    assert {name: outcome.accepted for name, outcome in outcomes.items()} == dict.fromkeys(
        ("a0", "b0", "a1", "b1"), True
    )
