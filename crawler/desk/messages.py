"""What crawl process and desk say to each other: answers, and what went wrong."""

import logging
from collections import Counter
from dataclasses import dataclass, field

from crawler.errors import FengxiangError


class DeskLost(FengxiangError):
    """The desk ended in the middle of its work; what it did not answer is asked for again in the next run."""


class Unfit(Exception):
    """No step or no store can stand the article: it is set aside, not asked for in every run. Says which error it was.

    What was raised does not travel: not everything can be pickled, and causes never are.
    """


@dataclass(slots=True)
class Answer:
    """What became of an article."""

    story_id: int | None = None
    counts: Counter[str] = field(default_factory=Counter)  # what the steps counted
    disabled: dict[str, str] = field(default_factory=dict)  # topics that are switched off, and why
    logged: list[logging.LogRecord] = field(default_factory=list)
    error: Exception | None = None
