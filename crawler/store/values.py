"""Whether the values of a row are what the schema says: SQLite itself keeps anything in any column."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer

from crawler.store.schema import UtcDateTime

Value = int | float | bytes | None  # as a connection gives it whose text_factory is bytes
STAMP = "%Y-%m-%d %H:%M:%S.%f"  # how SQLAlchemy keeps a time in SQLite


def readable(column: Column[Any], value: Value) -> bool:
    """Return whether the program can read the value."""
    if value is None:
        return bool(column.nullable)
    try:
        _reader(column)(value)
    except (TypeError, ValueError):  # of which UnicodeDecodeError and JSONDecodeError are kinds
        return False
    return True


def mended(column: Column[Any], value: Value, now: str) -> Value | str:
    """Return the likest value that can be read."""
    if readable(column, value):
        return value if not isinstance(value, bytes) else value.decode()
    if column.nullable:
        return None
    if isinstance(column.type, UtcDateTime):
        return now
    if isinstance(column.type, JSON):
        return "{}" if column.name in {"repairs", "manifest", "counts", "report"} else "[]"
    if isinstance(column.type, (Boolean, Integer, Float)):
        return 0
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _reader(column: Column[Any]) -> Callable[[Any], object]:
    if isinstance(column.type, UtcDateTime):
        return lambda value: datetime.fromisoformat(value.decode()) if isinstance(value, bytes) else int("not a time")
    if isinstance(column.type, JSON):
        return json.loads
    if isinstance(column.type, (Boolean, Integer)):
        return _whole
    if isinstance(column.type, Float):
        return _number
    return _text


def _whole(value: object) -> None:
    if not isinstance(value, int):
        raise TypeError


def _number(value: object) -> None:
    if not isinstance(value, (int, float)):
        raise TypeError


def _text(value: object) -> None:
    if not isinstance(value, bytes):
        raise TypeError
    value.decode()


def unreadable(columns: Iterable[Column[Any]], row: Iterable[Value]) -> list[str]:
    """Return the names of the columns whose value cannot be read."""
    return [column.name for column, value in zip(columns, row, strict=True) if not readable(column, value)]
