"""How many stories a subscriber is told a day and channel; what goes beyond it is counted, never dropped unseen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crawler.alerts.subscribers import Subscribers
from crawler.dates import CST
from crawler.dates.clock import next_at
from crawler.store import Store


def within_quota(
    store: Store, subscribers: Subscribers, channel: str, alerts: Sequence[Any], now: datetime
) -> tuple[list[Any], list[int], list[tuple[int, datetime]]]:
    """Return what is told, what is only counted as it goes beyond the quota, and what waits as that is used up."""
    quotas = {one.name: one for one in subscribers.subscriber if one.quota is not None}
    midnight = now.astimezone(CST).replace(hour=0, minute=0, second=0, microsecond=0)
    left: dict[str, int] = {}
    told, counted, over = [], [], []
    seen: set[tuple[str, int]] = set()
    for alert in alerts:
        reader = quotas.get(alert["reader"] or "")
        if reader is None or reader.quota is None or alert["urgent"] or (reader.name, alert["story_id"]) in seen:
            told.append(alert)
            continue
        if reader.name not in left:
            left[reader.name] = reader.quota - store.told_since(channel, reader.name, midnight)
            if left[reader.name] <= 0:
                left[reader.name] = -1
        if left[reader.name] > 0:
            left[reader.name] -= 1
            seen.add((reader.name, alert["story_id"]))
            told.append(alert)
        elif left[reader.name] == 0:
            counted.append(alert["id"])
        else:
            over.append((alert["id"], next_at(reader.clock("morning")[0], now)))
    return told, counted, over
