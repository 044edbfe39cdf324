"""The store in a real PostgreSQL: the schema, its migrations, and the main job twice."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import store_faults as faults
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from conftest import NOW, article
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from test_run import open_desk

from crawler.store import Entry, Placement, Selection, Store, StoreError, database
from crawler.store.schema import metadata
from crawler.topics import Evidence, Flag

pytest.importorskip("psycopg", reason="needs the extra `postgres`: pip install 'fengxiang[postgres]'")
BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
pytestmark = [
    pytest.mark.slow,  # `make test-slow`
    pytest.mark.skipif(BINARIES is None, reason="needs PostgreSQL's own server: apt-get install postgresql"),
]
FLAG = Flag("transfer", 0.8, (Evidence("title", 0, 1, "第"),))


def as_server(*command: str) -> None:
    """Run a program of the server, which refuses to be root."""
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=120, **account)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server on a free port of loopback; the address of its databases."""
    assert BINARIES
    folder = Path(tempfile.mkdtemp(prefix="fx-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, log = str(folder / "data"), str(folder / "log")
    as_server(str(BINARIES / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
    as_server(str(BINARIES / "pg_ctl"), "-D", data, "-o", options, "-l", log, "-w", "start")
    yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    as_server(str(BINARIES / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """A database of its own."""
    name = f"t{abs(hash(request.node.name))}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


def test_migrations_make_the_schema_of_the_code(url: str) -> None:
    Store(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_store_of_a_past_schema_opens(url: str) -> None:
    engine = database.make_engine(url)
    database.migrate(engine, url, "0001")
    with engine.begin() as connection:
        for table, row in faults.rows_of(4).items():
            connection.execute(metadata.tables[table].insert(), faults.typed(table, row))
    engine.dispose()
    store = Store(url)
    assert [row["title"] for row in store.read_articles(Selection())] == ["第4号消息"]
    store.close()


def test_newer_and_foreign_databases_are_refused(url: str) -> None:
    Store(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="made by a newer Fengxiang"):
        Store(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StoreError, match="belongs to another program"):
        Store(url)
    engine.dispose()


def test_answers_are_those_of_sqlite(url: str, tmp_path: Path) -> None:
    answers = []
    for address in (url, f"sqlite:///{tmp_path / 'fx.db'}"):
        store = Store(address)
        for number in range(1, 6):
            item = article(number, flags=[FLAG], publish_time=NOW, repairs={"ghost": 1})
            placement = Placement((1,), 0.9, "same text") if number == 5 else Placement()
            store.save_article(item, [number, 7], placement, {"transfer": ("desk",)}, NOW + timedelta(minutes=number))
        store.set_aside("http://example.org/x", "gs_example", "quarantined", "took too long", NOW)
        rows = [dict(row) for row in store.read_articles(Selection(topic="transfer"))]
        hits = [(row["story_id"], row["title"], row["evidence"]) for row in store.hits()]
        found = [candidate.article_id for candidate in store.candidates([1, 2, 7])]
        answers.append((rows, hits, found, store.totals(), store.quarantine(), store.ledger(), store.empty_bodies(NOW)))
        store.close()
    assert answers[0] == answers[1]


def test_question_that_fails_costs_no_other_of_those_that_are_held(url: str) -> None:
    store = Store(url)
    store.hold()
    store.keep_article(Entry(article(1), [1, 2, 7], Placement(), {}, NOW))
    with pytest.raises((StoreError, SQLAlchemyError)):
        store.candidates(["no number"])  # type: ignore[list-item]
    (candidate,) = store.candidates([1, 2, 7])
    assert store.stories_of([candidate]) == [1]
    assert store.release() == []
    store.close()


def test_main_job(url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, tmp_path)
        settings = tmp_path / "fengxiang.toml"
        settings.write_text(f'{settings.read_text("utf-8")}\n[store]\nurl = "{url}"\n', "utf-8")
        first = desk.run()
        assert first.returncode == 0, first.stdout + first.stderr
        assert {record["canonical_url"] for record in desk.exported()} == {one.url for one in desk.web.articles}
        told = len(desk.mail.messages), len(desk.hook.messages)
        asked = len(desk.web.requests)
        again = desk.run("--all")
        assert again.returncode == 0, again.stdout + again.stderr
        assert (len(desk.mail.messages), len(desk.hook.messages)) == told
        assert desk.asked(asked)[1] == []
        assert not (tmp_path / "var" / "fengxiang.db").exists()
