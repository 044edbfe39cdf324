"""When a source is due: its distance or its times of day, its window, and the rest that an ill one is given. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from crawler.dates.clock import next_at
from crawler.sources import Source

DAY = timedelta(days=1)
SLACK = timedelta(minutes=1)  # a cron that starts every hour is never a full hour apart
FIRST_REST = timedelta(minutes=10)  # after the second failure in a row; doubled with each further one
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True, frozen=True, kw_only=True)
class Past:
    """How a source fared when it was read last."""

    began: datetime  # when the run did
    failures: int = 0  # readings in a row that went wrong
    alone_until: datetime | None = None  # by a Retry-After of its host


class Schedule:
    """When each source is due. A moment that has passed means: in the next run."""

    def __init__(self, sources: Mapping[str, Source], pasts: Mapping[str, Past]) -> None:
        self._pasts = pasts
        self._alone: dict[str, datetime] = {}
        for name in sources.keys() & pasts.keys():
            host, until = _host(sources[name]), pasts[name].alone_until or EPOCH
            self._alone[host] = max(until, self._alone.get(host, EPOCH))

    def last(self, source: Source) -> datetime:
        """Return when the source was read last; a moment long ago if it never was."""
        past = self._pasts.get(source.id)
        return past.began if past else EPOCH

    def is_due(self, source: Source, now: datetime) -> bool:
        """Return whether a run that begins now is to read the source."""
        open_now = source.window is None or source.window.holds(now)
        return open_now and self.due(source, now) <= now + SLACK

    def due(self, source: Source, now: datetime) -> datetime:
        """Return when the source is to be read next."""
        past = self._pasts.get(source.id)
        if past and past.began > now:
            past = None  # a clock set back must not silence a source
        moment = max(_after(source, past) if past else now, self._alone.get(_host(source), EPOCH))
        return _in_window(source, past.began if past else None, moment, now)


def longest_gap(source: Source) -> timedelta:
    """Return how long the schedule of a source that is well leaves it unread at the most, give or take a run."""
    if source.at:
        days = [datetime.combine(EPOCH, clock) for clock in source.at]
        return max(later - earlier for earlier, later in pairwise([*days, days[0] + DAY]))
    if source.window:
        length = source.window.length
        return max(source.every, DAY - length + min(source.every, length)) + min(source.every, length / 2)
    return source.every


def _after(source: Source, past: Past) -> datetime:
    """Return when a source is due by what came of it, whatever the hour."""
    times = [next_at(clock, past.began) for clock in source.at]
    if past.failures:
        doubled = FIRST_REST * 2 ** min(past.failures - 2, 10) if past.failures > 1 else timedelta()
        return min([past.began + min(doubled, longest_gap(source) if times else source.every, DAY), *times])
    if times:
        return min(times)
    latest = past.began + source.every
    return latest if source.window else min(latest, _own_minute(source, past.began + source.every / 10))


def _own_minute(source: Source, after: datetime) -> datetime:
    """Return the source's next turn: each has its own within its `every`, so that they do not all come at once."""
    return after + source.every - (after - EPOCH - _share(source) * source.every) % source.every


def _in_window(source: Source, last: datetime | None, moment: datetime, now: datetime) -> datetime:
    """Return the moment, or a later one in the source's window: soon after it opens, but not all at once."""
    if source.window is None:
        return moment
    spread = _share(source) * min(source.every, source.window.length / 2)
    opens = next_at(source.window.begin, moment)
    if not source.window.holds(moment):
        moment = opens + spread
    elif last and not source.at and last < opens - DAY:  # else a daily reading would drift out of the window
        moment = opens - DAY + spread
    if moment <= now and not source.window.holds(now):  # nothing ran while it was open
        moment = min([next_at(clock, now) for clock in source.at] or [next_at(source.window.begin, now) + spread])
    return moment


def _share(source: Source) -> float:
    """Return a number from 0 to 1 that is always the same for a source."""
    return int(hashlib.sha256(source.id.encode()).hexdigest()[:8], 16) / 2**32


def _host(source: Source) -> str:
    return urlsplit(source.list_urls[0]).netloc
