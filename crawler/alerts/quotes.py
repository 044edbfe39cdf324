"""The sentence that matched: the one or two of a text that hold most of the evidence, with the words to mark."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SENTENCES = 2
LONGEST = 120  # characters of a sentence that are shown
LONGEST_MARK = 24  # a longer span is a stretch of text, not a word
_END = re.compile(r"[。！？!?；;\n]+[”’」』）]*")


@dataclass(slots=True, frozen=True)
class Piece:
    """A stretch of a quotation, to be marked or not."""

    text: str
    marked: bool = False


def quotes(evidence: Sequence[Mapping[str, Any]], body: str) -> list[list[Piece]]:
    """Return up to two quotations from the body in its order; where only the title matched, its first sentence."""
    spans = [(span["start"], span["end"]) for span in evidence if span["field"] == "body"]
    words = [span for span in spans if span[1] - span[0] <= LONGEST_MARK] or spans
    ranked: list[tuple[int, int, int]] = []
    for begin, end in _sentences(body):
        inside = {body[a:b] for a, b in words if a < end and b > begin}
        ranked.append((len(inside), begin, end))
    best = sorted(ranked, key=lambda row: -row[0])[:SENTENCES]
    chosen = [row for row in best if row[0] and row[0] * 2 >= best[0][0]] or ranked[:1]
    return [_quotation(body, begin, end, words) for _, begin, end in sorted(chosen, key=lambda row: row[1])]


def _sentences(body: str) -> list[tuple[int, int]]:
    found, begin = [], 0
    for end in [*(match.end() for match in _END.finditer(body)), len(body)]:
        if body[begin:end].strip():
            found.append((begin, end))
        begin = end
    return found


def _quotation(body: str, begin: int, end: int, words: Sequence[tuple[int, int]]) -> list[Piece]:
    marks = _merged([(max(a, begin), min(b, end)) for a, b in words if a < end and b > begin])
    first, last = _window(begin, end, marks)
    pieces = [Piece("…")] if first > begin else []
    at = first
    for a, b in [(max(a, first), min(b, last)) for a, b in marks]:
        if a >= b:
            continue
        pieces += [Piece(body[at:a]), Piece(body[a:b], marked=True)]
        at = b
    pieces.append(Piece(body[at:last].rstrip("\n")))
    if last < end and body[last:end].strip():
        pieces.append(Piece("…"))
    return [piece for piece in pieces if piece.text]


def _window(begin: int, end: int, marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the part of a long sentence that shows most marks."""
    if end - begin <= LONGEST:
        return begin, end
    starts = [max(begin, min(a - LONGEST // 6, end - LONGEST)) for a, _ in marks] or [begin]
    first = max(starts, key=lambda start: (sum(start <= a and b <= start + LONGEST for a, b in marks), -start))
    return first, min(end, first + LONGEST)


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for a, b in sorted(spans):
        if found and a <= found[-1][1]:
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        else:
            found.append((a, b))
    return found
