"""The store: every query of the house stands behind one class. Times go in aware and come out in UTC."""

import atexit
from functools import cache

from crawler.store.alerts import ARCHIVE, Alerts, Routed
from crawler.store.articles import Candidate, Selection
from crawler.store.checks import Checks
from crawler.store.database import StoreError
from crawler.store.fitness import Fitness
from crawler.store.health import Health
from crawler.store.messages import Draft, Failure, Messages
from crawler.store.pages import Pages, Validators
from crawler.store.retention import Retention
from crawler.store.runs import Runs
from crawler.store.saving import Entry, Placement, Saving
from crawler.store.stories import Stories, StoryView

__all__ = [
    "ARCHIVE",
    "Candidate",
    "Draft",
    "Entry",
    "Failure",
    "Placement",
    "Routed",
    "Selection",
    "Store",
    "StoreError",
    "StoryView",
    "Validators",
    "shared_store",
]


class Store(Saving, Stories, Pages, Alerts, Messages, Runs, Checks, Health, Retention, Fitness):
    """Articles, stories, outbox, ledger, addresses, runs, checks and health in SQLite or PostgreSQL."""


@cache
def shared_store(url: str) -> Store:
    """Return this process's one store at the address: all crawlers of a run write through it.

    It is closed when the process ends.
    """
    store = Store(url)
    atexit.register(store.close)
    return store
