"""The store's file: copy it, put a copy back, check it, mend it, and empty what is old."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.common import read_config
from crawler.config import days
from crawler.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Copy the store, put a copy back, check it, mend it, empty what is old.")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A file, or a folder where the copy is named by the time.")],
    keep: Annotated[int | None, typer.Option(min=1, help="Remove all but so many copies of the folder.")] = None,
) -> None:
    """Copy the store to a file, also while a run goes on. The copy is checked before it takes its place."""
    from crawler.store.backup import back_up, file_of, prune

    if keep and not target.is_dir():
        raise UsageError(f"--keep needs a folder; {target} is none")
    store = file_of(read_config().store.url)
    made, condition = back_up(store, target, datetime.now(UTC))
    removed = prune(target, store, keep) if keep else []
    print(f"{made}: {condition.articles} articles" + (f"; {len(removed)} older copies removed" if removed else ""))


@app.command()
def restore(copy: Annotated[Path, typer.Argument(help="A file that `fengxiang db backup` wrote.")]) -> None:
    """Put a copy in the place of the store, which is kept beside. Refused while a run goes on (exit code 3)."""
    from crawler.store.backup import file_of
    from crawler.store.backup import restore as put_back

    config = read_config()
    store = file_of(config.store.url)
    kept = put_back(copy, store, config.run.lock_file, datetime.now(UTC))
    print(f"{store} is now {copy}" + (f"; what was there is kept as {kept}" if kept else ""))


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A copy; the store by default.")] = None,
) -> None:
    """Check the file, its schema and whether the rows fit together. Changes nothing; exit code 1 if it is not sound."""
    from crawler.store.backup import file_of
    from crawler.store.condition import check as look
    from crawler.store.database import HEAD

    path = file or file_of(read_config().store.url)
    found = look(path)
    for problem in found.problems:
        print(f"fengxiang: store {path}: {problem}", file=sys.stderr)
    age = "the newest" if found.schema == HEAD else f"the newest is {HEAD}: the next run brings it up to date"
    state = "damaged: see `fengxiang db repair --dry-run`" if found.problems else "sound"
    print(f"{path}: {state}; schema {found.schema} ({age}), {found.articles} articles")
    raise typer.Exit(1 if found.problems else 0)


@app.command()
def repair(
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be done.")] = False,
) -> None:
    """Mend the store in a new file. No row of the old file is touched, and it stays beside.

    Exit codes: 0 nothing was lost and the new file stands in the place of the old, or nothing was to be mended; 1 some
    rows could not be read: the new file lies beside and waits for your word.
    """
    from crawler.store.backup import file_of
    from crawler.store.repair import repair as mend

    config = read_config()
    store = file_of(config.store.url)
    done = mend(store, config.run.lock_file, datetime.now(UTC), dry_run=dry_run)
    for text in (*done.mended, *(f"{value}: could not be read, replaced" for value in done.salvaged.values)):
        print(f"mended: {text}")
    for table, count in done.lost.items():
        print(f"lost: {count} rows of {table}; {done.salvaged.rows[table]} came over")
    if dry_run:
        print(f"{store}: left as it is; {done.articles} articles can be kept")
    elif done.file:
        print(f"{done.file}: the salvaged store, {done.articles} articles; {store} is as it was. To use the new one:")
        print(f"fengxiang db restore {done.file}")
    elif done.kept:
        print(f"{store}: {done.articles} articles, nothing lost; the old file is kept as {done.kept}")
    else:
        print(f"{store}: sound, left as it is; {done.articles} articles")
    raise typer.Exit(int(bool(done.lost)))


@app.command()
def prune(
    older: Annotated[str, typer.Option(help="Say 400d; [store] keep_bodies by default.")] = "",
) -> None:
    """Empty the text of all old articles, drop old readings, and give the space back. Runs do it bit by bit.

    Address, title, hash, flags, alerts and the ledger stay: nothing is read or told again.
    """
    from crawler.lock import run_lock
    from crawler.store import Store

    config = read_config()
    try:
        keep = days(older) or config.store.keep_bodies
    except ValueError as error:
        raise UsageError(f"--older {older}: {error}") from None
    now, count, dropped = datetime.now(UTC), 0, 0
    with run_lock(config.run.lock_file):
        store = Store(config.store.url)
        while isinstance(keep, timedelta) and (some := store.empty_bodies(now - keep)):
            count += some
        if config.store.keep_readings:
            dropped = store.drop_readings(now - config.store.keep_readings)
        freed = store.compact()
        store.close()
    print(f"{count} articles emptied, {dropped} readings dropped; {freed / 2**20:.1f} MiB given back")
