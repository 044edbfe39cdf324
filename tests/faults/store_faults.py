"""Stores for the tests of faults: filled with everything that points to something, and read by SQLite alone."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean

from crawler.store import database
from crawler.store.schema import UtcDateTime, metadata
from crawler.stories import keys, prepare

STAMP = "2026-11-20 01:30:00.000000"
ADDRESS = "http://example.org/a/{}.html"
# Alert, message, and the ledger's last word, by the number of the story modulo 5; 0 is not flagged.
STATES = {1: ("hit", None), 2: ("queued", None), 3: ("planned", "queued"), 4: ("sent", "sent")}


def create(path: Path, schema: str) -> None:
    """Make an empty store of a past schema by its own migrations."""
    url = f"sqlite:///{path}"
    engine = database.make_engine(url)
    database.migrate(engine, url, schema)
    engine.dispose()


def rows_of(number: int) -> dict[str, dict[str, Any]]:
    """Return one row for each table that an article leads to, as the schema 0001 has them."""
    title, body = (
        f"第{number}号消息",
        f"某市第{number}号方案提出承接产业转移，建设标准厂房{number * 3}万平方米，明年完工。" * 9,
    )
    state, message = STATES.get(number % 5, (None, None))
    rows: dict[str, dict[str, Any]] = {"stories": {"id": number, "created_at": STAMP}}
    rows["articles"] = {
        "id": number,
        "canonical_url": ADDRESS.format(number),
        "url": ADDRESS.format(number),
        "source": "gs_example",
        "title": title,
        "body": body,
        "fetched_at": STAMP,
        "text_form": "clean",
        "repairs": "{}",
        "attachments": "[]",
        "images": "[]",
        "document": None,
        "content_hash": f"{number:064d}",
        "story_id": number,
        "differs": "null",
    }
    rows["pages"] = {"canonical_url": ADDRESS.format(number), "source": "gs_example", "state": "stored"}
    rows["pages"] |= {"attempts": 1, "seen_at": STAMP}
    if state:
        evidence = json.dumps([{"field": "body", "start": 0, "end": 2, "text": body[:2]}])
        rows["flags"] = {"story_id": number, "topic": "transfer", "article_id": number, "score": 0.8}
        rows["flags"] |= {"evidence": evidence, "flagged_at": STAMP}
        if message:
            rows["messages"] = {"id": number, "key": f"k{number}", "channel": "desk", "kind": "alert", "title": title}
            rows["messages"] |= {"body": ADDRESS.format(number), "format": "text", "state": message, "attempts": 0}
            rows["messages"] |= {"next_try": STAMP, "created_at": STAMP, "reached": "[]"}
        rows["outbox"] = {"id": number, "story_id": number, "topic": "transfer", "channel": "desk", "revision": 0}
        rows["outbox"] |= {"state": state, "urgent": 0, "created_at": STAMP, "message_id": number if message else None}
        rows["ledger"] = {"id": number, "outbox_id": number, "at": STAMP, "event": "hit", "detail": ""}
    return rows


def fill(path: Path, count: int) -> None:
    """Put that many articles into a store, with all that hangs on them."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for number in range(1, count + 1):
            rows = rows_of(number)
            for table, row in rows.items():
                insert(connection, table, row)
            told = rows["articles"]
            for key in keys(prepare(f"{told['title']}\n{told['body']}")):
                insert(connection, "story_keys", {"key": key, "article_id": number})
        insert(connection, "runs", {"id": 1, "started_at": STAMP, "ended_at": STAMP, "exit_code": 0, "manifest": "{}"})
        done = {"run_id": 1, "source": "gs_example", "started_at": STAMP, "ended_at": STAMP, "outcome": "ok"}
        insert(connection, "source_runs", done | {"counts": "{}"})
        split = {"article_id": 1, "other_id": 2, "decided_at": STAMP}
        insert(connection, "story_splits", split)


def insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


def contents(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables, by name of column."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in tables}
    return {table: sorted(rows, key=str) for table, rows in found.items() if table != "alembic_version"}


def schema(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def typed(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the values that SQLAlchemy takes, where `rows_of` has what SQLite keeps."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        kind = metadata.tables[table].c[name].type
        if isinstance(kind, UtcDateTime):
            found[name] = datetime.fromisoformat(value).replace(tzinfo=UTC)
        elif isinstance(kind, JSON):
            found[name] = json.loads(value) if value is not None else None
        else:
            found[name] = bool(value) if isinstance(kind, Boolean) else value
    return found
