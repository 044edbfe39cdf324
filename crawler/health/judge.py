"""After a run: what its readings mean for the state of each source, and who is told of what changed."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import RowMapping

from crawler.alerts import Audience, Channels
from crawler.health.causes import ARTICLES, NETWORK
from crawler.health.notices import News, queue_news
from crawler.health.rhythm import WINDOW, Rhythm, appeared, learn
from crawler.health.states import OURS, Health, Reading, step
from crawler.sources import Source
from crawler.store import Store

logger = logging.getLogger("fengxiang.health")
RELEARN = timedelta(days=1)
NO_WORD = {"unfinished", "internal"}  # causes that say nothing about the network


def judge(
    store: Store,
    sources: Mapping[str, Source],
    outcomes: Mapping[str, Mapping[str, Any]],
    began: datetime,
    channels: Channels,
    audience: Audience,
) -> list[News]:
    """Take the outcomes of a run into the states of its sources, queue what is to be told, and return it.

    outcomes: of `crawler.crawl`; began: when the run did. News are queued before states are kept: a kill in between
    finds the same change again, and a message is queued once for it.
    """
    rows = store.health_rows()
    ours = health_of(rows.get(OURS), OURS, began)
    offline = _offline(sources, outcomes, ours)
    news: list[News] = []
    kept: list[Health] = []
    if offline is not None:
        ours, change = step(ours, Reading(at=began, cause="network" if offline else None))
        kept.append(ours)
        news += [News(change, ours)] if change else []
    for name, outcome in outcomes.items():
        old = _learned(store, health_of(rows.get(name), name, began), began)
        new, change = step(old, _reading(outcome, began, offline=bool(offline)))
        kept.append(new)
        if change:
            news.append(News(change, new, sources[name].name, old))
        for url, until in outcome.get("unmet", {}).items():
            if gap := store.note_gap(name, url, until, began):
                news.append(News("gap", new, sources[name].name, gap=gap))
    for item in news:
        logger.warning("%s", item.summary)
    queue_news(store, channels, audience.templates, news, began)
    store.save_health([row_of(health) for health in kept])
    return news


def _offline(sources: Mapping[str, Source], outcomes: Mapping[str, Mapping[str, Any]], ours: Health) -> bool | None:
    """Return whether our own network is out: nobody answered, of two hosts at least; None if that cannot be told."""
    causes = {name: outcome.get("cause") for name, outcome in outcomes.items()}
    told = {name: cause for name, cause in causes.items() if cause not in NO_WORD}
    if any(cause not in NETWORK for cause in told.values()):
        return False
    hosts = {urlsplit(sources[name].list_urls[0]).netloc for name in told}
    if len(hosts) >= 2 or (hosts and ours.state in {"suspect", "down"}):
        return True
    return None


def _reading(outcome: Mapping[str, Any], at: datetime, *, offline: bool) -> Reading:
    cause = outcome.get("cause")
    return Reading(
        at=at,
        cause="network" if offline and cause in NETWORK else cause,
        status=outcome.get("status"),
        reason=outcome.get("reason"),
        idle=not outcome["counts"].get("pages"),
        weight=outcome["counts"].get("quarantined", 1) if cause in ARTICLES else 1,
    )


def _learned(store: Store, health: Health, now: datetime) -> Health:
    """Return the health with what the articles of the last days tell about the rhythm."""
    learning = health.learned_at is None or not timedelta() <= now - health.learned_at < RELEARN
    since = now - WINDOW if learning or health.checked_at is None else health.checked_at
    moments = [appeared(*row) for row in store.appearances(health.source, since)]
    last = max([*moments, *([health.last_new] if health.last_new else [])], default=None)
    changes: dict[str, Any] = {"last_new": last}
    if learning:
        changes |= {"rhythm": learn(moments), "learned_at": now}
    return Health(**{name: getattr(health, name) for name in Health.__slots__} | changes)


def health_of(row: RowMapping | None, source: str, now: datetime) -> Health:
    """Return the health that the store keeps; that of a source never judged is good."""
    if row is None:
        return Health(source=source, since=now)
    values: dict[str, Any] = dict(row)
    spans = [None if seconds is None else timedelta(seconds=seconds) for seconds in _spans(values)]
    return Health(**values, rhythm=Rhythm(*spans))


def _spans(values: dict[str, Any]) -> Sequence[float | None]:
    return values.pop("usual"), values.pop("silence")


def row_of(health: Health) -> dict[str, Any]:
    """Return the health as the store keeps it."""
    row = asdict(health)
    del row["rhythm"]
    usual, limit = health.rhythm.usual, health.rhythm.limit
    return row | {"usual": usual and usual.total_seconds(), "silence": limit and limit.total_seconds()}
