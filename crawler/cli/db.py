"""The store's file: copy it, put a copy back, check it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.common import read_config
from crawler.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Copy the store, put a copy back, check it.")


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
    """Check that the file is sound and its schema known. Changes nothing; exit code 1 if something is wrong."""
    from crawler.store.backup import check as look
    from crawler.store.backup import file_of
    from crawler.store.database import HEAD, remedy

    path = file or file_of(read_config().store.url)
    found = look(path)
    for problem in found.problems:
        print(f"fengxiang: store {path}: {problem}", file=sys.stderr)
    age = "the newest" if found.schema == HEAD else f"the newest is {HEAD}: the next run brings it up to date"
    state = remedy("malformed") if found.problems else "sound"
    print(f"{path}: {state}; schema {found.schema} ({age}), {found.articles} articles")
    raise typer.Exit(1 if found.problems else 0)
