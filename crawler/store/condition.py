"""Look whether a SQLite store is sound: its file, its schema, what its rows say. Changes and migrates nothing."""
# ruff: noqa: S608 - all names are those of our own schema

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.store.database import HEAD, StoreError, remedy
from crawler.store.rules import broken
from crawler.store.schema import metadata
from crawler.store.values import unreadable

BUSY_TIMEOUT = 5.0  # seconds to wait for a writer; a copy needs none, putting one back needs the file to itself
MOST_PROBLEMS = 10  # of a kind that are told; the first ones tell enough


@dataclass(slots=True, frozen=True)
class Condition:
    """What a check found. A sound store has no problems."""

    schema: str
    articles: int
    problems: tuple[str, ...]  # of the file, in SQLite's words, then rows that point to nothing, then what rows say


def check(path: Path) -> Condition:
    """Return the condition of a store. Raises StoreError if it cannot be read or is none of ours."""
    if not path.is_file():
        raise StoreError(f"store {path}: no such file")
    with opened(path, path) as connection:
        found = condition_of(connection, path)
        if found.problems or found.schema != HEAD:  # then the rows only tell of the same again
            return found
        return Condition(found.schema, found.articles, tuple(_row_problems(connection)))


@contextmanager
def opened(path: Path, name: Path, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    """Give a connection; SQLite's errors become a StoreError about the file that the user knows."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", BUSY_TIMEOUT, uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"store {name}: {remedy(str(error))}") from error


def condition_of(connection: sqlite3.Connection, name: Path) -> Condition:
    """Return the condition of the file of an opened store, whatever its rows say."""
    schema = schema_of(connection, name)
    problems = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST_PROBLEMS})") if row[0] != "ok"]
    orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_PROBLEMS)
    problems += [f"{table}: row {row} names a row of {other} that is not there" for table, row, other, _ in orphans]
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    return Condition(schema, articles, tuple(problems))


def schema_of(connection: sqlite3.Connection, name: Path) -> str:
    """Return the schema's version; raise StoreError if the store is none of ours or newer than the program."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", "articles", "outbox"} <= tables:
        raise StoreError(f"store {name}: no store of Fengxiang")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    schema = str(row[0]) if row else ""
    if schema > HEAD:
        raise StoreError(f"store {name}: made by a newer Fengxiang (schema {schema}, known {HEAD}): upgrade Fengxiang")
    return schema


def _row_problems(connection: sqlite3.Connection) -> Iterator[str]:
    missing = list(_missing(connection))
    yield from missing
    if missing:
        return
    yield from (f"{count} {rule.text}" for rule, count in broken(connection))
    connection.text_factory = bytes
    for table in metadata.sorted_tables:
        columns = list(table.columns)
        names = ", ".join(column.name for column in columns)
        spoilt: Counter[str] = Counter()
        for row in connection.execute(f"SELECT {names} FROM {table.name}"):
            spoilt.update(unreadable(columns, row))
        yield from (f"{table.name}: {count} values of {name} cannot be read" for name, count in spoilt.items())
    connection.text_factory = str


def _missing(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the tables and indexes that the schema has and the file has not."""
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    for table in metadata.sorted_tables:
        for kind, name in [("table", table.name), *(("index", str(index.name)) for index in table.indexes)]:
            if name not in there:
                yield f"{kind} {name} is not there"
