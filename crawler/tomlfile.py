"""Read the user's TOML files into pydantic models. Every complaint names file, line, key and the remedy."""

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from crawler.discreet import discreet
from crawler.errors import UsageError

M = TypeVar("M", bound=BaseModel)


class FileError(UsageError):
    """A file of the user is broken; the message begins with file and line."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")


class Strict(BaseModel):
    """A table of a TOML file: unknown keys are errors, values are not changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, or raise FileError with the reason and the remedy."""
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise FileError(path, None, "no such file") from None
    except UnicodeDecodeError as error:
        raise FileError(path, None, f"not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except OSError as error:
        raise FileError(path, None, f"cannot be read: {error.strerror}") from None


def load(path: Path, model: type[M], *, extra: dict[str, object] | None = None) -> M:
    """Return the file as the model. `extra` is laid over the file's values, table by table."""
    text = read_text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else len(text.splitlines())  # else the error is "at end of document"
        raise FileError(path, line, f"not valid TOML: {error}") from None
    return validate(path, text, _laid_over(values, extra or {}), model)


def validate(path: Path, text: str, values: dict[str, object], model: type[M]) -> M:
    """Return the values as the model; complaints point into the text of the file."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise FileError(path, line_of(text, first["loc"]), _complaint(first, model)) from None


def line_of(text: str, location: Iterable[int | str]) -> int | None:
    """Return the number of the line that sets the key, or of the nearest table around it.

    A number in the location counts the tables of an array: ("subscriber", 1, "name") is the second [[subscriber]]'s.
    """
    parts = list(location)
    while parts and isinstance(parts[-1], int):
        parts.pop()  # a place in a list of plain values
    *wanted, key = parts or [""]
    table: list[int | str] = []
    counts: dict[tuple[int | str, ...], int] = {}
    found = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[{1,2})\s*([^\]]+?)\s*\]", line):
            names = header[2].replace('"', "").replace(" ", "").split(".")
            table = _table(counts, names, array=header[1] == "[[")
            if table in (wanted, parts):
                found = number
        elif table == wanted and re.match(rf"\s*\"?{re.escape(str(key))}\"?\s*[=.]", line):
            return number
    return found


def _table(counts: dict[tuple[int | str, ...], int], names: list[str], *, array: bool) -> list[int | str]:
    """Return the place of a table, with a number behind the name of each array of tables that it lies in."""
    place: list[int | str] = []
    for depth, name in enumerate(names, 1):
        place.append(name)
        key = tuple(place)
        if array and depth == len(names):
            counts[key] = counts.get(key, -1) + 1
        if key in counts:
            place.append(counts[key])
    return place


def _laid_over(values: dict[str, object], extra: dict[str, object]) -> dict[str, object]:
    merged = dict(values)
    for key, value in extra.items():
        below = merged.get(key)
        merged[key] = _laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _complaint(error: ErrorDetails, model: type[BaseModel]) -> str:
    *tables, key = error["loc"] or ("",)
    where = f" in [{'.'.join(map(str, tables))}]" if tables else ""
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(key), _keys(model, tables), n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(_keys(model, tables))}"
        return f"unknown key '{key}'{where}; {hint}"
    if error["type"] == "missing":
        return f"key '{key}' is missing{where}"
    reason = error["msg"].removeprefix("Value error, ")
    return f"key '{key}'{where}: {reason}; got {discreet(str(error['input']))[:80]!r}"


def _keys(model: type[BaseModel], tables: Iterable[int | str]) -> list[str]:
    for table in tables:
        field = model.model_fields.get(str(table))
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return list(model.model_fields)
