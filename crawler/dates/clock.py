"""Times of day, hours of the day and lengths of time, as people write them; the clock is Beijing's. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from crawler.dates.moments import CST

UNITS = {"m": 60, "h": 3600, "d": 86400}  # seconds
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(slots=True, frozen=True)
class Window:
    """Hours of the day, `begin` included, `end` not; across midnight where `end` is the earlier one."""

    begin: time
    end: time

    def holds(self, moment: datetime) -> bool:
        """Return whether the moment lies in the window."""
        return self.has(moment.astimezone(CST).time())

    def has(self, clock: time) -> bool:
        """Return whether a time of day lies in the window."""
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    @property
    def length(self) -> timedelta:
        """Return how long it lasts."""
        minutes = [clock.hour * 60 + clock.minute for clock in (self.begin, self.end)]
        return timedelta(minutes=(minutes[1] - minutes[0]) % 1440)

    def after(self, moment: datetime) -> datetime:
        """Return the window's next end after a moment that lies in it."""
        return next_at(self.end, moment)


def next_at(clock: time, moment: datetime, weekday: int | None = None) -> datetime:
    """Return the next time after a moment that Beijing's clock shows this, on a weekday (0 = Monday) if given."""
    local = moment.astimezone(CST)
    day = local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    while day <= local or (weekday is not None and day.weekday() != weekday):
        day += timedelta(days=1)
    return day


def parse_clock(text: str) -> time:
    """Return the time that "08:00" means; ValueError for anything else."""
    hour, colon, minute = text.partition(":")
    if not (colon and hour.isdigit() and minute.isdigit() and len(minute) == 2 and len(hour) <= 2):
        raise ValueError("write a time as 08:00")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError("no such time of day; the last is 23:59")
    return time(int(hour), int(minute))


def parse_span(text: str) -> timedelta:
    """Return the length of time that "30m", "2h" or "1d" means; ValueError for anything else."""
    match = re.fullmatch(r"(\d+)\s*([mhd])", text)
    if not match:
        raise ValueError('must be a number and a unit such as "30m", "2h" or "1d"')
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


def parse_window(text: str) -> Window:
    """Return the window that "22:00-07:30" means; ValueError for anything else."""
    begin, dash, end = text.partition("-")
    if not dash:
        raise ValueError("write hours as 22:00-07:30")
    window = Window(parse_clock(begin.strip()), parse_clock(end.strip()))
    if window.begin == window.end:
        raise ValueError("begins when it ends: no time lies between; leave the key out for any hour")
    return window


def parse_weekly(text: str) -> tuple[int, time]:
    """Return weekday and time that "mon 08:00" means; ValueError for anything else."""
    day, _, clock = text.partition(" ")
    if day.lower() not in DAYS:
        raise ValueError(f"begins with one of {', '.join(DAYS)}, such as mon 08:00")
    return DAYS.index(day.lower()), parse_clock(clock.strip())
