"""Chinese date lines to aware datetimes and the name of the source. Pure: `now` is passed in, never read."""

from dataclasses import dataclass
from datetime import datetime

from crawler.dates.moments import CST, choose_moment, find_moments
from crawler.dates.outlets import find_source
from crawler.dates.writing import fold, normalise

__all__ = ["CST", "Dateline", "parse_dateline"]


_LONGEST = 1000  # characters; what stands further on is no date line


@dataclass(slots=True, frozen=True)
class Dateline:
    """What a date line says."""

    publish_time: datetime | None = None  # aware, +08:00
    precision: str | None = None  # "minute" or "day"
    source: str | None = None  # 来源


def parse_dateline(line: str, *, now: datetime | None = None) -> Dateline:
    """Return publish time, precision and source named in a date line, however its fields are glued together.

    `now` (Beijing time where it is naive) is needed for relative times (3小时前) and for dates without a year; without
    it they give no time.
    Of several dates the published one is taken, not the updated one; a stamp of the original beside its source goes
    before the later stamp of a mirror. The source is as the page writes it, without annotations.
    """
    if now is not None and now.tzinfo is None:
        now = now.replace(tzinfo=CST)
    text = normalise(line[:_LONGEST])
    folded = fold(text)
    moments = find_moments(folded, now)
    masked = list(folded)
    for moment in moments:
        masked[moment.start : moment.end] = "|" * (moment.end - moment.start)
    named = find_source("".join(masked), text)
    chosen = choose_moment(moments, folded, named.span if named else None, now)
    source = named.name if named else None
    return Dateline(chosen.time, chosen.precision, source) if chosen else Dateline(source=source)
