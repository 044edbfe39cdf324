"""Copy a SQLite store while it is written to, put a copy back, and look whether one is sound.

Works on files, not on `Store`: a store that is damaged or of another schema must still be copied and replaced, and
nothing here migrates.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from crawler.drafts import drafted, put
from crawler.errors import UsageError
from crawler.lock import run_lock
from crawler.store.condition import BUSY_TIMEOUT, Condition, condition_of, opened, schema_of
from crawler.store.database import StoreError

STAMP = "%Y%m%dT%H%M%SZ"


def file_of(url: str) -> Path:
    """Return the file of the store at the address; raise UsageError if it has none."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError("key 'url' in [store]: no SQLite store: use the tools of its database, such as pg_dump")
    if not parsed.database or parsed.database == ":memory:":
        raise UsageError("key 'url' in [store]: a store in memory has no file")
    return Path(parsed.database).resolve()  # what a link leads to is replaced, not the link


def back_up(store: Path, target: Path, now: datetime) -> tuple[Path, Condition]:
    """Copy the store to a file, or into a folder under a name with the time; return the file and its condition.

    The copy is the store at one moment; runs go on meanwhile. It is checked before it takes its place.
    """
    if target.is_dir():
        target /= f"{store.stem}-{now.astimezone(UTC):{STAMP}}.db"
    with _copied(store, target) as (copy, condition):
        put(copy, target)
    return target, condition


def prune(folder: Path, store: Path, keep: int) -> list[Path]:
    """Remove all but the newest copies that `back_up` named by the time; return what was removed."""
    named = sorted(path for path in folder.glob(f"{store.stem}-*.db") if _is_stamped(path, store))
    old = named[:-keep]
    for path in old:
        path.unlink()
    return old


def restore(copy: Path, store: Path, lock_file: Path, now: datetime) -> Path | None:
    """Put a copy in the place of the store; return where the store that was there is kept, or None if there was none.

    Holds the lock of runs and raises AlreadyRunning while another has it. When it fails, the store is as it was.
    """
    with run_lock(lock_file), _copied(copy, store) as (new, _):
        return replace(new, store, now)


def replace(new: Path, store: Path, now: datetime) -> Path | None:
    """Move a new file into the place of the store, under the lock of runs; return where the old one is kept, if any."""
    kept = store.with_name(f"{store.name}.{now.astimezone(UTC):{STAMP}}")
    replaces = store.exists()
    if replaces:
        _own_like(store, new)
        _close_log(store)
        # A second name, not a move: there is a store under its own name at every moment. A run that finds none
        # begins a new one and tells everything once more.
        os.link(store, kept)
    for suffix in ("-wal", "-shm"):  # left by a store that is damaged or gone; SQLite would apply it to the new one
        log = store.with_name(store.name + suffix)
        if log.exists():
            log.rename(kept.with_name(kept.name + suffix))
    put(new, store)
    return kept if replaces else None


@contextmanager
def _copied(source: Path, target: Path) -> Iterator[tuple[Path, Condition]]:
    """Give a checked copy that lies beside the target, on the same disk; it is gone at the end if nobody moved it."""
    if not source.is_file():
        raise StoreError(f"store {source}: no such file")
    try:
        with drafted(target) as copy:
            with opened(source, source) as connection:
                schema_of(connection, source)
                with opened(copy, target, "rwc") as written:
                    # All pages in one step: a copy in several begins anew whenever another process writes, and on a
                    # busy store never ends. Writers do not wait for it.
                    connection.backup(written)
                    written.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside
            with opened(copy, source) as connection:
                condition = condition_of(connection, source)
            if condition.problems:
                raise StoreError(f"store {source}: damaged, not copied: {condition.problems[0]}")
            yield copy, condition
    except OSError as error:
        raise StoreError(f"store {target}: cannot be written: {error.strerror}") from None


def _own_like(store: Path, copy: Path) -> None:
    """Give the copy the store's rights, so that a restore by root does not lock the job's user out."""
    status = store.stat()
    copy.chmod(status.st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(copy, status.st_uid, status.st_gid)


def _close_log(store: Path) -> None:
    """Bring what is in the write-ahead log into the store; refuse if another process has the store open."""
    with closing(sqlite3.connect(store, BUSY_TIMEOUT)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.DatabaseError as error:  # a damaged store is replaced all the same
            if "locked" in str(error):
                raise StoreError(f"store {store}: another process has it open: end that process first") from None


def _is_stamped(path: Path, store: Path) -> bool:
    try:
        datetime.strptime(path.stem.removeprefix(f"{store.stem}-"), STAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
