"""Checks: what came of meeting a source's live site, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, select

from crawler.store.database import Database
from crawler.store.schema import source_checks


class Checks(Database):
    """Questions about checks of sources."""

    def source_checked(self, source: str, checked_at: datetime, verdict: str, report: dict[str, Any]) -> None:
        """Keep the result of a check."""
        row = {"source": source, "checked_at": checked_at, "verdict": verdict, "report": report}
        with self.writing() as connection:
            connection.execute(insert(source_checks).values(row))

    def last_checks(self) -> list[RowMapping]:
        """Return the newest check of each source that was ever checked."""
        newest = select(func.max(source_checks.c.id)).group_by(source_checks.c.source)
        query = select(source_checks).where(source_checks.c.id.in_(newest)).order_by(source_checks.c.source)
        with self.reading() as connection:
            return list(connection.execute(query).mappings())
