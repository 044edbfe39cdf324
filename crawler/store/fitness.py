"""Whether a store is fit to be written to, asked before a run begins: room on its disk, and a sound file."""

import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from crawler.dates.moments import CST
from crawler.store.database import Database, StoreError, remedy
from crawler.store.schema import runs

ROOM = 16  # MiB that the disk must have to begin: a log of 4 MiB, what it is written back into, and an export's growth


class Fitness(Database):
    """Questions about the store's file. A store in memory or in PostgreSQL has none and is always fit."""

    def require_room(self) -> None:
        """Raise StoreError where the disk is nearly full.

        On one that is full to the last page, a message could be sent but not noted, and every run would send it again.
        """
        file = self._file()
        if file and shutil.disk_usage(file.parent).free < ROOM * 2**20:
            advice = f"free some space, {ROOM} MiB at least, and run again; nothing stored was lost"
            raise StoreError(f"store {self.url}: the disk is nearly full: {advice}")

    def require_soundness(self, now: datetime | None = None) -> None:
        """Raise StoreError where the file is damaged, before anything is written to it.

        SQLite looks at a page only when it is needed: a damaged store could be used, and made worse, for months. As all
        of the file is read, a run, which says what time it is, looks only where the one before it was cut off or began
        on another day in Beijing.
        """
        if self._file() and not (now and self._looked_at(now)):
            with self.reading() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            if found != "ok":
                raise StoreError(f"store {self.url}: {remedy('malformed')}")

    def _looked_at(self, now: datetime) -> bool:
        """Return whether the newest run began today, which none does on a store it finds damaged, and ended."""
        newest = select(runs.c.started_at, runs.c.ended_at).order_by(runs.c.id.desc()).limit(1)
        with self.reading() as connection:
            run = connection.execute(newest).first()
        return bool(run and run.ended_at and run.started_at.astimezone(CST).date() == now.astimezone(CST).date())

    def _file(self) -> Path | None:
        file = self._engine.url.database
        if self._engine.dialect.name != "sqlite" or not file or file.startswith((":memory:", "file:")):
            return None
        return Path(file)
