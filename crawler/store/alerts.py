"""The outbox, what is to be sent, and the ledger, what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, func, insert, select, update

from crawler.store.database import Database
from crawler.store.schema import flags, ledger, outbox

BACKOFF = (60, 300, 900, 3600, 6 * 3600)  # seconds; the last one again and again


class Alerts(Database):
    """Questions about alerts."""

    def queued_alerts(self, now: datetime) -> list[RowMapping]:
        """Return the alerts that are due, with the flag they tell of, oldest first."""
        query = (
            select(outbox, flags.c.score, flags.c.evidence, flags.c.article_id)
            .join(flags, (flags.c.story_id == outbox.c.story_id) & (flags.c.topic == outbox.c.topic))
            .where(outbox.c.state == "queued", outbox.c.next_try <= now)
            .order_by(outbox.c.id)
        )
        with self.reading() as connection:
            return list(connection.execute(query).mappings())

    def alert_sent(self, alert_id: int, detail: str, now: datetime) -> None:
        """Note that the channel accepted the alert: it is never sent again."""
        with self.writing() as connection:
            connection.execute(update(outbox).where(outbox.c.id == alert_id).values(state="sent"))
            entry = {"outbox_id": alert_id, "at": now, "event": "sent", "detail": detail}
            connection.execute(insert(ledger).values(entry))

    def alert_failed(self, alert_id: int, detail: str, now: datetime) -> None:
        """Note that the alert did not arrive, and when it is tried again."""
        with self.writing() as connection:
            tries = connection.execute(select(outbox.c.attempts).where(outbox.c.id == alert_id)).scalar_one()
            next_try = now + timedelta(seconds=BACKOFF[min(tries, len(BACKOFF) - 1)])
            change = {"attempts": tries + 1, "next_try": next_try}
            connection.execute(update(outbox).where(outbox.c.id == alert_id).values(change))
            entry = {"outbox_id": alert_id, "at": now, "event": "failed", "detail": detail}
            connection.execute(insert(ledger).values(entry))

    def alert_counts(self) -> dict[str, int]:
        """Return how many alerts there are in each state."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        with self.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def ledger(self, *, story_id: int | None = None, channel: str | None = None) -> Sequence[RowMapping]:
        """Return what became of alerts, oldest first."""
        columns = (outbox.c.story_id, outbox.c.topic, outbox.c.channel, ledger.c.at, ledger.c.event, ledger.c.detail)
        query = select(*columns).join(outbox, outbox.c.id == ledger.c.outbox_id).order_by(ledger.c.id)
        if story_id is not None:
            query = query.where(outbox.c.story_id == story_id)
        if channel is not None:
            query = query.where(outbox.c.channel == channel)
        with self.reading() as connection:
            return list(connection.execute(query).mappings())
