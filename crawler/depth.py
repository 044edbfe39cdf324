"""How deep a run reads a source: until known articles begin, past them once a month, or back to a day. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.dates import CST
from crawler.sources import Source

MOST_PAGES = 1000  # of a list that a run walks through at the most, new or not


@dataclass(slots=True, frozen=True, kw_only=True)
class Depth:
    """Past known articles, or as usual; with `since`, back to a day."""

    past_known: bool = False  # nor is asked whether a list changed
    since: date | None = None
    pages: int = 0  # with `since`: list pages with something new that a run reads of a list at the most


USUAL = Depth()
SWEEP = Depth(past_known=True)


def last_turn(source_id: str, now: datetime) -> datetime:
    """Return when the monthly sweep of a source had its last turn: each source has a day of the month of its own."""
    day = 1 + int(hashlib.sha256(source_id.encode()).hexdigest()[:8], 16) % 28
    turn = now.astimezone(CST).replace(day=day, hour=0, minute=0, second=0, microsecond=0)
    if turn > now:
        turn = (turn.replace(day=1) - timedelta(days=1)).replace(day=day)
    return turn


def reaching_back(source: Source, since: date, articles: int, now: datetime) -> Source:
    """Return a source whose links count back to a day, with a budget of articles of its own."""
    days = (now.astimezone(CST).date() - since).days
    return source.model_copy(update={"max_age_days": max(1, days), "pages": MOST_PAGES, "budget": articles})
