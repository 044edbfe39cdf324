"""What can be said about rules before they see a text: errors of grammar, parts that can add nothing or never hold.

With texts at hand also the parts that have never held: a rule that silently matches nothing costs its author days.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import UsageError
from crawler.regions import PROVINCES
from crawler.topics.automaton import Automaton, Scanned, Terms
from crawler.topics.engine import Rule, compile_topic, score
from crawler.topics.files import SETS, read_shared, read_topic, topic_files
from crawler.topics.leaves import Phrases, Place, Regex
from crawler.topics.model import Topic
from crawler.topics.nodes import And, Count, Except, Near, Node, Not, Or, Weight, children
from crawler.topics.reading import BODY, LEAD, TITLE, Reading
from crawler.topics.sets import SetError

MOST = {"text": TITLE, "title": TITLE, "lead": LEAD, "body": LEAD}  # points of one word, by scope


@dataclass(slots=True, frozen=True)
class Finding:
    """Something wrong or doubtful in a topic file. Errors stop a crawl from starting, warnings do not."""

    path: Path
    line: int
    column: int
    kind: str  # "error", "shadowed", "contradictory", "unreachable", "never fires", "doubtful"
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.kind}: {self.message}"


def check_topics(folders: Iterable[Path], texts: Sequence[tuple[str, str]] = ()) -> list[Finding]:
    """Return what is wrong with the topics of the folders. `texts`: (title, body) pairs for parts that never fire."""
    findings: list[Finding] = []
    terms = Terms()
    rules: dict[str, Rule] = {}
    sets: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        try:
            read_shared(folder, sets)
            files = topic_files(folder)
        except UsageError as error:
            findings.append(_error(folder / SETS, error))
            continue
        for path in files:
            try:
                rules[path.stem] = compile_topic(read_topic(path, sets), terms)
            except UsageError as error:
                findings.append(_error(path, error))
    for rule in rules.values():
        findings += _rule(rule, terms)
    return findings + (list(_silent(list(rules.values()), terms, texts)) if texts else [])


def _error(path: Path, error: UsageError) -> Finding:
    line, column = getattr(error, "line", None) or 1, getattr(error, "column", None) or 1
    return Finding(path, line, column, "error", str(error))


def _at(topic: Topic, place: Place, kind: str, message: str) -> Finding:
    line = topic.query_line + place.line - 1
    column = place.column + (topic.query_column - 1 if place.line == 1 else 0)
    return Finding(topic.path, line, column, kind, message)


def _rule(rule: Rule, terms: Terms) -> Iterator[Finding]:
    topic = rule.topic
    most = score(_most(rule.node))
    if most < topic.threshold:
        message = f"the best text scores {most:.2f}, below the threshold {topic.threshold:g}; raise weights"
        yield _at(topic, rule.node.place, "unreachable", message)
    for name in topic.sets:
        try:
            topic.sets[name]
        except SetError as error:
            yield Finding(topic.path, 1, 1, "error", f"sets: {error}")
    if not topic.examples:
        yield Finding(topic.path, 1, 1, "doubtful", "no examples; a rule without them cannot be tested")
    names = [province.name for province in PROVINCES]
    for region in topic.regions:
        if region not in names:
            near = difflib.get_close_matches(region, names, n=1, cutoff=0.3)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield Finding(topic.path, 1, 1, "doubtful", f"unknown region {region}{hint}")
    yield from _parts(rule.node, topic, terms)


def _parts(node: Node, topic: Topic, terms: Terms) -> Iterator[Finding]:
    if isinstance(node, Or):
        for part, other in _shadowed(node, terms):
            message = f"'{part.place.text}' adds nothing: '{other.place.text}' finds it and gives no less"
            yield _at(topic, part.place, "shadowed", message)
    if isinstance(node, And):
        for part in _contradicted(node, terms):
            message = f"never holds: '{part.place.text}' is asked for, and what lies in it is excluded"
            yield _at(topic, part.place, "contradictory", message)
    if isinstance(node, Except) and _covers(node.right, node.left, terms):
        yield _at(topic, node.place, "contradictory", "never holds: every place of the left part is excepted")
    if isinstance(node, (Near, Except, Not)):
        for part in (weight for child in children(node) for weight in _weights(child)):
            message = f"'{part.place.text}' stands inside NEAR, EXCEPT or NOT, where a weight counts nothing"
            yield _at(topic, part.place, "doubtful", message)
    if isinstance(node, And):
        for part in node.parts:
            if _factor(part) < 0:
                message = f"AND asks for '{part.place.text}' and gives its minus points; to take points off write OR"
                yield _at(topic, part.place, "doubtful", message)
    for child in children(node):
        yield from _parts(child, topic, terms)


def _weights(node: Node) -> Iterator[Weight]:
    """Yield the weights down to the next NEAR, EXCEPT or NOT, which tells of its own."""
    if isinstance(node, Weight):
        yield node
    if not isinstance(node, (Near, Except, Not)):
        for child in children(node):
            yield from _weights(child)


def _shadowed(node: Or, terms: Terms) -> Iterator[tuple[Node, Node]]:
    for part in node.parts:
        for other in node.parts:
            if part is not other and _factor(other) >= _factor(part) > 0 and _covers(_bare(other), _bare(part), terms):
                equal = _covers(_bare(part), _bare(other), terms) and _factor(part) == _factor(other)
                if not equal or node.parts.index(other) < node.parts.index(part):
                    yield part, other
                    break


def _contradicted(node: And, terms: Terms) -> Iterator[Node]:
    excluded = [part.part for part in node.parts if isinstance(part, Not)]
    for part in node.parts:
        if not isinstance(part, Not) and any(_covers(_bare(other), _bare(part), terms) for other in excluded):
            yield part


def _covers(wide: Node, narrow: Node, terms: Terms) -> bool:
    """Return whether `wide` holds wherever `narrow` does: each phrase of the one contains a phrase of the other."""
    if not isinstance(wide, Phrases) or not isinstance(narrow, Phrases):
        return False
    if wide.scope not in (narrow.scope, "text") and not (wide.scope == "body" and narrow.scope == "lead"):
        return False
    short = [terms.texts[term] for term in wide.terms if term not in terms.edged]
    return all(term in wide.terms or any(text in terms.texts[term] for text in short) for term in narrow.terms)


def _bare(node: Node) -> Node:
    return _bare(node.part) if isinstance(node, Weight) else node


def _factor(node: Node) -> float:
    return node.factor * _factor(node.part) if isinstance(node, Weight) else 1.0


def _most(node: Node) -> float:
    """Return the points that no text can exceed."""
    if isinstance(node, (Phrases, Regex)):
        return 2 * MOST.get(node.scope, BODY)
    if isinstance(node, Weight):
        return max(0.0, node.factor) * _most(node.part)
    if isinstance(node, Or):
        return sum(_most(part) for part in node.parts)
    if isinstance(node, And):
        return min((_most(part) for part in node.parts if not isinstance(part, Not)), default=0.0)
    if isinstance(node, (Near, Except)):
        return 2 * TITLE
    return _most(node.part) if isinstance(node, Count) else 0.0


def _silent(rules: list[Rule], terms: Terms, texts: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    automaton = Automaton(terms)
    scans = [automaton.scan(Reading(title, body, {})) for title, body in texts]
    for rule in rules:
        for part in _never(rule.node, scans):
            yield _at(rule.topic, part.place, "never fires", f"'{part.place.text}' holds in none of {len(scans)} texts")


def _never(node: Node, scans: Sequence[Scanned]) -> Iterator[Node]:
    """Yield the widest alternatives that hold nowhere; what is excluded need not occur."""
    for part in children(node) if not isinstance(node, (Not, Except)) else ():
        if isinstance(node, Or) and not any(part.evaluate(scan, weigh=False) for scan in scans):
            yield part
        else:
            yield from _never(part, scans)
