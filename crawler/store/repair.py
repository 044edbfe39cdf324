"""Mend a SQLite store: what can be read goes into a new file, where what does not fit together is mended.

No row of the old file is touched. The new one takes its place only if nothing was lost; else a person decides.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.drafts import drafted, put
from crawler.lock import run_lock
from crawler.store.backup import STAMP, replace
from crawler.store.condition import check, opened, schema_of
from crawler.store.database import StoreError, make_engine, migrate
from crawler.store.rules import mend
from crawler.store.salvage import Salvaged, salvage
from crawler.store.values import STAMP as MOMENT
from crawler.stories import keys, prepare


@dataclass(slots=True, frozen=True)
class Repaired:
    """What a repair found and did."""

    articles: int
    salvaged: Salvaged
    mended: list[str]  # "3 stories gone that articles, flags or alerts name"
    file: Path | None = None  # the new store, where something was lost; else it stands in the old one's place
    kept: Path | None = None  # the old store, where it was replaced

    @property
    def lost(self) -> dict[str, int]:
        """Return for each table how many rows could not be read; index keys are made again."""
        return {table: count for table, count in self.salvaged.lost.items() if table != "story_keys"}


def repair(store: Path, lock_file: Path, now: datetime, *, dry_run: bool = False) -> Repaired:
    """Mend a store. Holds the lock of runs and raises AlreadyRunning while another has it.

    Nothing wrong: the store is left as it is. Nothing lost: the mended store takes its place, and the old one is kept
    beside. Something lost: the new store is left beside. With `dry_run` neither; only what would be done is told.
    """
    with run_lock(lock_file), _mended(store, now) as (new, made):
        if dry_run or (not made.lost and not made.mended and _is_sound(store)):
            return made
        if made.lost:
            target = store.with_name(f"{store.stem}-salvaged-{now.astimezone(UTC):{STAMP}}.db")
            put(new, target)
            return Repaired(made.articles, made.salvaged, made.mended, file=target)
        return Repaired(made.articles, made.salvaged, made.mended, kept=replace(new, store, now))


def _is_sound(store: Path) -> bool:
    try:
        return not check(store).problems
    except StoreError:
        return False


@contextmanager
def _mended(store: Path, now: datetime) -> Iterator[tuple[Path, Repaired]]:
    """Give a mended copy that lies beside the store; it is gone at the end if nobody moved it."""
    if not store.is_file():
        raise StoreError(f"store {store}: no such file")
    moment = now.astimezone(UTC).strftime(MOMENT)
    try:
        with drafted(store) as new:
            with opened(store, store) as source:
                schema_of(source, store)
                source.text_factory = bytes
                salvaged = salvage(source, new, moment)
            mended = _fit(new, store, moment)
            condition = check(new)
            if condition.problems:
                raise StoreError(f"store {store}: cannot be mended: {condition.problems[0]}; restore the last backup")
            yield new, Repaired(condition.articles, salvaged, mended)
    except OSError as error:
        raise StoreError(f"store {store}: the new file beside it cannot be written: {error.strerror}") from None


def _fit(new: Path, store: Path, moment: str) -> list[str]:
    """Bring the new store up to date, and make its rows fit together; return what was done."""
    engine = make_engine(f"sqlite:///{new}")
    migrate(engine, str(store))
    engine.dispose()
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        mended = mend(connection, moment)
        if made := _make_keys(connection):
            mended.append(f"{made} articles without index keys")
        connection.execute("COMMIT")
    return mended


def _make_keys(connection: sqlite3.Connection) -> int:
    """Make the index keys of articles that have none; return of how many articles. Too short a text has none."""
    missing = "SELECT id, title, body FROM articles WHERE body <> '' AND id NOT IN (SELECT article_id FROM story_keys)"
    made = 0
    for article_id, title, body in connection.execute(missing).fetchall():
        found = keys(prepare(f"{title}\n{body}"))
        connection.executemany("INSERT INTO story_keys VALUES (?, ?)", [(key, article_id) for key in found])
        made += bool(found)
    return made
