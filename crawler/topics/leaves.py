"""The leaves of a query, phrases and regular expressions, and what they ask of a scanned text."""

from dataclasses import dataclass
from typing import Protocol

from crawler.topics.pattern import Pattern

Span = tuple[int, int]
MAX_SPANS = 200  # of one node in one text; keeps NEAR cheap on a page that repeats a word ten thousand times


@dataclass(slots=True, frozen=True)
class Hit:
    """Where a node holds, and what it gives."""

    points: float
    spans: tuple[Span, ...]


class Scan(Protocol):
    """A text in which the automaton has looked for the terms."""

    present: set[int]  # the terms that stand somewhere in it

    def spans(self, terms: frozenset[int], scope: str) -> tuple[Span, ...]:
        """Return where the terms stand in the scope, in order."""

    def search(self, pattern: Pattern, anchors: frozenset[int], scope: str) -> tuple[Span, ...]:
        """Return where the pattern holds in the scope, in order."""

    def points(self, spans: tuple[Span, ...]) -> float:
        """Return what the spans are worth."""

    def same_sentence(self, a: Span, b: Span) -> bool:
        """Return whether no sentence and no field ends between the end of `a` and the start of `b`."""


@dataclass(slots=True, frozen=True)
class Place:
    """The part of the query that a node was written as."""

    line: int
    column: int
    text: str


@dataclass(slots=True, frozen=True)
class Phrases:
    """A phrase, or any phrase of a set."""

    place: Place
    terms: frozenset[int]
    scope: str

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the hit, or None where the node does not hold."""
        spans = scan.spans(self.terms, self.scope)
        return Hit(scan.points(spans) if weigh else 0.0, spans) if spans else None

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return [self.terms]


@dataclass(slots=True, frozen=True)
class Regex:
    """A bounded regular expression."""

    place: Place
    pattern: Pattern
    anchors: frozenset[int]
    scope: str

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the hit, or None where the node does not hold."""
        spans = scan.search(self.pattern, self.anchors, self.scope)
        return Hit(scan.points(spans) if weigh else 0.0, spans) if spans else None

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return [self.anchors]
