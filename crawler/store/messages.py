"""Messages as they go out: queued with the alerts they carry, tried, taken or given up; and each channel's pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, insert, select, update

from crawler.store.alerts import enter
from crawler.store.database import Database
from crawler.store.schema import buckets, messages, outbox

WAITING = ("queued", "over")  # alerts that are in no message yet
CHUNK = 500  # ids in one statement


@dataclass(slots=True, frozen=True, kw_only=True)
class Draft:
    """One message as rendered. `alerts` are told in it, `counted` only counted ('and 14 more')."""

    key: str  # the same message has the same key, always
    channel: str
    kind: str
    title: str
    body: str
    format: str
    alerts: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()
    detail: str = ""  # for the ledger


@dataclass(slots=True, frozen=True, kw_only=True)
class Failure:
    """A try that did not succeed, and when the next one is due; `dead` if there is none."""

    words: str
    next_try: datetime
    dead: bool = False
    reached: tuple[str, ...] = ()


class Messages(Database):
    """Questions about messages."""

    def queue_messages(self, drafts: Sequence[Draft], now: datetime, over: Sequence[tuple[int, datetime]] = ()) -> int:
        """Queue messages with their alerts in one transaction; return how many were new.

        `over` holds alerts that a quota keeps back, and until when.
        """
        new = 0
        with self.writing() as connection:
            for draft in drafts:
                new += _queue(connection, draft, now)
            for alert_id, due in over:
                connection.execute(update(outbox).where(outbox.c.id == alert_id).values(state="over", due=due))
                enter(connection, now, "over", "the day's quota is used up", alert_id=alert_id)
        return new

    def due_messages(self, now: datetime) -> list[RowMapping]:
        """Return the messages that are to be tried, oldest first; `told` is how many alerts each tells in full."""
        carried = and_(outbox.c.message_id == messages.c.id, outbox.c.state == "planned")
        told = select(func.count()).where(carried).scalar_subquery().label("told")
        due = and_(messages.c.state == "queued", messages.c.next_try <= now)
        query = select(messages, told).where(due).order_by(messages.c.id)
        with self.reading() as connection:
            return list(connection.execute(query).mappings())

    def has_message(self, key: str) -> bool:
        """Return whether there is a message with this key, in whatever state."""
        with self.reading() as connection:
            return bool(connection.execute(select(exists().where(messages.c.key == key))).scalar_one())

    def has_due(self, now: datetime) -> bool:
        """Return whether there is anything to route, to put into a message or to send."""
        alerts = (outbox.c.state == "hit") | (outbox.c.state.in_(("queued", "over")) & (outbox.c.due <= now))
        waiting = and_(messages.c.state == "queued", messages.c.next_try <= now)
        with self.reading() as connection:
            return any(connection.execute(select(exists().where(what))).scalar_one() for what in (alerts, waiting))

    def message_sent(self, message_id: int, detail: str, now: datetime, *, missed: Sequence[str] = ()) -> None:
        """Note that the channel took the message: it is never sent again."""
        with self.writing() as connection:
            change = {"state": "sent", "sent_at": now}
            connection.execute(update(messages).where(messages.c.id == message_id).values(change))
            carried = and_(outbox.c.message_id == message_id, outbox.c.state == "planned")
            connection.execute(update(outbox).where(carried).values(state="sent"))
            enter(connection, now, "sent", detail, message_id=message_id)
            for recipient in missed:
                enter(connection, now, "missed", recipient, message_id=message_id)

    def message_failed(self, message_id: int, failure: Failure, now: datetime) -> None:
        """Note that the message did not arrive, and when it is tried again."""
        with self.writing() as connection:
            change = {"attempts": messages.c.attempts + 1, "next_try": failure.next_try}
            change |= {"reached": list(failure.reached)}
            connection.execute(update(messages).where(messages.c.id == message_id).values(change))
            enter(connection, now, "failed", failure.words, message_id=message_id)
            if failure.dead:
                _bury(connection, message_id, "given up: see `fengxiang alerts retry`", now)

    def move_messages(self, channel: str, fallback: str, now: datetime, *, dead: bool = False) -> int:
        """Take a dead channel's waiting alerts to another channel in one transaction; return how many moved.

        An alert that the other channel has already is not told there again. `dead`: take those that were given up.
        """
        moved = 0
        state, carried_state = ("dead", "dead") if dead else ("queued", "planned")
        # A message that counts alerts stays: told one by one elsewhere, they would be the flood that it prevents.
        kinds = messages.c.kind.in_(("alert", "digest"))
        waiting = and_(messages.c.channel == channel, messages.c.state == state, kinds)
        with self.writing() as connection:
            if dead:
                for row in connection.execute(select(outbox).where(_bare_dead(channel))).mappings().all():
                    moved += _move_alert(connection, row, fallback, now)
            for message_id in connection.execute(select(messages.c.id).where(waiting)).scalars().all():
                carried = and_(outbox.c.message_id == message_id, outbox.c.state == carried_state)
                for row in connection.execute(select(outbox).where(carried)).mappings().all():
                    moved += _move_alert(connection, row, fallback, now)
                connection.execute(update(messages).where(messages.c.id == message_id).values(state="moved"))
                enter(connection, now, "moved", f"to {fallback}", message_id=message_id)
        return moved

    def waiting_channels(self) -> dict[str, tuple[int, int]]:
        """Return for each channel that something waits for how many messages and alerts do, and a number.

        The number is that of the last of them: it is another one when others wait.
        """
        found: dict[str, tuple[int, int]] = {}
        alerts = and_(outbox.c.state.in_(WAITING), outbox.c.message_id.is_(None))
        with self.reading() as connection:
            for table, waiting in ((messages, messages.c.state == "queued"), (outbox, alerts)):
                columns = (table.c.channel, func.count(), func.max(table.c.id))
                for name, count, last in connection.execute(select(*columns).where(waiting).group_by(table.c.channel)):
                    before = found.get(name, (0, 0))
                    found[name] = before[0] + count, before[1] + last
        return found

    def give_up_channel(self, channel: str, reason: str, now: datetime) -> None:
        """Set aside all that waits for a channel, in one transaction; `revive_messages` brings it back."""
        with self.writing() as connection:
            queued = and_(messages.c.channel == channel, messages.c.state == "queued")
            for message_id in connection.execute(select(messages.c.id).where(queued)).scalars().all():
                _bury(connection, message_id, reason, now)
            waiting = and_(outbox.c.channel == channel, outbox.c.state.in_(WAITING), outbox.c.message_id.is_(None))
            for alert_id in connection.execute(select(outbox.c.id).where(waiting)).scalars().all():
                connection.execute(update(outbox).where(outbox.c.id == alert_id).values(state="dead"))
                enter(connection, now, "dead", reason, alert_id=alert_id)

    def revive_messages(self, now: datetime, channel: str | None = None) -> int:
        """Queue once more what was given up: messages, and alerts that were in none; return how many there were."""
        dead = messages.c.state == "dead"
        if channel is not None:
            dead &= messages.c.channel == channel
        with self.writing() as connection:
            found = connection.execute(select(messages.c.id).where(dead)).scalars().all()
            for message_id in found:
                change = {"state": "queued", "attempts": 0, "next_try": now}
                connection.execute(update(messages).where(messages.c.id == message_id).values(change))
                carried = and_(outbox.c.message_id == message_id, outbox.c.state == "dead")
                connection.execute(update(outbox).where(carried).values(state="planned"))
                enter(connection, now, "revived", "", message_id=message_id)
            alerts = connection.execute(select(outbox.c.id).where(_bare_dead(channel))).scalars().all()
            for alert_id in alerts:
                connection.execute(update(outbox).where(outbox.c.id == alert_id).values(state="queued", due=now))
                enter(connection, now, "revived", "", alert_id=alert_id)
        return len(found) + len(alerts)

    def outage(self, channel: str) -> tuple[int, int]:
        """Return how often a message failed since the channel last took one, and the id of that one (0: none ever)."""
        sent = select(func.max(messages.c.id)).where(messages.c.channel == channel, messages.c.state == "sent")
        with self.reading() as connection:
            last = connection.execute(sent).scalar_one() or 0
            since = and_(messages.c.channel == channel, messages.c.id > last)
            return (connection.execute(select(func.max(messages.c.attempts)).where(since)).scalar_one() or 0, last)

    def take_token(self, channel: str, burst: int, per_minute: float, now: datetime) -> float:
        """Take one token of the channel's bucket and return 0, or return the seconds until there is one."""
        with self.writing() as connection:
            row = connection.execute(select(buckets).where(buckets.c.channel == channel)).mappings().one_or_none()
            passed = max(0.0, (now - row["at"]).total_seconds()) if row else 0.0  # a clock set back refills nothing
            tokens = min(burst, row["tokens"] + passed * per_minute / 60) if row else float(burst)
            wait = 0.0 if tokens >= 1 else (1 - tokens) * 60 / per_minute
            values = {"tokens": tokens if wait else tokens - 1, "at": now}
            if row:
                connection.execute(update(buckets).where(buckets.c.channel == channel).values(values))
            else:
                connection.execute(insert(buckets).values(values | {"channel": channel}))
        return wait


def _queue(connection: Connection, draft: Draft, now: datetime) -> int:
    same = messages.c.key.startswith(draft.key, autoescape=True)
    count = connection.execute(select(func.count()).where(same)).scalar_one()
    if count and not draft.alerts and not draft.counted:
        return 0
    key = f"{draft.key}-{count}" if count else draft.key  # alerts that came back from a dead fallback
    text = {"title": draft.title, "body": draft.body, "format": draft.format}
    begin = {"state": "queued", "attempts": 0, "next_try": now, "created_at": now, "reached": []}
    row = {"key": key, "channel": draft.channel, "kind": draft.kind}
    statement = insert(messages).values(row | text | begin).returning(messages.c.id)
    message_id = connection.execute(statement).scalar_one()
    for state, alert_ids in (("planned", draft.alerts), ("counted", draft.counted)):
        change = {"state": state, "message_id": message_id}
        for start in range(0, len(alert_ids), CHUNK):
            some = alert_ids[start : start + CHUNK]
            connection.execute(update(outbox).where(outbox.c.id.in_(some)).values(change))
    enter(connection, now, "queued", draft.detail, message_id=message_id)
    return 1


def _bury(connection: Connection, message_id: int, reason: str, now: datetime) -> None:
    connection.execute(update(messages).where(messages.c.id == message_id).values(state="dead"))
    carried = and_(outbox.c.message_id == message_id, outbox.c.state == "planned")
    connection.execute(update(outbox).where(carried).values(state="dead"))
    enter(connection, now, "dead", reason, message_id=message_id)


def _bare_dead(channel: str | None) -> ColumnElement[bool]:
    """Return what is true of alerts that were given up before they were in a message."""
    bare = and_(outbox.c.state == "dead", outbox.c.message_id.is_(None))
    return bare if channel is None else and_(bare, outbox.c.channel == channel)


def _move_alert(connection: Connection, row: RowMapping, fallback: str, now: datetime) -> int:
    connection.execute(update(outbox).where(outbox.c.id == row["id"]).values(state="moved"))
    same = and_(outbox.c.story_id == row["story_id"], outbox.c.topic == row["topic"])
    twin = and_(same, outbox.c.revision == row["revision"], outbox.c.channel == fallback)
    there = connection.execute(select(outbox.c.id, outbox.c.state).where(twin)).mappings().one_or_none()
    if there and there["state"] not in {"unwanted", "moved"}:  # moved: two channels that are each other's fallback
        return 0
    values = {"state": "queued", "cadence": "now", "due": now, "urgent": row["urgent"], "reader": row["reader"]}
    values["message_id"] = None
    if there:
        alert_id = there["id"]
        connection.execute(update(outbox).where(outbox.c.id == alert_id).values(values))
    else:
        kept = {name: row[name] for name in ("story_id", "topic", "revision", "article_id", "added")}
        statement = insert(outbox).values(kept | values | {"channel": fallback, "created_at": now})
        alert_id = connection.execute(statement.returning(outbox.c.id)).scalar_one()
    enter(connection, now, "routed", f"instead of {row['channel']}", alert_id=alert_id)
    return 1
