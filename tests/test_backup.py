"""Copies of the store: taken while a run writes, put back, checked, and refused where they would do harm."""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW, article, environment, fengxiang
from test_lock import holder
from test_run import Desk, open_desk

from crawler.store import Placement, Selection, Store, StoreError
from crawler.store.backup import back_up, prune, restore
from crawler.store.condition import check
from crawler.store.database import HEAD

pytestmark = pytest.mark.slow  # `make test-slow`


def fill(path: Path, count: int, first: int = 1) -> None:
    store = Store(f"sqlite:///{path}")
    for number in range(first, first + count):
        store.save_article(article(number), [number], Placement(), {}, NOW)
    store.close()


def rows(path: Path) -> list[tuple[int, str, str]]:
    """Return id, address and text of every article, read by SQLite alone."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT id, canonical_url, body FROM articles ORDER BY id").fetchall()
    connection.close()
    return found


def files(folder: Path) -> set[str]:
    """Return the names in a folder, without the log that SQLite keeps beside a store in use."""
    return {path.name for path in folder.iterdir()} - {"fengxiang.db-wal", "fengxiang.db-shm"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of 20 articles, in a folder of its own."""
    (tmp_path / "var").mkdir()
    fill(tmp_path / "var" / "fengxiang.db", 20)
    return tmp_path / "var" / "fengxiang.db"


def copies_during_a_run(desk: Desk) -> list[Path]:
    """Copy the store at every sixth request of a first run, which fills it; return the copies."""
    store, made = desk.folder / "var" / "fengxiang.db", list[Path]()
    command = [sys.executable, "-P", "-m", "crawler.cli", "run"]
    with subprocess.Popen(command, cwd=desk.folder, env=environment(), stdout=subprocess.DEVNULL) as process:
        for point in range(6, 60, 6):
            while len(desk.web.requests) < point:
                with suppress(subprocess.TimeoutExpired):
                    assert process.wait(0.001) is None, f"the run ended before request {point}"
            made.append(back_up(store, desk.folder / f"copy{len(made)}.db", NOW)[0])
    assert process.returncode == 0
    return made


def test_copies_of_a_store_that_is_written_to_are_states_it_was_in(tmp_path: Path) -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, tmp_path)
        made = copies_during_a_run(desk)
        whole = rows(tmp_path / "var" / "fengxiang.db")
        taken = [rows(copy) for copy in made]
        sizes = [len(articles) for articles in taken]
        assert any(0 < size < len(whole) for size in sizes), f"no copy was taken in the middle: {sizes}"
        assert sizes == sorted(sizes)
        for articles, copy in zip(taken, made, strict=True):
            assert articles == whole[: len(articles)]
            assert check(copy).problems == ()
        assert not [name for name in files(tmp_path) if name.startswith(".copy") or name.endswith(("-wal", "-shm"))]
        # What came after the copy is found again.
        middle = made[next(number for number, size in enumerate(sizes) if 0 < size < len(whole))]
        done = fengxiang("db", "restore", middle.name, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert rows(tmp_path / "var" / "fengxiang.db") == rows(middle)
        assert desk.run("--all").returncode == 0
        assert {row[1] for row in rows(tmp_path / "var" / "fengxiang.db")} == {row[1] for row in whole}


def test_commands(path: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    made = fengxiang("db", "backup", "copies", "--keep", "1", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    (copy,) = (tmp_path / "copies").iterdir()
    assert made.stdout == f"copies/{copy.name}: 20 articles\n"
    fill(path, 5, first=21)
    put_back = fengxiang("db", "restore", str(copy), cwd=tmp_path)
    (kept,) = path.parent.glob("fengxiang.db.2*")
    assert put_back.stdout == f"{path} is now {copy}; what was there is kept as {kept}\n"
    assert (len(rows(path)), len(rows(kept))) == (20, 25)
    for arguments, name, count in (([], path, 20), ([str(kept)], kept, 25)):
        looked = fengxiang("db", "check", *arguments, cwd=tmp_path)
        assert looked.stdout == f"{name}: sound; schema {HEAD} (the newest), {count} articles\n"
        assert looked.returncode == 0


def test_copy_holds_what_is_still_in_the_log(path: Path, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{path}")  # not closed: the article stays in the log
    store.save_article(article(21), [21], Placement(), {}, NOW)
    assert path.with_name("fengxiang.db-wal").stat().st_size
    back_up(path, tmp_path / "copy.db", NOW)
    assert len(rows(tmp_path / "copy.db")) == 21
    store.close()


def test_restore_is_refused_while_a_run_goes_on(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db", NOW)
    fill(path, 1, first=21)
    with holder(tmp_path / "var" / "run.lock") as process:
        done = fengxiang("db", "restore", "copy.db", cwd=tmp_path)
        assert done.returncode == 3
        assert done.stderr.startswith(f"fengxiang: already running: process {process.pid} on ")
        assert len(rows(path)) == 21
        assert files(path.parent) == {"fengxiang.db", "run.lock"}
        assert fengxiang("db", "backup", "other.db", cwd=tmp_path).returncode == 0
        process.kill()


def test_restore_is_refused_while_another_process_reads(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db", NOW)
    store = Store(f"sqlite:///{path}")
    assert next(iter(store.read_articles(Selection())))
    with pytest.raises(StoreError, match="another process has it open"):
        restore(tmp_path / "copy.db", path, tmp_path / "run.lock", NOW)
    store.close()
    assert files(path.parent) == {"fengxiang.db"}
    assert restore(tmp_path / "copy.db", path, tmp_path / "run.lock", NOW)


def test_restore_onto_a_machine_without_a_store(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db", NOW)
    new = tmp_path / "new" / "fengxiang.db"
    assert restore(tmp_path / "copy.db", new, tmp_path / "new" / "run.lock", NOW) is None
    assert rows(new) == rows(path)


def test_log_of_a_store_that_is_gone_is_not_applied(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db", NOW)
    store, log = Store(f"sqlite:///{path}"), path.with_name("fengxiang.db-wal")
    store.save_article(article(21), [21], Placement(), {}, NOW)
    left = log.read_bytes()
    store.close()
    path.unlink()
    log.write_bytes(left)
    assert restore(tmp_path / "copy.db", path, tmp_path / "run.lock", NOW) is None
    assert rows(path) == rows(tmp_path / "copy.db")
    assert (len(rows(path)), check(path).problems) == (20, ())


def test_store_behind_a_link_is_replaced_where_it_lies(path: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    back_up(path, tmp_path / "copy.db", NOW)
    path.rename(tmp_path / "disk" / "store.db")
    path.symlink_to(tmp_path / "disk" / "store.db")
    assert fengxiang("db", "restore", "copy.db", cwd=tmp_path).returncode == 0
    assert path.is_symlink()
    assert len(list((tmp_path / "disk").glob("store.db.2*"))) == 1


def test_damaged_store_is_kept_and_replaced(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy.db", NOW)
    path.write_bytes(b"no database any more" * 300)
    path.with_name("fengxiang.db-wal").write_bytes(b"log of another life")
    kept = restore(tmp_path / "copy.db", path, tmp_path / "run.lock", NOW)
    assert kept
    assert rows(path) == rows(tmp_path / "copy.db")
    assert kept.read_bytes().startswith(b"no database")
    assert check(path).problems == ()


def damaged(path: Path) -> None:
    with path.open("r+b") as file:  # every page but the first, which names the tables
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))


def foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE guests (name TEXT)")
    connection.close()


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()


BAD: list[tuple[Callable[[Path], object], str]] = [
    (damaged, "damaged"),
    (foreign, "no store of Fengxiang"),
    (newer, "made by a newer Fengxiang (schema 9999"),
    (lambda path: path.write_bytes(b"not a database at all" * 200), "not a SQLite database"),
    (lambda path: path.unlink(), "no such file"),
]


@pytest.mark.parametrize(("spoil", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_copy_replaces_nothing(path: Path, tmp_path: Path, spoil: Callable[[Path], object], message: str) -> None:
    copy = tmp_path / "copy.db"
    back_up(path, copy, NOW)
    spoil(copy)
    before = path.read_bytes()
    done = fengxiang("db", "restore", "copy.db", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("fengxiang: store copy.db: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert path.read_bytes() == before
    assert files(path.parent) == {"fengxiang.db", "run.lock"}
    looked = fengxiang("db", "check", "copy.db", cwd=tmp_path)
    assert (looked.returncode, message in looked.stdout + looked.stderr) == (1, True)


def test_bad_store_does_not_replace_a_good_copy(path: Path, tmp_path: Path) -> None:
    copy, _ = back_up(path, tmp_path / "copy.db", NOW)
    before = copy.read_bytes()
    damaged(path)
    with pytest.raises(StoreError, match="damaged"):
        back_up(path, copy, NOW)
    assert copy.read_bytes() == before
    assert files(tmp_path) == {"copy.db", "var"}


def test_row_that_points_to_nothing_is_told(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM stories WHERE id = 3")
    connection.commit()
    connection.close()
    assert check(path).problems == ("articles: row 3 names a row of stories that is not there",)


def test_only_old_copies_of_this_store_are_removed(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    others = {"fengxiang-notes.db", "other-20200101T000000Z.db", "fengxiang.db"}
    for name in others:
        (folder / name).touch()
    made = [back_up(path, folder, NOW + timedelta(days=day))[0] for day in range(4)]
    assert prune(folder, path, 2) == made[:2]
    assert files(folder) == {path.name for path in made[2:]} | others


@pytest.mark.parametrize(
    ("url", "message"), [("sqlite://", "a store in memory has no file"), ("postgresql://x/y", "pg_dump")]
)
def test_store_without_a_file(tmp_path: Path, url: str, message: str) -> None:
    done = fengxiang("db", "backup", "copy.db", cwd=tmp_path, FENGXIANG_STORE_URL=url)
    assert (done.returncode, message in done.stderr) == (2, True)


def test_place_that_cannot_be_written(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/copy\.db: cannot be written"):
        back_up(path, tmp_path / "file" / "copy.db", NOW)


def test_nothing_is_left_where_the_copy_did_not_fit(path: Path, tmp_path: Path) -> None:
    fill(path, 400, first=21)

    def small() -> None:  # a file may not grow further, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = [sys.executable, "-P", "-m", "crawler.cli", "db", "backup", "copy.db"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), preexec_fn=small, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("fengxiang: store copy.db: ")
    assert files(tmp_path) == {"var"}
