"""Runs: when which source was read, and what came of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from crawler.schedule import Past
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

    def swept_since(self, source: str, moment: datetime) -> bool:
        """Return whether a source was read well since a moment; a source that never was before counts as such."""
        well = select(source_runs.c.id).where(source_runs.c.source == source, source_runs.c.outcome == "ok").limit(1)
        with self.reading() as connection:
            before = connection.execute(well.where(source_runs.c.started_at < moment)).first()
            return (
                before is None or connection.execute(well.where(source_runs.c.started_at >= moment)).first() is not None
            )

    def pasts(self) -> dict[str, Past]:
        """Return for each source that was ever read how it fared last."""
        newest = select(func.max(source_runs.c.id)).group_by(source_runs.c.source)
        columns = (source_runs.c.source, runs.c.started_at, source_runs.c.ended_at, source_runs.c.outcome)
        query = select(*columns, source_runs.c.counts).join(runs, runs.c.id == source_runs.c.run_id)
        with self.reading() as connection:
            rows = connection.execute(query.where(source_runs.c.id.in_(newest))).all()
            ill = [row.source for row in rows if row.outcome != "ok"]
            failures = {name: _failures(connection, name) for name in ill}
        return {
            row.source: Past(
                began=row.started_at,
                failures=failures.get(row.source, 0),
                alone_until=row.ended_at + timedelta(seconds=wait) if (wait := row.counts.get("wait")) else None,
            )
            for row in rows
        }


def _failures(connection: Connection, source: str) -> int:
    """Return how often a source failed since it was last read well."""
    of_source = source_runs.c.source == source
    well = select(func.max(source_runs.c.id)).where(of_source, source_runs.c.outcome == "ok").scalar_subquery()
    query = select(func.count()).where(of_source, source_runs.c.id > func.coalesce(well, 0))
    return int(connection.execute(query).scalar_one())
