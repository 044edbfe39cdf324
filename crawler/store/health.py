"""Health: the state of each source, what its rhythm is learned from, and gaps."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, case, delete, func, insert, select

from crawler.store.database import Database
from crawler.store.schema import articles, gaps, messages, pages, runs, source_health


class Health(Database):
    """Questions about health."""

    def health_rows(self) -> dict[str, RowMapping]:
        """Return the state of every source that was ever judged; "" is our own network."""
        with self.reading() as connection:
            return {row["source"]: row for row in connection.execute(select(source_health)).mappings()}

    def save_health(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep states, all in one transaction."""
        with self.writing() as connection:
            for row in rows:
                connection.execute(delete(source_health).where(source_health.c.source == row["source"]))
                connection.execute(insert(source_health).values(row))

    def appearances(self, source: str, since: datetime) -> list[tuple[datetime | None, str | None, datetime]]:
        """Return publish time, its precision and the time of fetching of a source's articles fetched since."""
        columns = (articles.c.publish_time, articles.c.precision, articles.c.fetched_at)
        query = select(*columns).where(articles.c.source == source, articles.c.fetched_at >= since)
        with self.reading() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def note_gap(self, source: str, list_url: str, until: datetime, now: datetime) -> dict[str, Any] | None:
        """Note that a list did not lead to what was known until a moment; return the gap if it is a new one.

        Where nothing was known then, or nothing came since, there is none.
        """
        believed = articles.c.publish_time < articles.c.fetched_at  # nobody publishes in the future
        moment = case((believed, articles.c.publish_time), else_=articles.c.fetched_at)
        of_source = select(articles.c.url).where(articles.c.source == source).limit(1)
        known = of_source.where(articles.c.fetched_at <= until).order_by(moment.desc(), articles.c.id.desc())
        new = of_source.where(articles.c.fetched_at > until).order_by(moment, articles.c.id)
        with self.writing() as connection:
            after, before = (connection.execute(query).scalar_one_or_none() for query in (known, new))
            if after is None or before is None:
                return None
            row: dict[str, Any] = {"source": source, "list_url": list_url, "after_url": after}
            same = [gaps.c[name] == value for name, value in row.items()]
            if connection.execute(select(gaps.c.id).where(*same)).first():
                return None
            row |= {"before_url": before, "found_at": now}
            connection.execute(insert(gaps).values(row))
            return row

    def gaps_since(self, since: datetime) -> list[RowMapping]:
        """Return the gaps found since, oldest first."""
        query = select(gaps).where(gaps.c.found_at >= since).order_by(gaps.c.id)
        with self.reading() as connection:
            return list(connection.execute(query).mappings())

    def set_aside_counts(self, state: str) -> dict[str, int]:
        """Return for each source how many of its pages are "missing" or "quarantined"."""
        query = select(pages.c.source, func.count()).where(pages.c.state == state).group_by(pages.c.source)
        with self.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def article_counts(self, now: datetime) -> dict[str, int]:
        """Return for each source how many articles were fetched within a day before now."""
        recent = articles.c.fetched_at >= now - timedelta(days=1)
        query = select(articles.c.source, func.count()).where(recent).group_by(articles.c.source)
        with self.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def message_counts(self) -> dict[tuple[str, str], int]:
        """Return how many messages there are by channel and state."""
        columns = (messages.c.channel, messages.c.state)
        query = select(*columns, func.count()).group_by(*columns)
        with self.reading() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(query)}

    def last_run(self) -> RowMapping | None:
        """Return the newest run that ended."""
        query = select(runs).where(runs.c.ended_at.is_not(None)).order_by(runs.c.id.desc()).limit(1)
        with self.reading() as connection:
            return connection.execute(query).mappings().one_or_none()
