"""What the topics hand out: flags, their evidence, and the topics themselves as written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True, frozen=True)
class Evidence:
    """Words that matched: where, in the displayed (cleaned) text of the field."""

    field: str  # "title" or "body"
    start: int
    end: int
    text: str


@dataclass(slots=True, frozen=True)
class Flag:
    """A topic that a text belongs to."""

    topic: str  # id
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(slots=True, frozen=True)
class Example:
    """A text that the topic must flag (`hit`) or must leave alone."""

    title: str
    body: str
    hit: bool


@dataclass(slots=True, frozen=True)
class Topic:
    """One topic file. `score >= threshold` flags a text; empty filters let every text through."""

    id: str  # the file's stem
    name: str
    query: str
    path: Path
    description: str = ""
    threshold: float = 0.5
    regions: tuple[str, ...] = ()
    direction: str | None = None  # "inbound", "outbound", "both"
    sources: tuple[str, ...] = ()
    document_types: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    query_line: int = 1  # where the query's first character stands in the file
    query_column: int = 1


@dataclass(slots=True, frozen=True)
class Part:
    """One line of an explanation: a part of the query, or a filter, and what it gave."""

    text: str  # as written in the query
    depth: int  # 0 = the whole query
    matched: bool
    points: float
    spans: tuple[Evidence, ...] = ()
    note: str = ""


@dataclass(slots=True, frozen=True)
class Explanation:
    """How a score came about: points of the query, score = points / (points + 2), and what stopped it, if anything."""

    topic: str
    flagged: bool
    score: float
    threshold: float
    points: float
    parts: tuple[Part, ...]
    stopped_by: str = ""  # the filter that stopped a text whose score reached the threshold
    notes: tuple[str, ...] = ()
