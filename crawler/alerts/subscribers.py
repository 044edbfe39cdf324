"""Who hears what, when and where: subscribers.toml. Without it every channel hears of every topic, at once."""

import difflib
from collections.abc import Iterable, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from crawler.dates.clock import Window, parse_clock, parse_weekly, parse_window
from crawler.tomlfile import FileError, Strict, line_of, load, read_text

TEMPLATE = """\
# Who hears what, when and where. Without any subscriber every channel hears of every topic, at once.

# [urgent]                       # what is urgent: it passes quiet hours and quotas
# topics = []                    # none: every topic can be
# score = 0.95                   # from this score on

# [[subscriber]]
# name = "招商处"
# channels = ["team"]            # names in the channels file
# quiet_hours = "22:00-07:30"    # Beijing time; what comes then is held and told in one message at the end
# morning = "08:00"              # when the morning brief is due
# weekly = "mon 08:00"
# quota = 30                     # alerts a day and channel; beyond it they are counted
# heartbeat = false              # true: a brief although there is nothing to tell
#
# [[subscriber.rule]]            # any rule lets an alert through; what a rule leaves out does not limit
# topics = ["industry_transfer"]
# regions = ["甘肃", "西部"]     # provinces, groups of them, 全国 for what plays nowhere in particular
# sources = []
# urgency = "any"                # or "urgent": only what is urgent
# cadence = "now"                # or "morning", "weekly"
"""


def _checked(parse: object) -> AfterValidator:
    def check(value: str) -> str:
        if value:
            parse(value)  # type: ignore[operator]
        return value

    return AfterValidator(check)


Clock = Annotated[str, _checked(parse_clock)]
Hours = Annotated[str, _checked(parse_window)]
Weekly = Annotated[str, _checked(parse_weekly)]
Cadence = Literal["now", "morning", "weekly"]


class Urgent(Strict):
    """What is urgent."""

    topics: tuple[str, ...] = ()
    score: float = Field(0.95, ge=0, le=1)


class Rule(Strict):
    """What is let through, and how soon it is told."""

    topics: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    urgency: Literal["any", "urgent"] = "any"
    cadence: Cadence = "now"


class Subscriber(Strict):
    """A person or a group."""

    name: str = Field(min_length=1)
    channels: tuple[str, ...] = Field(min_length=1)
    quiet_hours: Hours = ""
    morning: Clock = "08:00"
    weekly: Weekly = "mon 08:00"
    quota: int | None = Field(None, ge=1)
    heartbeat: bool = False
    rule: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules; one that lets everything through at once where the file has none."""
        return self.rule or (Rule(),)

    @property
    def quiet(self) -> Window | None:
        """Return the quiet hours."""
        return parse_window(self.quiet_hours) if self.quiet_hours else None

    def clock(self, cadence: str) -> tuple[time, int | None]:
        """Return when a digest is due: time of day and weekday."""
        if cadence == "weekly":
            day, clock = parse_weekly(self.weekly)
            return clock, day
        return parse_clock(self.morning), None


class Subscribers(Strict):
    """The whole file."""

    urgent: Urgent | None = None
    subscriber: tuple[Subscriber, ...] = ()


def load_subscribers(path: Path) -> Subscribers:
    """Return the subscribers of the file; none where there is no file. FileError names file, line and key."""
    return load(path, Subscribers) if path.exists() else Subscribers()


def check_subscribers(path: Path, subscribers: Subscribers, known: Mapping[str, list[str]]) -> None:
    """Raise FileError for a name that stands for nothing: what nobody ever hears of is worse than no start.

    known: the names that exist, by key; a key that is missing is not checked.
    """
    text = read_text(path) if path.exists() else ""
    if subscribers.urgent:
        _check(path, text, ("urgent", "topics"), subscribers.urgent.topics, known)
    names: set[str] = set()
    for number, subscriber in enumerate(subscribers.subscriber):
        place = ("subscriber", number)
        if subscriber.name in names:
            raise FileError(path, line_of(text, (*place, "name")), f"key 'name': two subscribers '{subscriber.name}'")
        names.add(subscriber.name)
        _check(path, text, (*place, "channels"), subscriber.channels, known)
        for rule_number, rule in enumerate(subscriber.rule):
            for key in ("topics", "regions", "sources"):
                _check(path, text, (*place, "rule", rule_number, key), getattr(rule, key), known)


def _check(
    path: Path, text: str, place: tuple[str | int, ...], names: Iterable[str], known: Mapping[str, list[str]]
) -> None:
    key = str(place[-1])
    for name in names if key in known else ():
        if name not in known[key]:
            near = difflib.get_close_matches(name, known[key], n=1, cutoff=0.5)
            some = "、".join(known[key][:40]) or "none"
            hint = f"did you mean '{near[0]}'?" if near else f"known: {some}"
            raise FileError(path, line_of(text, place), f"key '{key}': nothing is called '{name}'; {hint}")
