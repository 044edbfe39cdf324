"""Export: whole lines or the old file, filters, and cells that no spreadsheet runs."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, article, fengxiang

from crawler.export import FIELDS, ExportError, export_articles
from crawler.store import Placement, Selection, Store
from crawler.topics import Evidence, Flag

FLAG = Flag("industry_transfer", 0.87654, (Evidence("title", 0, 2, "转移"),))


@pytest.fixture
def filled(store: Store) -> Store:
    """Three articles; the second reprints the first and was published earlier."""
    first = store.save_article(article(1, flags=[FLAG], publish_time=NOW, region="甘肃"), [1], Placement(), {}, NOW)
    earlier = NOW - timedelta(hours=2)
    store.save_article(article(2, publish_time=earlier), [1], Placement((first,), 0.9, "same text"), {}, NOW)
    store.save_article(article(3, fetched_at=NOW + timedelta(days=1)), [3], Placement(), {}, NOW)
    return store


def exported(store: Store, target: Path, **selection: Any) -> list[dict[str, Any]]:
    export_articles(store, target, selection=Selection(**selection))
    return [json.loads(line) for line in target.read_text("utf-8").splitlines()]


def test_record_tells_time_with_offset_story_and_topics(filled: Store, tmp_path: Path) -> None:
    first, reprint, _ = exported(filled, tmp_path / "out.jsonl")
    assert tuple(first) == FIELDS
    assert first["publish_time"] == "2026-11-20T09:30:00+08:00"
    assert first["fetched_at"] == "2026-11-20T09:30:00+08:00"
    assert (reprint["duplicate_of"], reprint["reprints"]) == (None, [first["id"]])
    assert (first["duplicate_of"], first["reprints"]) == (reprint["id"], [])
    evidence = [{"field": "title", "start": 0, "end": 2, "text": "转移"}]
    expected = {"topic": "industry_transfer", "score": 0.877, "article_id": first["id"], "evidence": evidence}
    assert first["topics"] == reprint["topics"] == [expected]


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"since": NOW + timedelta(hours=1)}, [3]),
        ({"until": NOW + timedelta(hours=1)}, [1, 2]),
        ({"topic": "industry_transfer"}, [1, 2]),
        ({"topic": "other"}, []),
        ({"source": "gs_example"}, [1, 2, 3]),
        ({"region": "甘肃"}, [1]),
    ],
)
def test_selection(filled: Store, tmp_path: Path, selection: dict[str, Any], numbers: list[int]) -> None:
    assert [record["id"] for record in exported(filled, tmp_path / "out.jsonl", **selection)] == numbers


def test_gz_holds_the_same_lines(filled: Store, tmp_path: Path) -> None:
    for name, file_format in (("a.jsonl", "jsonl"), ("b.jsonl.gz", "jsonl.gz")):
        export_articles(filled, tmp_path / name, selection=Selection(), file_format=file_format)
    assert gzip.decompress((tmp_path / "b.jsonl.gz").read_bytes()) == (tmp_path / "a.jsonl").read_bytes()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "\n="])
def test_no_cell_begins_a_formula(store: Store, tmp_path: Path, start: str) -> None:
    words = f"{start}cmd|' /C calc'!A0"
    item = article(1, title=words, body=words, author=words, section=words, source_name=words, region=words)
    store.save_article(item, [1], Placement(), {}, NOW)
    export_articles(store, tmp_path / "out.csv", selection=Selection(), file_format="csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    for cell in row.values():
        assert not cell.lstrip(" \n\r\t").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), cell
    assert row["title"] == "'" + words.replace("\r", "\\u000d")  # it would steer a terminal


def test_failed_export_leaves_the_old_file(filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old\n", "utf-8")

    def failing(_: Store, __: Selection) -> Iterator[dict[str, Any]]:
        yield {"id": 1}
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crawler.export.records", failing)
    with pytest.raises(ExportError, match="No space left on device; the file before it is untouched"):
        export_articles(filled, target, selection=Selection())
    assert [path.name for path in tmp_path.glob("*jsonl*")] == ["out.jsonl"]
    assert target.read_text("utf-8") == "old\n"


def test_command_writes_to_standard_output_and_names_bad_words(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'var' / 'fengxiang.db'}")
    store.save_article(article(1), [1], Placement(), {}, NOW)
    store.close()
    assert json.loads(fengxiang("export", cwd=tmp_path).stdout)["id"] == 1
    assert fengxiang("export", "--since", "2026-11-21", cwd=tmp_path).stdout == ""
    for words, message in (
        (("--since", "yesterday"), "'yesterday' is no date"),
        (("--format", "xlsx"), "--format xlsx: one of jsonl, jsonl.gz, csv"),
        (("-o", "/proc/none/out.jsonl"), "/proc/none/out.jsonl: cannot be written"),
    ):
        done = fengxiang("export", *words, cwd=tmp_path)
        assert done.returncode in {1, 2}
        assert done.stderr.startswith(f"fengxiang: {message}"), done.stderr
        assert done.stderr.count("\n") == 1
