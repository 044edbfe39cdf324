"""Retention: the text of old articles is emptied and old readings go.

What tells articles from new ones stays, and so do all alerts and the ledger.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, literal, select, update

from crawler.store.database import Database, StoreError, remedy
from crawler.store.merging import UNTOLD
from crawler.store.schema import articles, outbox, source_runs

EMPTIED_BY_A_RUN = 2_000  # articles; some thousand a day is what a large catalogue brings
WAITING = (*UNTOLD, "planned")  # alerts whose message may quote the text


class Retention(Database):
    """Questions about what is kept how long."""

    def empty_bodies(self, before: datetime, limit: int = EMPTIED_BY_A_RUN) -> int:
        """Empty the text of the oldest articles fetched before a moment, at most `limit`; return how many.

        Address, title, hash, index keys, flags and alerts stay, so that none of them is read or told again. An article
        of a story that still has something to tell keeps its text.
        """
        told = exists().where(outbox.c.story_id == articles.c.story_id, outbox.c.state.in_(WAITING))
        # Written as the index is, or SQLite does not use it.
        old = and_(articles.c.body != literal("", literal_execute=True), articles.c.fetched_at < before, ~told)
        some = select(articles.c.id).where(old).order_by(articles.c.fetched_at).limit(limit)
        with self.writing() as connection:
            ids = connection.execute(some).scalars().all()
            connection.execute(update(articles).where(articles.c.id.in_(ids)).values(body="", differs=None))
        return len(ids)

    def drop_readings(self, before: datetime, sources: Iterable[str] | None = None) -> int:
        """Drop how sources, all by default, were read before a moment; return how many readings went.

        The newest good reading of each and what came after it stay: they say when it is due and how ill it is.
        """
        dropped = 0
        with self.writing() as connection:
            if sources is None:
                sources = connection.execute(select(source_runs.c.source).distinct()).scalars().all()
            for source in sources:
                of_source = source_runs.c.source == source
                good = select(source_runs.c.started_at).where(of_source, source_runs.c.outcome == "ok")
                newest = connection.execute(good.order_by(source_runs.c.started_at.desc()).limit(1)).scalar()
                if newest:
                    old = source_runs.c.started_at < min(before, newest)
                    dropped += connection.execute(delete(source_runs).where(of_source, old)).rowcount
        return dropped

    def emptied(self) -> int:
        """Return how many articles have no text any more."""
        with self.reading() as connection:
            return int(connection.execute(select(func.count()).where(articles.c.body == "")).scalar_one())

    def compact(self) -> int:
        """Give the free pages of a SQLite file back to the disk; return how many bytes.

        Writes the whole file anew, which takes its size in free space, and nobody else may have it open.
        """
        if self._engine.dialect.name != "sqlite":
            return 0
        with self._engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            size = _size(driver)
            try:
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                raise StoreError(f"store {self.url}: {remedy(str(error))}") from None
            return size - _size(driver)


def _size(driver: sqlite3.Connection) -> int:
    (pages,), (size,) = (driver.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages) * int(size)
