"""Topics: every rule of every file over one text, with one pass of one automaton."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from crawler.topics.automaton import Automaton, Scanned, Terms
from crawler.topics.bounds import Groups, bounds
from crawler.topics.errors import QueryError, TopicError
from crawler.topics.grammar import parse_query
from crawler.topics.leaves import Hit
from crawler.topics.model import Evidence, Flag, Topic
from crawler.topics.nodes import Node
from crawler.topics.reading import LEAD, TITLE, Reading

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
    needed: float  # points


def compile_topic(topic: Topic, terms: Terms) -> Rule:
    """Return the topic compiled. Raises TopicError with the place in the file."""
    try:
        node = parse_query(topic.query, topic.sets, terms)
    except QueryError as error:
        line = topic.query_line + error.line - 1
        column = error.column + (topic.query_column - 1 if error.line == 1 else 0)
        raise TopicError(topic.path, line, column, error.message) from None
    if not node.required():
        raise TopicError(
            topic.path,
            topic.query_line,
            topic.query_column,
            "the query holds where nothing is said; add a phrase that must stand",
        )
    return Rule(topic, node, HALF * topic.threshold / (1 - topic.threshold) - 1e-9)


def score(points: float) -> float:
    """Return points as a score from 0 to 1: half of it at two points."""
    return points / (points + HALF) if points > 0 else 0.0


class Topics:
    """Compiled topics; iterating gives the Topic objects. `disabled` holds those that ran out of time, and why."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        terms = Terms()
        self.rules = {topic.id: compile_topic(topic, terms) for topic in topics}
        self.automaton = Automaton(terms)
        self.disabled: dict[str, str] = {}
        self._rules = list(self.rules.values())
        self._needed = [rule.needed for rule in self._rules]
        self._woken: dict[int, list[tuple[int, float, Groups]]] = {}  # term: number, points and groups of its bounds
        for number, rule in enumerate(self._rules):
            for bound in bounds(rule.node):
                for term in bound.terms:
                    self._woken.setdefault(term, []).append((number, bound.points, bound.groups))

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

    def match_cleaned(self, title: str, body: str, **fields: str) -> list[Flag]:
        """Return the topics of a text that crawler.text.clean has cleaned already."""
        return self.match_reading(Reading(title, body, fields, cleaned=True), fields)

    def match_reading(self, reading: Reading, fields: dict[str, str]) -> list[Flag]:
        """Return the topics of a text that is prepared already."""
        matches = self.automaton.matches(reading.text)
        candidates = self._candidates(matches, reading.starts[1])
        if not candidates:
            return []
        scanned = self.automaton.collect(reading, matches)
        start = time.thread_time()
        hits = self._hits(scanned, candidates)
        if time.thread_time() - start > self._budget(scanned):
            self._disable_slow(scanned, candidates)
        flags = [
            Flag(rule.topic.id, round(score(hit.points), 4), evidence(reading, hit.spans))
            for rule, hit in hits
            if not stopped_by(rule.topic, reading, fields)
        ]
        return sorted(flags, key=lambda flag: (-flag.score, flag.topic)) if len(flags) > 1 else flags

    def _hits(self, scanned: Scanned, candidates: list[Rule]) -> list[tuple[Rule, Hit]]:
        """Return the rules that reach their threshold. Zones are dear and only lower points: they are asked last."""
        scanned.zoned(on=False)
        hopeful = [rule for rule in candidates if (hit := rule.node.evaluate(scanned)) and hit.points >= rule.needed]
        if not hopeful:
            return []
        scanned.zoned(on=True)
        hits = [(rule, rule.node.evaluate(scanned)) for rule in hopeful]
        return [(rule, hit) for rule, hit in hits if hit and hit.points >= rule.needed]

    def _candidates(self, matches: list[tuple[int, int, int]], body_start: int) -> list[Rule]:
        """Return the rules that may reach their threshold with the words found."""
        counts: dict[int, int] = {}
        for term, _, _ in matches:
            counts[term] = counts.get(term, 0) + 1
        present, woken, needed = set(counts), self._woken, self._needed
        most: dict[int, float] = {}
        for term, count in counts.items():
            for number, points, groups in woken.get(term, ()):
                if not groups or not any(map(present.isdisjoint, groups)):
                    most[number] = most.get(number, 0.0) + points * count
        # Matches come in the order of their ends, so that the first one tells whether the title has any.
        best = TITLE if matches and matches[0][1] < body_start else LEAD
        hopeful = [self._rules[number] for number, points in most.items() if best * points >= needed[number]]
        return [rule for rule in hopeful if rule.topic.id not in self.disabled]

    def _budget(self, scanned: Scanned) -> float:
        return BUDGET * (1 + len(scanned.reading.text) // LONG)

    def _disable_slow(self, scanned: Scanned, candidates: list[Rule]) -> None:
        """Disable the rules that are slow when measured alone: together they may have met the garbage collector."""
        for rule in candidates:
            fresh = self.automaton.scan(scanned.reading)
            start = time.thread_time()
            rule.node.evaluate(fresh)
            spent = time.thread_time() - start
            if spent > self._budget(scanned):
                reason = f"took {spent * 1000:.0f} ms of CPU for one text of {len(scanned.reading.text)} characters"
                self.disabled[rule.topic.id] = reason
                logger.error("topic %s (%s) is switched off for this run: %s", rule.topic.id, rule.topic.path, reason)


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

    place = locate(reading.title, reading.body, cleaned=True)
    heaviest = max(place.regions.values(), default=0.0)
    named = {region for region, weight in place.regions.items() if weight >= heaviest / 2}
    if topic.regions and not (named | {place.region}) & set(topic.regions):
        return f"region: {place.region or 'none'}"
    if topic.direction and place.direction not in (topic.direction, "both"):
        return f"direction: {place.direction or 'none'}"
    return ""
