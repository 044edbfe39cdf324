"""Damage in the middle of the file: everything outside the damaged pages is salvaged, and what is lost is told."""

import os
import random
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import store_faults as faults
from conftest import NOW, SOAK, fengxiang

from crawler.store import StoreError, database
from crawler.store.condition import check
from crawler.store.repair import Repaired, repair

pytestmark = pytest.mark.slow  # `make test-slow`

COUNT = 400  # articles
PAGE = 4096
CASES = range(60 if SOAK else 10)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "fengxiang.db"
    faults.create(path, database.HEAD)
    faults.fill(path, COUNT)
    assert check(path).problems == ()
    return path


def pages_of(path: Path) -> list[int]:
    """Return the numbers of the pages that hold rows or indexes of ours, not those that name the tables."""
    content = path.read_bytes()
    numbers = range(2, len(content) // PAGE + 1)
    return [number for number in numbers if b"CREATE " not in content[(number - 1) * PAGE : number * PAGE]]


def spoil(path: Path, numbers: list[int], noise: bytes) -> None:
    with path.open("r+b") as file:
        for number in numbers:
            file.seek((number - 1) * PAGE)
            file.write(noise)


def salvaged(store: Path, tmp_path: Path) -> tuple[Path, Repaired]:
    """Repair a store; return the file that holds what was read."""
    before = store.read_bytes()
    done = repair(store, tmp_path / "run.lock", NOW)
    if done.lost:
        assert store.read_bytes() == before
    return done.file or store, done


def damaged(original: Path, tmp_path: Path, numbers: list[int], noise: bytes) -> tuple[Path, Repaired]:
    store = tmp_path / "fengxiang.db"
    shutil.copy(original, store)
    spoil(store, numbers, noise)
    return salvaged(store, tmp_path)


def assert_whole(original: Path, result: Path, done: Repaired) -> None:
    """What came over is as it was; what did not is told; the new store is sound."""
    assert check(result).problems == ()
    before, after = faults.contents(original), faults.contents(result)
    keys = before.pop("story_keys")  # made again from the articles
    articles = {row["id"] for row in after["articles"]}
    for table in before:
        # A flag and a decision go with their article, which is told.
        hanging = table in {"flags", "story_splits"}
        meant = [row for row in before[table] if not hanging or row["article_id"] in articles]
        assert len(after[table]) >= len(meant) - done.lost.get(table, 0), table
    assert after["story_keys"] == [row for row in keys if row["article_id"] in articles]
    told = {row["id"]: row for row in before["articles"]}
    for row in after["articles"]:
        assert row == told[row["id"]]


@pytest.mark.parametrize("case", CASES)
def test_damaged_pages_cost_only_their_rows(original: Path, tmp_path: Path, case: int) -> None:
    """One to four pages of noise, zeros or another page's bytes, at random places."""
    chance = random.Random(case)
    numbers = chance.sample(pages_of(original), chance.randint(1, 4))
    noise = chance.choice([chance.randbytes(PAGE), bytes(PAGE), b"\xff" * 512])
    result, done = damaged(original, tmp_path, numbers, noise)
    assert_whole(original, result, done)


def test_any_page_can_be_lost_but_those_that_name_the_tables(original: Path, tmp_path: Path) -> None:
    """Of the tables' roots and leaves, which of one page's rows are lost is bounded by what hangs on the page."""
    chance = random.Random(7)
    pages = chance.sample(pages_of(original), 60 if SOAK else 12)
    kept: dict[int, int] = {}
    for number in pages:
        folder = tmp_path / str(number)
        folder.mkdir()
        result, done = damaged(original, folder, [number], chance.randbytes(PAGE))
        assert_whole(original, result, done)
        kept[number] = len(faults.contents(result)["articles"])
    assert sorted(kept.values())[len(kept) // 2] > COUNT - 10, kept


def test_rows_that_cannot_be_read_are_counted_where_an_index_lists_them(original: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(original)) as connection:
        query = "SELECT pageno FROM dbstat WHERE name = 'articles' AND pagetype = 'leaf'"
        try:
            leaves = [row[0] for row in connection.execute(query)]
        except sqlite3.OperationalError:
            pytest.skip("this SQLite has no table dbstat, which tells what lies on a page")
    result, done = damaged(original, tmp_path, leaves[3:5], os.urandom(PAGE))
    gone = COUNT - len(faults.contents(result)["articles"])
    assert 0 < gone <= 10
    assert done.lost["articles"] == gone
    again = [row for row in faults.contents(result)["pages"] if row["state"] == "missing"]
    assert len(again) == gone  # the next run asks for them


def test_spoilt_index_is_made_again_in_place(original: Path, tmp_path: Path) -> None:
    store = tmp_path / "var" / "fengxiang.db"
    store.parent.mkdir()
    shutil.copy(original, store)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'fetched_at)', 'title)') WHERE name = 'articles_by_fetch'"
        )
    assert "articles_by_fetch" in check(store).problems[0]
    done = fengxiang("db", "repair", cwd=tmp_path)
    assert (done.returncode, "nothing lost" in done.stdout) == (0, True), done.stdout + done.stderr
    assert check(store).problems == ()
    assert faults.contents(store) == faults.contents(original)


@pytest.mark.parametrize("message", ["not a SQLite database", "damaged: keep the file"])
def test_tables_names_gone_are_refused_with_the_remedy(original: Path, tmp_path: Path, message: str) -> None:
    store = tmp_path / "fengxiang.db"
    shutil.copy(original, store)
    naming = set(range(1, store.stat().st_size // PAGE + 1)) - set(pages_of(store))
    spoil(store, [1 if message.startswith("not a") else max(naming)], os.urandom(PAGE))
    before = store.read_bytes()
    with pytest.raises(StoreError, match=message):
        repair(store, tmp_path / "run.lock", NOW)
    assert store.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"fengxiang.db", "run.lock"}


def test_command_leaves_the_salvaged_store_beside(original: Path, tmp_path: Path) -> None:
    store = tmp_path / "var" / "fengxiang.db"
    store.parent.mkdir()
    shutil.copy(original, store)
    spoil(store, pages_of(store)[40:70], os.urandom(PAGE))
    before = store.read_bytes()
    checked = fengxiang("db", "check", cwd=tmp_path)
    assert checked.returncode == 1
    done = fengxiang("db", "repair", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert store.read_bytes() == before
    (new,) = store.parent.glob("fengxiang-salvaged-*.db")
    assert f"fengxiang db restore {new}\n" in done.stdout
    assert "lost: " in done.stdout
    assert fengxiang("db", "restore", str(new), cwd=tmp_path).returncode == 0
    assert fengxiang("db", "check", cwd=tmp_path).returncode == 0


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="needs SQLite's own program: apt-get install sqlite3")
def test_as_much_comes_over_as_with_sqlites_own_recovery(original: Path, tmp_path: Path) -> None:
    chance = random.Random(3)
    numbers = chance.sample(pages_of(original), 12)
    result, done = damaged(original, tmp_path, numbers, chance.randbytes(PAGE))
    damaged_file = tmp_path / "again.db"
    shutil.copy(original, damaged_file)
    chance = random.Random(3)
    spoil(damaged_file, chance.sample(pages_of(original), 12), chance.randbytes(PAGE))
    script = subprocess.run(["sqlite3", damaged_file, ".recover"], capture_output=True, check=False).stdout
    subprocess.run(["sqlite3", tmp_path / "theirs.db"], input=script, capture_output=True, check=False)
    theirs: dict[str, list[dict[str, Any]]] = faults.contents(tmp_path / "theirs.db")
    ours = faults.contents(result)
    for table in ("articles", "stories", "flags", "outbox", "messages", "ledger", "pages"):
        assert len(ours[table]) >= len(theirs.get(table, [])), (table, done.lost)
