"""Hand articles out as JSONL or CSV: written from the store to a file beside the target, then moved into place."""

import csv
import gzip
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson

from crawler.dates import CST
from crawler.discreet import harmless
from crawler.drafts import drafted, put
from crawler.errors import FengxiangError
from crawler.store import Selection, Store

BATCH = 200  # articles read from the store at a time
FORMATS = ("jsonl", "jsonl.gz", "csv")
# A cell that a spreadsheet would run as a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# What steers a terminal, or ends a line for some programs only, as bytes of UTF-8: DEL and C1, marks of reading
# direction, U+2028 and U+2029, U+FEFF. JSON may write them as escapes; it must for those below U+0020.
_ESCAPED = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf")
FIELDS = (
    *("id", "story_id", "url", "canonical_url", "source", "source_name", "title", "author", "publish_time"),
    *(
        "publish_precision",
        "fetched_at",
        "region",
        "direction",
        "section",
        "body",
        "topics",
        "duplicate_of",
        "reprints",
    ),
    *("text_form", "repairs", "attachments", "images", "document", "content_hash"),
)


class ExportError(FengxiangError):
    """The export could not be written; the file that was there is untouched."""


def export_articles(store: Store, target: Path | None, *, selection: Selection, file_format: str = "jsonl") -> int:
    """Write the selected articles, to standard output where `target` is None; return how many."""
    count = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for record in records(store, selection):
            count += 1
            yield record

    writer = write_csv if file_format == "csv" else _write_jsonl
    if target is None:
        writer(counted(), sys.stdout.buffer)
        return count
    with _moved_into_place(target) as file:
        if file_format == "jsonl.gz":
            with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                _write_jsonl(counted(), packed)
        else:
            writer(counted(), file)
    return count


def format_of(file: Path) -> str:
    """Return the format that a file's name asks for, by default jsonl."""
    return next((name for name in ("csv", "jsonl.gz") if file.name.endswith(f".{name}")), "jsonl")


def records(store: Store, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield one JSON-ready object an article, in the schema of docs/export.md."""
    rows = store.read_articles(selection)
    while batch := list(islice(rows, BATCH)):
        views = store.story_views({row["story_id"] for row in batch})
        for row in batch:
            view = views[row["story_id"]]
            first = view.members[0]
            yield record_of(
                row.__getitem__,
                article_id=row["id"],
                topics=[flag_of(**topic) for topic in view.topics],
                duplicate_of=None if first == row["id"] else first,
                reprints=view.members[1:] if first == row["id"] else [],
            )


def record_of(get: Callable[[str], Any], **story: Any) -> dict[str, Any]:
    """Return the object of one article; `get` gives the columns of the store or the fields of an Article."""
    return {
        "id": story["article_id"],
        "story_id": get("story_id"),
        "url": get("url"),
        "canonical_url": get("canonical_url"),
        "source": get("source"),
        "source_name": get("source_name"),
        "title": get("title"),
        "author": get("author"),
        "publish_time": _time(get("publish_time")),
        "publish_precision": get("precision"),
        "fetched_at": _time(get("fetched_at")),
        "region": get("region"),
        "direction": get("direction"),
        "section": get("section"),
        "body": get("body"),
        "topics": story["topics"],
        "duplicate_of": story["duplicate_of"],
        "reprints": story["reprints"],
        "text_form": get("text_form"),
        "repairs": get("repairs"),
        "attachments": get("attachments"),
        "images": get("images"),
        "document": get("document"),
        "content_hash": get("content_hash"),
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(CST).isoformat(timespec="seconds") if moment else None


def _write_jsonl(lines: Iterable[dict[str, Any]], file: IO[bytes] | gzip.GzipFile) -> None:
    for record in lines:
        file.write(escaped(orjson.dumps(record)) + b"\n")


def escaped(line: bytes) -> bytes:
    """Return the same JSON with what steers terminals as escapes."""
    return _ESCAPED.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), line)


def write_csv(lines: Iterable[dict[str, Any]], file: IO[bytes]) -> None:
    """Write objects as a table that no spreadsheet runs."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)  # spreadsheets look for the BOM
    table = csv.DictWriter(text, FIELDS)
    table.writeheader()
    for record in lines:
        table.writerow({name: _cell(value) for name, value in record.items()})
    text.detach()


def _cell(value: object) -> object:
    if isinstance(value, (list, dict)):
        value = orjson.dumps(value).decode() if value else ""
    if isinstance(value, str) and (value.startswith(("\t", "\r", "\n")) or value.lstrip().startswith(FORMULA)):
        value = f"'{value}"
    return harmless(value) if isinstance(value, str) else value


@contextmanager
def _moved_into_place(target: Path) -> Iterator[IO[bytes]]:
    """Give a file beside the target that replaces it at the end: a reader sees the old or the new one, never a half."""
    try:
        with drafted(target) as draft:
            with draft.open("wb") as file:
                yield file
            draft.chmod(0o644)
            put(draft, target)
    except OSError as error:
        raise ExportError(f"{target}: cannot be written: {error.strerror}; the file before it is untouched") from None


def flag_of(topic: str, score: float, evidence: list[dict[str, Any]], article_id: int | str) -> dict[str, Any]:
    """Return the object of one flag; the evidence points into the article named."""
    return {"topic": topic, "score": round(score, 3), "article_id": article_id, "evidence": evidence}
