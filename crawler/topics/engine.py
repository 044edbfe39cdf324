"""Topics: every rule of every file over one text, with one pass of one automaton."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from crawler.topics.automaton import Automaton, Scanned, Words
from crawler.topics.errors import QueryError, TopicError
from crawler.topics.grammar import parse_query
from crawler.topics.leaves import Hit
from crawler.topics.model import Evidence, Flag, Topic
from crawler.topics.nodes import Node
from crawler.topics.reading import Reading

logger = logging.getLogger(__name__)

HALF = 2.0  # points that give a score of 0.5
MAX_EVIDENCE = 20
BUDGET = 0.05  # seconds of CPU that one topic may take for one text; for a long text, as many for each LONG characters
LONG = 50_000


@dataclass(slots=True, frozen=True)
class Rule:
    """A topic and its query as nodes."""

    topic: Topic
    node: Node
    required: tuple[frozenset[int], ...]  # of each of which one term must stand in a text; the first is the smallest


def compile_topic(topic: Topic, words: Words) -> Rule:
    """Return the topic compiled. Raises TopicError with the place in the file."""
    try:
        node = parse_query(topic.query, topic.sets, words)
    except QueryError as error:
        line = topic.query_line + error.line - 1
        column = error.column + (topic.query_column - 1 if error.line == 1 else 0)
        raise TopicError(topic.path, line, column, error.message) from None
    required = tuple(sorted(node.required(), key=len))
    if not required:
        raise TopicError(
            topic.path,
            topic.query_line,
            topic.query_column,
            "the query holds where nothing is said; add a phrase that must stand",
        )
    return Rule(topic, node, required)


def score(points: float) -> float:
    """Return points as a score from 0 to 1: half of it at two points."""
    return points / (points + HALF) if points > 0 else 0.0


class Topics:
    """Compiled topics; iterating gives the Topic objects. `disabled` holds those that ran out of time, and why."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        words = Words()
        self.rules = {topic.id: compile_topic(topic, words) for topic in topics}
        self.automaton = Automaton(words)
        self.disabled: dict[str, str] = {}
        self._by_term: dict[int, list[Rule]] = {}
        for rule in self.rules.values():
            for term in rule.required[0]:
                self._by_term.setdefault(term, []).append(rule)

    def __iter__(self) -> Iterator[Topic]:
        return (rule.topic for rule in self.rules.values())

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, topic: str) -> Topic:
        return self.rules[topic].topic

    def match(self, title: str, body: str, **fields: str) -> list[Flag]:
        """Return the topics of a text, best first; takes raw text and cleans it.

        Fields a rule may ask for: `source` (来源), `section`, `docno`; filters: `source_id`, `document_type`. A filter
        whose field is not given lets the text through: an alert too many is better than one that never came.
        """
        return self.match_reading(Reading(title, body, fields), fields)

    def match_reading(self, reading: Reading, fields: dict[str, str]) -> list[Flag]:
        """Return the topics of a text that is prepared already."""
        scanned = self.automaton.scan(reading)
        flags = []
        for rule in self.candidates(scanned):
            hit = self._timed(rule, scanned)
            if hit and score(hit.points) >= rule.topic.threshold and not stopped_by(rule.topic, reading, fields):
                flags.append(Flag(rule.topic.id, round(score(hit.points), 4), evidence(reading, hit.spans)))
        return sorted(flags, key=lambda flag: -flag.score) if len(flags) > 1 else flags

    def candidates(self, scanned: Scanned) -> Iterator[Rule]:
        """Return the rules that the words found can satisfy."""
        found = scanned.found
        seen: set[str] = set()
        for term in found:
            for rule in self._by_term.get(term, ()):
                if rule.topic.id in seen:
                    continue
                seen.add(rule.topic.id)
                if (
                    not any(group.isdisjoint(found) for group in rule.required[1:])
                    and rule.topic.id not in self.disabled
                ):
                    yield rule

    def _timed(self, rule: Rule, scanned: Scanned) -> Hit | None:
        start = time.thread_time()
        hit = rule.node.evaluate(scanned)
        spent = time.thread_time() - start
        if spent > BUDGET * (1 + len(scanned.reading.text) // LONG):
            reason = f"took {spent * 1000:.0f} ms of CPU for one text of {len(scanned.reading.text)} characters"
            self.disabled[rule.topic.id] = reason
            logger.error("topic %s (%s) is switched off for this run: %s", rule.topic.id, rule.topic.path, reason)
        return hit


def evidence(reading: Reading, spans: Iterable[tuple[int, int]]) -> tuple[Evidence, ...]:
    """Return the spans in title and body as evidence, in order; one that lies in another is left out."""
    shown: list[tuple[int, int]] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if start < reading.starts[2] and not (shown and end <= shown[-1][1]):
            shown.append((start, end))
    return tuple(reading.evidence(span) for span in shown[:MAX_EVIDENCE])


def stopped_by(topic: Topic, reading: Reading, fields: dict[str, str]) -> str:
    """Return the filter that stops a text, or ""."""
    source = fields.get("source_id")
    if topic.sources and source and not any(fnmatchcase(source, pattern) for pattern in topic.sources):
        return f"sources: {source}"
    kind = fields.get("document_type")
    if topic.document_types and kind and kind not in topic.document_types:
        return f"document_types: {kind}"
    if topic.regions or topic.direction:
        return _misplaced(topic, reading)
    return ""


def _misplaced(topic: Topic, reading: Reading) -> str:
    from crawler.regions import locate

    try:
        place = locate(reading.fields["title"].shown, reading.fields["body"].shown)
    except NotImplementedError:
        return ""
    if (
        topic.regions
        and place.region not in topic.regions
        and not any(place.regions.get(r, 0) > 0.5 for r in topic.regions)
    ):
        return f"region: {place.region or 'none'}"
    if topic.direction and place.direction not in (topic.direction, "both"):
        return f"direction: {place.direction or 'none'}"
    return ""
