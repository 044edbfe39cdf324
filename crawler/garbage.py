"""Python's collector of cyclic garbage, told what it need not look at."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OFTEN = 10_000  # new objects between two looks; the default of 700 costs a tenth of the time of a crawl


@contextmanager
def uncollected() -> Iterator[None]:
    """Do not look for garbage while what stays is loaded: every look would go over it again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def spare_what_is_loaded() -> None:
    """Leave out of every later collection what is there by now: modules, rules, the gazetteer. They stay to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN, *gc.get_threshold()[1:])
    gc.enable()
