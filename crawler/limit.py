"""A bound on the processor time of our own work on one article."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TooLong(Exception):
    """The work on an article took more processor time than it may; the article is set aside."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooLong in what takes more processor time, once it is between two steps of Python.

    Only for the main thread and for work that writes nothing: it may be broken off anywhere.
    """

    def too_long(*_: object) -> None:
        raise TooLong(f"longer than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
