"""The laboratory: rules on examples, on labelled records, against an older version, and words that a rule lacks.

A record is a mapping with "id", "title" (may be None) and "text"; a labelled one also has "labels", ids of topics.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from crawler.topics.engine import Topics
from crawler.topics.explain import explain
from crawler.topics.model import Flag

Record = Mapping[str, object]


@dataclass(slots=True, frozen=True)
class Outcome:
    """What a topic made of one of its examples."""

    topic: str
    number: int  # from 1, over hits and misses as they stand in the file
    wanted: bool
    flagged: bool
    score: float
    words: tuple[str, ...]
    text: str  # the head of the example

    @property
    def passed(self) -> bool:
        """Whether the example came out as its author wants."""
        return self.wanted is self.flagged


@dataclass(slots=True, frozen=True)
class Mistake:
    """A record that a topic flags wrongly ("false alarm") or misses ("missed"), with the words that decided."""

    id: str
    kind: str
    score: float
    words: tuple[str, ...]


@dataclass(slots=True)
class Scores:
    """How a topic does on labelled records."""

    topic: str
    right: int = 0
    mistakes: list[Mistake] = field(default_factory=list)

    def _number(self, kind: str) -> int:
        return sum(mistake.kind == kind for mistake in self.mistakes)

    @property
    def precision(self) -> float:
        """Share of the flagged that are labelled; 0 when nothing is flagged."""
        flagged = self.right + self._number("false alarm")
        return self.right / flagged if flagged else 0.0

    @property
    def recall(self) -> float:
        """Share of the labelled that are flagged; 0 when nothing is labelled."""
        labelled = self.right + self._number("missed")
        return self.right / labelled if labelled else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(slots=True, frozen=True)
class Change:
    """A record on which two versions of the topics differ: "+" only the new one flags it, "-" only the old one."""

    id: str
    topic: str
    sign: str
    score: float  # of the version that flags it
    words: tuple[str, ...]


def run_examples(topics: Topics) -> list[Outcome]:
    """Return how the topics do on their own examples. Filters (region, sources …) are not asked."""
    outcomes = []
    for topic in topics:
        for number, example in enumerate(topic.examples, 1):
            told = explain(topics, topic.id, example.title, example.body)
            outcomes.append(
                Outcome(
                    topic.id,
                    number,
                    example.hit,
                    told.score >= topic.threshold,
                    told.score,
                    _words(part.text for row in told.parts for part in row.spans),
                    (example.title or example.body)[:40],
                )
            )
    return outcomes


def match_records(topics: Topics, records: Iterable[Record]) -> Iterator[tuple[str, list[Flag]]]:
    """Yield the id and the flags of each record."""
    for record in records:
        title, body, fields = _read(record)
        yield str(record.get("id", "")), topics.match(title, body, **fields)


def evaluate(topics: Topics, records: Iterable[Record]) -> list[Scores]:
    """Return precision, recall and F1 of each topic over labelled records, with every mistake."""
    scores = {topic.id: Scores(topic.id) for topic in topics}
    for record in records:
        labels = record.get("labels") or []
        labels = set(labels) if isinstance(labels, (list, tuple, set)) else {str(labels)}
        title, body, fields = _read(record)
        flags = {flag.topic: flag for flag in topics.match(title, body, **fields)}
        name = str(record.get("id", ""))
        for topic, tally in scores.items():
            if topic in labels and topic in flags:
                tally.right += 1
            elif topic in flags:
                tally.mistakes.append(Mistake(name, "false alarm", flags[topic].score, _evidence(flags[topic])))
            elif topic in labels:
                told = explain(topics, topic, title, body, **fields)
                words = _words(span.text for part in told.parts for span in part.spans)
                tally.mistakes.append(
                    Mistake(name, "missed", told.score, (told.stopped_by, *words) if told.stopped_by else words)
                )
    return list(scores.values())


def backtest(new: Topics, old: Topics, records: Iterable[Record]) -> list[Change]:
    """Return where two versions of the topics differ on stored records."""
    changes = []
    for record in records:
        title, body, fields = _read(record)
        now = {flag.topic: flag for flag in new.match(title, body, **fields)}
        before = {flag.topic: flag for flag in old.match(title, body, **fields)}
        for topic in sorted(now.keys() ^ before.keys()):
            flag, sign = (now[topic], "+") if topic in now else (before[topic], "-")
            changes.append(Change(str(record.get("id", "")), topic, sign, flag.score, _evidence(flag)))
    return changes


def _read(record: Record) -> tuple[str, str, dict[str, str]]:
    known = ("source", "section", "docno", "source_id", "document_type")
    fields = {name: str(record[name]) for name in known if record.get(name)}
    return str(record.get("title") or ""), str(record.get("text") or ""), fields


def _evidence(flag: Flag) -> tuple[str, ...]:
    return _words(span.text for span in flag.evidence)


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts))[:10]
