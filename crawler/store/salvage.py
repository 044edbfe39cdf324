"""Read what can be read of a damaged SQLite file, row by row around the damage, into a new file. Writes to no other."""
# ruff: noqa: S608 - all names are those of our own schema

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, make_url

from crawler.store.database import HEAD, make_engine, migrate
from crawler.store.schema import metadata
from crawler.store.values import Value, mended, readable

LEAST_ROW = 40  # bytes: no row of ours takes less, so a file cannot hold more rows than its size divided by it
Row = tuple[Value, ...]


@dataclass(slots=True)
class Salvaged:
    """What came over. Rows of an index are none: they are made again."""

    rows: dict[str, int] = field(default_factory=dict)  # of each table that was read
    lost: dict[str, int] = field(default_factory=dict)  # rows of each table that could not be; at most so many
    values: list[str] = field(default_factory=list)  # "articles 12 title": could not be read and was replaced


def salvage(source: sqlite3.Connection, target: Path, now: str) -> Salvaged:
    """Copy the rows of a store into a new store at `target`, of the same schema, with all its indexes new.

    `source` gives text as bytes. `now` stands in for a time that cannot be read.
    """
    url = make_url(f"sqlite:///{target}")
    engine = make_engine(url.render_as_string())
    migrate(engine, url.render_as_string(), _version(source))
    engine.dispose()
    found = Salvaged()
    with closing(sqlite3.connect(target, isolation_level=None)) as written:
        written.execute("BEGIN")
        for table in metadata.sorted_tables:
            _copy(source, written, table, found, now)
        written.execute("COMMIT")
        written.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside
    return found


def _version(source: sqlite3.Connection) -> str:
    try:
        row = source.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return HEAD
    return row[0].decode() if row else HEAD


def _copy(source: sqlite3.Connection, written: sqlite3.Connection, table: Table, found: Salvaged, now: str) -> None:
    columns = _shared(source, written, table)
    if not columns:
        return
    names = ", ".join(f'"{column.name}"' for column in columns)
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})"
    lost: list[tuple[int, int]] = []
    read: set[int] = set()
    before = written.total_changes
    for rowid, *row in _rows(source, table, names, lost):
        spoilt = [column.name for column, value in zip(columns, row, strict=True) if not readable(column, value)]
        found.values += [f"{table.name} {rowid} {name}" for name in spoilt]
        values = [mended(column, value, now) for column, value in zip(columns, row, strict=True)]
        written.execute(insert, values)
        read.add(rowid)
    found.rows[table.name] = written.total_changes - before
    count = _count(source, table, lost, read) + len(read) - found.rows[table.name]
    if count:
        found.lost[table.name] = count


def _shared(source: sqlite3.Connection, written: sqlite3.Connection, table: Table) -> list[Column[Any]]:
    """Return the columns that a table has in both files."""
    try:
        there = {row[1].decode() for row in source.execute(f'PRAGMA table_info("{table.name}")')}
    except sqlite3.DatabaseError:
        return []
    here = {row[1] for row in written.execute(f'PRAGMA table_info("{table.name}")')}
    return [column for column in table.columns if column.name in there & here]


def _rows(
    source: sqlite3.Connection, table: Table, names: str, lost: list[tuple[int, int]]
) -> Iterator[tuple[Any, ...]]:
    """Yield (rowid, *values) of every row that can be read; note the spans of row ids where none could."""
    if not table.dialect_options["sqlite"]["with_rowid"]:
        yield from _keyed(source, table, names, lost)
        return
    query = f"SELECT rowid, {names} FROM {table.name} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
    spans = [(-(2**63), 2**63 - 1)]
    while spans:
        begin, end = spans.pop()
        at = begin
        try:
            for row in source.execute(query, (begin, end)):
                yield row
                at = row[0] + 1
            continue
        except sqlite3.DatabaseError:
            begin = at
        if begin < 1:  # the very first row cannot be read
            begin = 1
        if end == 2**63 - 1:
            end = max(begin, _last(source, table, begin))
        if begin >= end:
            lost.append((begin, end))
        else:
            middle = (begin + end) // 2
            spans += [(middle + 1, end), (begin, middle)]


def _keyed(
    source: sqlite3.Connection, table: Table, names: str, lost: list[tuple[int, int]]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table without row ids, or none if one cannot be read: it is an index that is made again."""
    try:
        rows = source.execute(f"SELECT {names} FROM {table.name}").fetchall()
    except sqlite3.DatabaseError:
        lost.append((0, 0))
    else:
        yield from ((number, *row) for number, row in enumerate(rows))


def _last(source: sqlite3.Connection, table: Table, first: int) -> int:
    """Return the greatest row id that there can be."""
    indexed = [f"SELECT max(rowid) FROM {table.name} INDEXED BY {index.name}" for index in table.indexes]
    for query in (f"SELECT max(rowid) FROM {table.name}", *indexed):
        try:
            return int(source.execute(query).fetchone()[0] or first)
        except sqlite3.DatabaseError:
            continue
    (pages,), (size,) = (source.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return first + int(pages) * int(size) // LEAST_ROW


def _count(source: sqlite3.Connection, table: Table, lost: list[tuple[int, int]], read: set[int]) -> int:
    """Return how many rows were lost: where an index still lists them, exactly; else at most so many."""
    if not lost:
        return 0
    for index in table.indexes:
        try:
            listed = source.execute(f"SELECT rowid FROM {table.name} INDEXED BY {index.name}").fetchall()
        except sqlite3.DatabaseError:
            continue
        return len({row[0] for row in listed} - read)
    return sum(end - begin + 1 for begin, end in lost)
