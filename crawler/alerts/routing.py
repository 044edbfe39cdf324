"""Which alert goes to whom, and when. Pure: rules, one alert and the moment in, one decision out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.alerts.items import NOWHERE
from crawler.alerts.subscribers import Rule, Subscriber, Subscribers
from crawler.dates import CST
from crawler.dates.clock import next_at
from crawler.regions import AREAS
from crawler.store import ARCHIVE, Routed

EVERYBODY = ""  # the reader of a channel that no subscriber names


@dataclass(slots=True, frozen=True)
class _Choice:
    """One rule's way for an alert."""

    due: datetime
    cadence: str
    reader: str


def route(
    alert: Any,
    subscribers: Subscribers,
    now: datetime,
    last_due: Callable[[str, str], datetime | None],
    *,
    first: bool = False,
) -> Routed:
    """Return where an alert goes: of all the rules that want it on its channel, the one that tells it soonest.

    `last_due` gives the moment of the newest digest of a channel and cadence; a new one is always for a later moment.
    `first` says that the channel was never told anything: its archive is told at once, not next morning.
    """
    urgent = _is_urgent(alert, subscribers)
    if first and _is_old(alert) and _is_wanted(alert, subscribers, urgent):
        return _routed(alert, _Choice(now, "archive", EVERYBODY), urgent)
    if not subscribers.subscriber:
        return _routed(alert, _everybody(alert, now, last_due), urgent)
    hearing = [one for one in subscribers.subscriber if alert["channel"] in one.channels]
    choices = [
        _choice(alert, subscriber, rule, now, urgent, last_due)
        for subscriber in hearing
        for rule in subscriber.rules
        if _wants(rule, alert, urgent)
    ]
    if not choices:
        why = "no rule of " + "、".join(one.name for one in hearing) if hearing else "no subscriber on this channel"
        return Routed(alert_id=alert["id"], state="unwanted", detail=f"{why} wants it")
    return _routed(alert, min(choices, key=lambda choice: choice.due), urgent)


def _is_urgent(alert: Any, subscribers: Subscribers) -> bool:
    rule = subscribers.urgent
    return bool(rule and alert["score"] >= rule.score and (not rule.topics or alert["topic"] in rule.topics))


def _wants(rule: Rule, alert: Any, urgent: bool) -> bool:
    return (
        (not rule.topics or alert["topic"] in rule.topics)
        and (not rule.regions or _lies_in(alert["region"], rule.regions))
        and (not rule.sources or alert["source"] in rule.sources)
        and (rule.urgency == "any" or urgent)
    )


def _lies_in(region: str | None, places: Sequence[str]) -> bool:
    return (region or NOWHERE) in places or any(region in AREAS.get(place, ()) for place in places)


def _is_wanted(alert: Any, subscribers: Subscribers, urgent: bool) -> bool:
    hearing = [one for one in subscribers.subscriber if alert["channel"] in one.channels]
    wanted = any(_wants(rule, alert, urgent) for one in hearing for rule in one.rules)
    return wanted or not subscribers.subscriber


def _is_old(alert: Any) -> bool:
    published = alert["publish_time"]
    return published is not None and alert["revision"] == 0 and alert["fetched_at"] - published > ARCHIVE


def _everybody(alert: Any, now: datetime, last_due: Callable[[str, str], datetime | None]) -> _Choice:
    if _is_old(alert):
        return _Choice(_slot(Subscriber(name="-", channels=("-",)), alert, "archive", last_due), "archive", EVERYBODY)
    return _Choice(now, "now", EVERYBODY)


def _choice(
    alert: Any,
    subscriber: Subscriber,
    rule: Rule,
    now: datetime,
    urgent: bool,
    last_due: Callable[[str, str], datetime | None],
) -> _Choice:
    cadence = rule.cadence
    if urgent and cadence == "now":
        return _Choice(now, "now", subscriber.name)
    if cadence == "now" and not _is_old(alert):
        quiet = subscriber.quiet
        if quiet and quiet.holds(now):
            return _Choice(quiet.after(now), "held", subscriber.name)
        return _Choice(now, "now", subscriber.name)
    kind = "archive" if cadence == "now" else cadence
    due = _slot(subscriber, alert, kind, last_due)
    quiet = subscriber.quiet
    return _Choice(quiet.after(due) if quiet and quiet.holds(due) else due, kind, subscriber.name)


def _slot(
    subscriber: Subscriber,
    alert: Any,
    cadence: str,
    last_due: Callable[[str, str], datetime | None],
) -> datetime:
    last = last_due(alert["channel"], cadence)
    clock, weekday = subscriber.clock(cadence)
    # From the moment of the hit: a brief that was missed, as the machine was off, is due at once.
    found = alert["created_at"]
    return next_at(clock, max(found, last) if last else found, weekday)


def _routed(alert: Any, choice: _Choice, urgent: bool) -> Routed:
    when = choice.due.astimezone(CST).strftime("%m-%d %H:%M")
    whom = f"for {choice.reader}" if choice.reader else "for everybody"
    return Routed(
        alert_id=alert["id"],
        state="queued",
        cadence=choice.cadence,
        urgent=urgent,
        due=choice.due,
        reader=choice.reader,
        detail=f"{whom}, {'urgent, ' if urgent else ''}{choice.cadence}, due {when}",
    )
