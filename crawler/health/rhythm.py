"""A source's own rhythm, learned from when its articles appeared. Pure: moments and `now` in, figures out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

WINDOW = timedelta(days=60)
BURST = timedelta(hours=1)  # articles closer together are one publication
FEWEST = 8  # gaps that a rhythm can be learned from
SPAN = timedelta(days=14)  # two weekends: less would take the first quiet weekend for the end
MANY = 20  # gaps from which on the longest is left out: it was a holiday
# Silence becomes news at twice the longest that is usual. Of publications at random, a source that is well is then
# called quiet about once in three years.
FACTOR = 2


@dataclass(slots=True, frozen=True)
class Rhythm:
    """How long a source is usually silent. Both are None until enough is known."""

    usual: timedelta | None = None  # the median gap between publications
    limit: timedelta | None = None  # silence beyond it is unlike this source

    def is_late(self, last: datetime | None, now: datetime) -> bool:
        """Return whether the silence since the last publication is unlike this source."""
        return self.limit is not None and last is not None and now - last > self.limit


def appeared(published: datetime | None, precision: str | None, fetched: datetime) -> datetime:
    """Return when an article appeared: never later than it was fetched, whatever the page claims."""
    if published is None:
        return fetched
    return min(fetched, published if precision == "minute" else published + timedelta(days=1))


def learn(moments: Iterable[datetime]) -> Rhythm:
    """Return the rhythm of publications at these moments."""
    ordered = sorted(moments)
    gaps = sorted(gap for gap in (later - earlier for earlier, later in pairwise(ordered)) if gap >= BURST)
    if len(gaps) < FEWEST or ordered[-1] - ordered[0] < SPAN:
        return Rhythm()
    longest = gaps[-2] if len(gaps) >= MANY else gaps[-1]
    return Rhythm(gaps[len(gaps) // 2], FACTOR * longest)
