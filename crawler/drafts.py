"""Write a file beside its target and move it into place: who reads it sees the old or the new one, never a half.

A killed process leaves its draft behind. Each lies in a folder that is locked while it is written, so the next draft of
the same target finds what was left, and removes it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

SUFFIX = ".part"


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """Give the path of a file to write, on the target's disk; it is gone at the end if nobody moved it.

    Makes the target's folder. Raises OSError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{escape(target.name)}.*{SUFFIX}"):
        with suppress(OSError):  # another process writes it, or has just removed it
            _remove(left)
    folder, lock = _folder(target)
    try:
        yield folder / target.name
    finally:
        shutil.rmtree(folder)
        os.close(lock)


def put(draft: Path, target: Path) -> None:
    """Move a written draft into place, so that neither a crash nor a power cut leaves a half."""
    _sync(draft)
    draft.replace(target)
    _sync(target.parent)


def _folder(target: Path) -> tuple[Path, int]:
    """Return a new folder beside the target and the open descriptor that locks it."""
    while True:
        folder = Path(tempfile.mkdtemp(SUFFIX, f".{target.name}.", target.parent))
        # Between its making and its locking, another process may take it for a left one.
        with suppress(FileNotFoundError, BlockingIOError):
            lock = _locked(folder)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove(folder: Path) -> None:
    lock = _locked(folder)
    try:
        shutil.rmtree(folder)
    finally:
        os.close(lock)


def _locked(folder: Path) -> int:
    """Return an open descriptor that holds the folder's lock. Raises BlockingIOError if another process has it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
