"""Chinese date lines to aware datetimes. Pure: `now` is passed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

CST = timezone(timedelta(hours=8), "CST")


@dataclass(slots=True, frozen=True)
class Dateline:
    """What a date line says."""

    publish_time: datetime | None = None  # aware, +08:00
    precision: str | None = None  # "minute" or "day"
    source: str | None = None  # 来源


def parse_dateline(line: str, *, now: datetime | None = None) -> Dateline:
    """Return publish time, precision and source named in a date line."""
    raise NotImplementedError
