"""What the commands share."""

import re
from datetime import datetime, timedelta

from crawler.config import Config
from crawler.errors import UsageError


def read_config() -> Config:
    """Return the user's settings. Late, as the settings module reads them when it is imported."""
    from crawler import settings

    return settings.read_config()


def moment(value: str | None) -> datetime | None:
    """Return the moment meant by "2026-11-01", "2026-11-01T08:00" or "7d"; Beijing time where no offset is given."""
    from dateutil import parser

    from crawler.dates import CST

    if value is None:
        return None
    if span := re.fullmatch(r"(\d+)([hd])", value):
        hours = int(span[1]) * (24 if span[2] == "d" else 1)
        return datetime.now(CST) - timedelta(hours=hours)
    try:
        moment = parser.isoparse(value)
    except ValueError:
        raise UsageError(f"'{value}' is no date; write 2026-11-01, 2026-11-01T08:00 or a span such as 7d") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CST)
