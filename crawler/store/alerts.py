"""The outbox: which story is to be told on which channel, and how far that has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, insert, select, update

from crawler.store.database import Database
from crawler.store.schema import articles, flags, ledger, messages, outbox

ARCHIVE = timedelta(days=3)  # published longer than this before it was fetched, an article is no news


@dataclass(slots=True, frozen=True, kw_only=True)
class Routed:
    """What the subscribers' rules make of one alert: when it is due and for whom, or why nobody wants it."""

    alert_id: int
    state: str  # "queued", "unwanted"
    cadence: str | None = None
    urgent: bool = False
    due: datetime | None = None
    reader: str | None = None
    detail: str = ""


class Alerts(Database):
    """Questions about alerts."""

    def hits(self) -> list[RowMapping]:
        """Return the alerts that no rule has seen yet, with flag and article, oldest first."""
        with self.reading() as connection:
            return list(connection.execute(_alerts().where(outbox.c.state == "hit")).mappings())

    def due_alerts(self, now: datetime) -> list[RowMapping]:
        """Return the alerts that are due and in no message yet, with flag and article, oldest first."""
        query = _alerts().where(outbox.c.state.in_(("queued", "over")), outbox.c.due <= now)
        with self.reading() as connection:
            return list(connection.execute(query).mappings())

    def route_alerts(self, routes: Iterable[Routed], now: datetime) -> None:
        """Note where alerts go, all in one transaction."""
        changes: list[dict[str, Any]] = []
        entries: list[dict[str, Any]] = []
        for route in routes:
            values: dict[str, Any] = {
                "state": route.state,
                "cadence": route.cadence,
                "urgent": route.urgent,
                "due": route.due,
            }
            changes.append(values | {"reader": route.reader, "alert": route.alert_id})
            event = "routed" if route.state == "queued" else route.state
            entries.append({"outbox_id": route.alert_id, "at": now, "event": event, "detail": route.detail})
        if not changes:
            return
        with self.writing() as connection:
            connection.execute(update(outbox).where(outbox.c.id == bindparam("alert")), changes)
            connection.execute(insert(ledger), entries)

    def has_told(self, channel: str) -> bool:
        """Return whether the channel ever took a message or was asked to."""
        told = select(func.count()).where(messages.c.channel == channel, messages.c.kind != "operator")
        before = select(func.count()).where(outbox.c.channel == channel, outbox.c.state == "sent")
        with self.reading() as connection:
            return bool(connection.execute(told).scalar_one() or connection.execute(before).scalar_one())

    def told_since(self, channel: str, reader: str, since: datetime) -> int:
        """Return how many stories a subscriber was told on a channel, or is about to be, since a moment."""
        query = (
            select(func.count(outbox.c.story_id.distinct()))
            .select_from(outbox.join(messages, messages.c.id == outbox.c.message_id))
            .where(outbox.c.channel == channel, outbox.c.reader == reader, messages.c.created_at >= since)
            .where(outbox.c.state.in_(("planned", "sent")), outbox.c.urgent.is_(False))
        )
        with self.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def last_due(self, channel: str, cadence: str) -> datetime | None:
        """Return the latest moment for which a digest was made, so that a clock set back makes no second one."""
        query = select(func.max(outbox.c.due)).where(
            outbox.c.channel == channel, outbox.c.cadence == cadence, outbox.c.message_id.is_not(None)
        )
        with self.reading() as connection:
            found: datetime | None = connection.execute(query).scalar_one()
            return found

    def alert_counts(self) -> dict[str, int]:
        """Return how many alerts there are in each state."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        with self.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def ledger(self, *, story_id: int | None = None, channel: str | None = None) -> Sequence[RowMapping]:
        """Return what became of alerts and of the messages that carry them, oldest first.

        Messages that carry none, such as a word to the operator, have no story and no topic.
        """
        about = (outbox.c.id == ledger.c.outbox_id) | (outbox.c.message_id == ledger.c.message_id)
        place = func.coalesce(outbox.c.channel, messages.c.channel)
        columns = (outbox.c.story_id, outbox.c.topic, outbox.c.revision, place.label("channel"))
        joined = ledger.outerjoin(outbox, about).outerjoin(messages, messages.c.id == ledger.c.message_id)
        query = select(*columns, ledger.c.at, ledger.c.event, ledger.c.detail).select_from(joined)
        if story_id is not None:
            query = query.where(outbox.c.story_id == story_id)
        if channel is not None:
            query = query.where(place == channel)
        with self.reading() as connection:
            return list(connection.execute(query.order_by(ledger.c.id, outbox.c.id)).mappings())


def enter(
    connection: Connection,
    now: datetime,
    event: str,
    detail: str,
    *,
    alert_id: int | None = None,
    message_id: int | None = None,
) -> None:
    """Write one line of the ledger, inside the transaction that makes it true."""
    entry = {"outbox_id": alert_id, "message_id": message_id, "at": now, "event": event, "detail": detail}
    connection.execute(insert(ledger).values(entry))


def queue_alert(
    connection: Connection,
    story_id: int,
    topic: str,
    channel: str,
    now: datetime,
    *,
    revision: int = 0,
    article_id: int | None = None,
    added: Sequence[str] = (),
    counted: str = "",
) -> None:
    """Put an alert into the outbox, inside the transaction that saves the article.

    `counted` says why nobody is to be told: it is in the books, and its story is not told later either.
    """
    state = "counted" if counted else "hit"
    values = {"story_id": story_id, "topic": topic, "channel": channel, "revision": revision, "state": state}
    more = {"urgent": False, "article_id": article_id, "added": list(added) or None, "created_at": now}
    alert_id = connection.execute(insert(outbox).values(values | more).returning(outbox.c.id)).scalar_one()
    enter(connection, now, state, counted, alert_id=alert_id)


def _alerts() -> Select[tuple[object, ...]]:
    flagged = (flags.c.story_id == outbox.c.story_id) & (flags.c.topic == outbox.c.topic)
    told = articles.c.id == func.coalesce(outbox.c.article_id, flags.c.article_id)
    return (
        select(
            outbox,
            flags.c.score,
            flags.c.evidence,
            flags.c.article_id.label("flagged_article"),
            articles.c.title,
            articles.c.region,
            articles.c.source,
            articles.c.publish_time,
            articles.c.fetched_at,
        )
        .select_from(outbox.join(flags, flagged).join(articles, told))
        .order_by(outbox.c.id)
    )
