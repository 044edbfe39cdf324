"""Runs: when which source was read, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from crawler.store.database import Database
from crawler.store.schema import runs, source_runs


class Runs(Database):
    """Questions about runs."""

    def begin_run(self, manifest: dict[str, Any], now: datetime) -> int:
        """Open a run and return its id."""
        with self.writing() as connection:
            statement = insert(runs).values(started_at=now, manifest=manifest).returning(runs.c.id)
            return int(connection.execute(statement).scalar_one())

    def end_run(self, run_id: int, exit_code: int, now: datetime) -> None:
        """Close a run."""
        with self.writing() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(ended_at=now, exit_code=exit_code))

    def source_done(
        self, run_id: int, source: str, started_at: datetime, now: datetime, result: dict[str, Any]
    ) -> None:
        """Note how a source was read; `result` has outcome, reason and counts."""
        row = {"run_id": run_id, "source": source, "started_at": started_at, "ended_at": now}
        with self.writing() as connection:
            connection.execute(insert(source_runs).values(row | result))

    def last_reads(self) -> dict[str, tuple[datetime, str]]:
        """Return for each source when it was last read and the outcome."""
        newest = select(func.max(source_runs.c.id)).group_by(source_runs.c.source)
        query = select(source_runs.c.source, source_runs.c.started_at, source_runs.c.outcome).where(
            source_runs.c.id.in_(newest)
        )
        with self.reading() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}
