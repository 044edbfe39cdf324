"""How a score came about, part by part, in the words of the query."""

from collections.abc import Iterator

from crawler.topics.automaton import Scanned
from crawler.topics.engine import HALF, Rule, Topics, evidence, score, stopped_by
from crawler.topics.leaves import Phrases, Regex
from crawler.topics.model import Explanation, Part
from crawler.topics.nodes import Near, Node, Not, Weight, children
from crawler.topics.reading import IN_ZONE, LONG, Reading


def explain(topics: Topics, topic: str, title: str, body: str, **fields: str) -> Explanation:
    """Return every part of the score of one topic for a raw text. Raises KeyError for an unknown topic."""
    rule = topics.rules[topic]
    reading = Reading(title, body, fields)
    scanned = topics.automaton.scan(reading)
    hit = rule.node.evaluate(scanned)
    points = hit.points if hit else 0.0
    reached = score(points) >= rule.topic.threshold
    stopped = stopped_by(rule.topic, reading, fields) if reached else ""
    return Explanation(
        topic=topic,
        flagged=reached and not stopped and topic not in topics.disabled,
        score=round(score(points), 4),
        threshold=rule.topic.threshold,
        points=round(points, 4),
        parts=tuple(_parts(rule.node, scanned, 0, 1.0)),
        stopped_by=stopped,
        notes=tuple(_notes(topics, rule, reading)),
    )


def _parts(node: Node, scanned: Scanned, depth: int, factor: float) -> Iterator[Part]:
    hit = node.evaluate(scanned)
    if isinstance(node, Weight):
        yield from _weighted(node, scanned, depth, factor)
        return
    spans = hit.spans if hit and isinstance(node, (Phrases, Regex, Near)) else ()
    yield Part(
        text=" ".join(node.place.text.split()),
        depth=depth,
        matched=hit is not None,
        points=round(hit.points * factor, 4) if hit else 0.0,
        spans=evidence(scanned.reading, spans),
        note=_note(node, scanned, spans),
    )
    if not isinstance(node, Near):
        for child in children(node):
            yield from _parts(child, scanned, depth + 1, factor)


def _weighted(node: Weight, scanned: Scanned, depth: int, factor: float) -> Iterator[Part]:
    """Show a weighted part as one line, so that points stand beside what the author wrote."""
    first, *rest = _parts(node.part, scanned, depth, factor * node.factor)
    points = first.points if node.factor >= 0 else node.factor * first.matched
    yield Part(" ".join(node.place.text.split()), depth, first.matched, points, first.spans, first.note)
    yield from rest


def _note(node: Node, scanned: Scanned, spans: tuple[tuple[int, int], ...]) -> str:
    if isinstance(node, Not):
        return "stops the text" if node.evaluate(scanned) is None else ""
    if isinstance(node, Near) and not spans and _both_stand(node, scanned):
        return f"both parts stand in the text, but not within {node.gap} characters of one sentence"
    kinds = [kind for span in spans if (kind := scanned.reading.zone_of(span))]
    if not kinds:
        return ""
    return f"{len(kinds)} of {len(spans)} in a {', '.join(sorted(set(kinds)))}: count {IN_ZONE:g} each"


def _both_stand(node: Near, scanned: Scanned) -> bool:
    return all(part.evaluate(scanned, weigh=False) for part in (node.left, node.right))


def _notes(topics: Topics, rule: Rule, reading: Reading) -> Iterator[str]:
    yield f"score = points / (points + {HALF:g})"
    if reading.thinning > 1:
        length = reading.starts[2] - reading.starts[1]
        yield f"body of {length} characters, over {LONG}: a word behind the lead counts 1/{reading.thinning:.2f}"
    if rule.topic.id in topics.disabled:
        yield f"switched off: {topics.disabled[rule.topic.id]}"
