"""A store of every past schema opens, and kill -9 at 20 points of a migration loses nothing."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import store_faults as faults
from alembic.script import ScriptDirectory
from conftest import SOAK, environment

from crawler.store import Selection, Store, database
from crawler.store.condition import check

pytestmark = pytest.mark.slow  # `make test-slow`

COUNT = 3000 if SOAK else 300  # articles
POINTS = 200 if SOAK else 20  # kills of each migration
PAST = [script.revision for script in ScriptDirectory(str(database.MIGRATIONS)).walk_revisions()]
# Opens stores with the migrations of a folder, each in a process of its own, which kills itself after so many steps of
# SQLite's machine (0: never). Prints how each ended, and how many steps it took. The libraries are read only once.
OPEN = """
import os, signal, sys
from pathlib import Path
import alembic.command
from sqlalchemy import Engine, event
from crawler.store import database
database.MIGRATIONS, database.HEAD, done = Path(sys.argv[1]), sys.argv[2], 0
def tick():
    global done
    done += 1
    if done == limit:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "connect", lambda connection, _: connection.set_progress_handler(tick, 20))
for path, limit in zip(sys.argv[3::2], map(int, sys.argv[4::2])):
    if not (child := os.fork()):
        database.open_engine("sqlite:///" + path).dispose()
        print(done, end=" ", flush=True)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
# What a migration can do worst: rebuild the table that all others name, fill a new column, and add a table.
REBUILD = '''
"""For the tests: a new column that must be filled, in the table that all others name."""

import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("articles", recreate="always") as table:
        table.add_column(sa.Column("length", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE articles SET length = length(body)")
    op.create_table("notes", sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.id"), primary_key=True))
    op.execute("INSERT INTO notes SELECT id FROM articles")
'''


def command(stores: dict[Path, int], folder: Path, head: str) -> list[str]:
    words = [word for path, limit in stores.items() for word in (str(path), str(limit))]
    return [sys.executable, "-P", "-c", OPEN, str(folder), head, *words]


def opened(stores: dict[Path, int], folder: Path, head: str) -> subprocess.CompletedProcess[str]:
    """Open stores; the values are the steps after which each is killed."""
    words = command(stores, folder, head)
    return subprocess.run(words, env=environment(), text=True, capture_output=True, check=False, timeout=600)


def rebuilding(folder: Path) -> Path:
    """Return the migrations that ship and one more."""
    shutil.copytree(database.MIGRATIONS, folder)
    (folder / "versions" / "9001_rebuild.py").write_text(REBUILD.format(head=database.HEAD), "utf-8")
    return folder


def killed_at_points(original: Path, folder: Path, head: str, same: Callable[[Path], None]) -> None:
    """Open copies of a store, kill each at another point, look at it, and open it once more."""
    paths = [original.with_name(f"killed{point}.db") for point in range(POINTS + 1)]
    for path in paths:
        shutil.copy(original, path)
    whole, *paths = paths
    steps, code = map(int, opened({whole: 0}, folder, head).stdout.split())
    assert (code, steps > 2 * POINTS) == (0, True), "too little work to be killed in"
    points = {path: steps * number // (POINTS + 1) for number, path in enumerate(paths, 1)}
    killed = opened(points, folder, head)
    assert killed.stdout.split() == [str(-signal.SIGKILL)] * POINTS, killed.stderr
    before = faults.contents(original)
    unfinished = [path for path in paths if faults.schema(path) != head]
    assert len(unfinished) > POINTS / 2, "most kills came too late"
    assert all(faults.contents(path) == before for path in unfinished)  # all is as it was
    again = opened(dict.fromkeys(paths, 0), folder, head)
    assert again.stdout.split()[1::2] == ["0"] * POINTS, again.stderr
    for path in paths:
        assert faults.schema(path) == head
        same(path)


@pytest.mark.parametrize("past", PAST)
def test_store_of_every_past_schema_opens_with_all_that_it_held(past: str, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    faults.create(path, past)
    faults.fill(path, 50)
    assert faults.schema(path) == past
    before = faults.contents(path)
    store = Store(f"sqlite:///{path}")
    assert len(list(store.read_articles(Selection()))) == 50
    assert len(store.hits()) == 10
    store.close()
    assert (faults.contents(path), faults.schema(path)) == (before, database.HEAD)
    assert check(path).problems == ()


@pytest.mark.parametrize("past", [revision for revision in PAST if revision != database.HEAD])
def test_kills_in_the_migrations_that_ship_lose_nothing(past: str, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    faults.create(path, past)
    faults.fill(path, COUNT)
    before = faults.contents(path)

    def same(path: Path) -> None:
        assert faults.contents(path) == before
        assert check(path).problems == ()

    killed_at_points(path, database.MIGRATIONS, database.HEAD, same)


def test_kills_in_the_rebuilding_of_a_table_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    faults.create(path, PAST[-1])  # through all of them, and one more
    faults.fill(path, COUNT)
    before = faults.contents(path)

    def same(path: Path) -> None:
        after: dict[str, list[dict[str, Any]]] = faults.contents(path)
        assert [row["article_id"] for row in sorted(after.pop("notes"), key=lambda row: row["article_id"])] == list(
            range(1, COUNT + 1)
        )
        assert all(row.pop("length") == len(row["body"]) for row in after["articles"])
        assert {name: sorted(rows, key=str) for name, rows in after.items()} == before
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []

    killed_at_points(path, rebuilding(tmp_path / "migrations"), "9001", same)


def test_two_processes_that_begin_together_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    faults.create(path, PAST[-1])
    faults.fill(path, COUNT)
    folder = rebuilding(tmp_path / "migrations")
    words = command({path: 0}, folder, "9001")
    both = [subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(faults.contents(path)["notes"]) == COUNT


LOSSY = REBUILD.replace("9001", "9002").replace(
    '"INSERT INTO notes', '"DELETE FROM articles WHERE id = 7"); op.execute("INSERT INTO notes'
)


def test_migration_that_would_leave_rows_pointing_to_nothing_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    faults.create(path, database.HEAD)
    faults.fill(path, 20)
    before = faults.contents(path)
    folder = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, folder)
    (folder / "versions" / "9002_lossy.py").write_text(LOSSY.format(head=database.HEAD), "utf-8")
    done = opened({path: 0}, folder, "9002")
    assert done.stdout.split() == ["1"]
    assert "not brought up to date: 1 rows would point to nothing" in done.stderr
    assert (faults.contents(path), faults.schema(path)) == (before, database.HEAD)
