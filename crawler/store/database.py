"""Open the database safely: durable transactions that wait for each other, migrations, and errors with a remedy."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool

from crawler.discreet import keep_secret
from crawler.errors import FengxiangError, UsageError
from crawler.store.schema import metadata

HEAD = "0002"  # the newest migration
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_110_026  # any number that no other program uses for its advisory locks
BUSY_TIMEOUT = 30_000  # milliseconds to wait for another process's transaction


class StoreError(FengxiangError):
    """The store cannot be used; nothing in it was changed."""


REFUSED = (IntegrityError, DataError)  # the trouble lies in what was to be stored, not in the store


def explain(error: DBAPIError, url: str) -> StoreError:
    """Return the error with the remedy in one line."""
    return StoreError(f"store {url}: {remedy(str(error.orig))}")


def remedy(cause: str) -> str:
    """Return what to do about an error of the database, in one line; the cause itself if nothing is known."""
    damaged = (
        "damaged: keep the file; `fengxiang db restore FILE` puts a copy back, `fengxiang db repair` saves what it can"
    )
    remedies = {
        "database or disk is full": "the disk is full: free some space and run again; nothing stored was lost",
        "disk I/O error": "the disk failed to read or write: check its space and health, then run again",
        "readonly": "no right to write: check the owner of the file and of its folder",
        "unable to open": "cannot be opened or created: check that the folder exists and is writable",
        "locked": f"another process held it for more than {BUSY_TIMEOUT // 1000} s: end that process and run again",
        "not a database": "not a SQLite database: name another file in [store] url",
        "malformed": damaged,
        "not decode to UTF-8": damaged,
    }
    return next((text for sign, text in remedies.items() if sign in cause), cause.splitlines()[0])


def open_engine(url: str) -> Engine:
    """Return the engine of a store that has the newest schema; raise StoreError if the store is not ours."""
    try:
        parsed = make_url(url)
        keep_secret([parsed.password])
        engine = make_engine(url)
    except ImportError as error:
        raise UsageError(f"key 'url' in [store]: needs the Python package '{error.name}': install it") from None
    except (ArgumentError, ValueError):  # the address itself is not shown: it may hold a password
        example = "sqlite:///var/fengxiang.db"
        raise UsageError(f"key 'url' in [store]: not the address of a store, such as {example}") from None
    if parsed.database and parsed.get_backend_name() == "sqlite":
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"folder cannot be made: {error.strerror}"
            raise StoreError(f"store {parsed.render_as_string()}: {message}") from None
    try:
        _bring_up_to_date(engine, parsed.render_as_string(), in_memory=_in_memory(url))
    except StoreError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        raise explain(error, parsed.render_as_string()) from None
    return engine


def _in_memory(url: str) -> bool:
    return url == "sqlite://" or (url.startswith("sqlite:") and "mode=memory" in url)


def make_engine(url: str) -> Engine:
    """Return the engine for an address; nothing is opened yet."""
    if not url.startswith("sqlite"):
        return create_engine(url)
    # One connection for a store in memory: each new one would be a store of its own.
    options: dict[str, Any] = {"poolclass": StaticPool} if _in_memory(url) else {}
    engine = create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are ours; the driver would begin deferred ones
        for pragma in ("synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads before it writes fails at once when another process wrote in between.
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _bring_up_to_date(engine: Engine, url: str, *, in_memory: bool) -> None:
    if in_memory:
        metadata.create_all(engine)
        return
    version = _version(engine, url)
    if engine.dialect.name == "sqlite":
        _keep_write_ahead_log(engine, url)  # not before the store is known to be ours
    if version != HEAD:
        migrate(engine, url)


def migrate(engine: Engine, url: str, to: str = "head") -> None:
    """Bring a store up to a schema, by default the newest, in one transaction: all of it happens, or nothing.

    Of two processes that begin at the same time one waits for the other and finds nothing left to do.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection, _without_foreign_keys(connection), connection.begin():
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        config.attributes["connection"] = connection
        before = _orphans(connection)
        try:
            command.upgrade(config, to)
        except CommandError as error:
            raise StoreError(f"store {url}: cannot be brought up to date: {error}") from None
        if lost := _orphans(connection) - before:
            raise StoreError(f"store {url}: not brought up to date: {len(lost)} rows would point to nothing")


def _orphans(connection: Connection) -> set[tuple[object, ...]]:
    """Return the rows of a SQLite store that point to nothing, as no other database lets them."""
    if connection.dialect.name != "sqlite":
        return set()
    return {tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let a migration of SQLite rebuild a table: with foreign keys on, dropping the old one takes what names its rows.

    SQLite heeds the pragma outside of transactions only.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _keep_write_ahead_log(engine: Engine, url: str) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise StoreError(f"store {url}: {remedy(str(error))}") from None
    finally:
        connection.close()


def _version(engine: Engine, url: str) -> str | None:
    with engine.connect().execution_options(reading=True) as connection:
        tables = set(inspect(connection).get_table_names())
        if "alembic_version" in tables and "outbox" in tables:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if version is None:
                raise StoreError(f"store {url}: damaged: its schema's version is gone; restore the last backup")
            if version > HEAD:
                known = f"schema {version}, known {HEAD}"
                raise StoreError(f"store {url}: made by a newer Fengxiang ({known}): upgrade Fengxiang")
            return str(version)
        if tables - {"alembic_version"}:
            raise StoreError(f"store {url}: belongs to another program (tables {', '.join(sorted(tables)[:3])}…)")
        return None


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn the driver's errors into StoreError with the remedy, but for those that only one row is to blame for."""
    try:
        yield
    except REFUSED:
        raise
    except (OperationalError, DatabaseError) as error:
        raise explain(error, url) from error


class Database:
    """The connection to one store: every read and every write of the house goes through `reading` and `writing`."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self.url = self._engine.url.render_as_string()  # without the password
        self._hopeless_until = 0.0  # monotonic: another process holds the store, and was waited for
        self.in_memory = _in_memory(url)
        self._reader = self._engine.execution_options(reading=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for queries."""
        with translated(self.url), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection with one transaction: all of it is kept, or nothing.

        Who has waited for another process in vain is not made to wait again for each article: for a while it fails at
        once.
        """
        if time.monotonic() < self._hopeless_until:
            raise StoreError(f"store {self.url}: {remedy('locked')}")
        try:
            with translated(self.url), self._engine.begin() as connection:
                yield connection
        except StoreError as error:
            if remedy("locked") in str(error):
                self._hopeless_until = time.monotonic() + BUSY_TIMEOUT / 1000
            raise

    def close(self) -> None:
        """Give the files back."""
        self._engine.dispose()
