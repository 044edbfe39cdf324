"""The states of a source: ok → quiet → suspect → down → recovered. Pure: state and reading in, next state out."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from crawler.health.causes import ARTICLES, CAUSES
from crawler.health.rhythm import Rhythm

State = Literal["ok", "quiet", "suspect", "down", "recovered"]
OURS = ""  # stands where a source's id stands, for our own network
Change = Literal["down", "quiet", "recovered"]  # what somebody is told


@dataclass(slots=True, frozen=True, kw_only=True)
class Health:
    """How a source fares. `since` is when the trouble, or the good time, began."""

    source: str
    state: State = "ok"
    since: datetime
    cause: str | None = None  # of CAUSES
    status: int | None = None  # of HTTP
    reason: str | None = None
    failures: int = 0  # in a row
    told: bool = False  # somebody was told of this trouble and waits for its end
    rhythm: Rhythm = field(default_factory=Rhythm)
    learned_at: datetime | None = None
    last_new: datetime | None = None  # when its newest article appeared
    checked_at: datetime | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Reading:
    """One reading of a source. Without a cause it went well; `idle`: no article page was asked for.

    `weight` counts as that many failed readings: pages that were set aside are not asked for in the next one.
    """

    at: datetime
    cause: str | None = None
    status: int | None = None
    reason: str | None = None
    idle: bool = False
    weight: int = 1


def step(old: Health, reading: Reading) -> tuple[Health, Change | None]:
    """Return the state after a reading, and what is to be told, once for each trouble and once for its end."""
    checked = replace(old, checked_at=reading.at)
    if reading.cause:
        return _failed(checked, reading)
    if reading.idle and old.cause in ARTICLES:
        return checked, None  # nothing was asked for, so nothing is proven
    if old.state in {"suspect", "down"} and old.told:
        return _well(checked, "recovered", reading.at), "recovered"
    if checked.rhythm.is_late(checked.last_new, reading.at):
        return _silent(checked, reading.at)
    if old.state == "quiet" and old.told:
        return _well(checked, "recovered", reading.at), "recovered"
    return (checked if old.state == "ok" else _well(checked, "ok", reading.at)), None


def _failed(old: Health, reading: Reading) -> tuple[Health, Change | None]:
    assert reading.cause
    facts: dict[str, Any] = {"cause": reading.cause, "status": reading.status, "reason": reading.reason}
    if (
        reading.cause == "network" and old.source != OURS
    ):  # ours: the source is not to blame, and what it was accused of still stands
        calm = old.state in {"ok", "recovered"}
        return replace(old, state="suspect", since=reading.at, failures=0, **facts) if calm else old, None
    fresh = old.state not in {"suspect", "down"}
    failures = reading.weight + (0 if fresh else old.failures)
    down = old.state == "down" or failures >= CAUSES[reading.cause].patience
    new = replace(
        old,
        state="down" if down else "suspect",
        since=reading.at if fresh else old.since,
        failures=failures,
        told=(False if fresh else old.told) or down,
        **facts,
    )
    return new, "down" if down and not (old.told and not fresh) else None


def _silent(old: Health, at: datetime) -> tuple[Health, Change | None]:
    if old.state == "quiet":
        return old, None
    new = replace(_well(old, "quiet", old.last_new or at), cause="quiet", told=True)
    return new, "quiet"


def _well(old: Health, state: State, at: datetime) -> Health:
    return replace(old, state=state, since=at, cause=None, status=None, reason=None, failures=0, told=False)
