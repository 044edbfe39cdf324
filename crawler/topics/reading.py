"""A text made ready for matching: cleaned, folded, its fields laid end to end for one pass of the automaton."""

import re
from bisect import bisect_right
from functools import cache, cached_property

from crawler.text import canonical, clean_name, clean_text
from crawler.topics.leaves import Span
from crawler.topics.model import Evidence
from crawler.topics.zones import Zone, zones

TITLE, LEAD, BODY = 2.0, 1.5, 1.0  # points of a word by the place it stands in
LEAD_LENGTH = 200  # characters
MOST = 200_000  # characters of a body that are looked at
LONG = 1200  # characters; in a longer text a word behind the lead says less about the whole
IN_ZONE = 0.2  # what is left of a word in a link list, a slogan chain or a boilerplate tail
SENTENCE_END = re.compile(r"[。!?！？]|\n\s*\n")  # fields too are divided by an empty line
NAMES = ("title", "body", "source", "section", "docno")

_BREAK = re.compile(r"[ \t\n](?:(?<=\n)[ \t]*|[ \t]*\n?[ \t]*)")
_YEAR_AND_NUMBER = re.compile(r"[〔\[【(（]\s*(?:19|20)\d\d\s*[〕\]】)）]\s*\d{1,5}\s*号")
_ISSUER = re.compile(r"[\u4e00-\u9fff]{1,12}$")


@cache  # the names of places stand in many topics
def fold(text: str) -> str:
    """Return a word in the form in which texts are searched."""
    return Field(text).text


def document_number(body: str) -> str:
    """Return the first 发文字号 in the head of a body, such as 甘政办发〔2024〕12号, or ""."""
    found = _YEAR_AND_NUMBER.search(body, 0, 1000)
    issuer = _ISSUER.search(body[: found.start()][-12:]) if found else None
    return issuer[0] + found[0] if found and issuer else ""


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


class Field:
    """One field: the cleaned text, the text that is searched, and the way back.

    Searched is the canonical form without the stray spaces and line breaks that cut Chinese words in two; an empty line
    is a border and stays.
    """

    __slots__ = ("_cuts", "_indices", "_shifts", "shown", "text")

    def __init__(self, shown: str) -> None:
        self.shown = shown
        folded, self._indices = canonical(shown) if shown else ("", None)
        self._cuts: list[int] = []  # places in `text` before which characters were left out
        self._shifts = [0]
        pieces, end, shift, last = [], 0, 0, len(folded)
        for gap in _BREAK.finditer(folded):
            start, stop = gap.span()
            if not (start and stop < last and _is_han(folded[start - 1]) and _is_han(folded[stop])):
                continue
            pieces.append(folded[end:start])
            self._cuts.append(start - shift)
            shift += stop - start
            self._shifts.append(shift)
            end = stop
        self.text = "".join(pieces) + folded[end:] if end else folded

    def origin(self, index: int) -> int:
        """Return where a character of `text` stands in `shown`."""
        index += self._shifts[bisect_right(self._cuts, index)]
        return self._indices[index] if self._indices is not None else index


class Reading:
    """A text ready for the automaton. Offsets count in `text` unless said otherwise."""

    def __init__(self, title: str, body: str, fields: dict[str, str], *, cleaned: bool = False) -> None:
        title, body = (title or "")[:MOST], (body or "")[:MOST]
        if not cleaned:
            title, body = clean_text(title), clean_text(body)
        others = [fields.get("source"), fields.get("section"), fields.get("docno") or document_number(body)]
        self._fields = (Field(title), Field(body), *(Field(clean_name(text) if text else "") for text in others))
        self.text = "\n\n".join([field.text for field in self._fields])
        self.starts, at = [], 0
        for field in self._fields:
            self.starts.append(at)
            at += len(field.text) + 2
        _, body_start, source, section, docno = self.starts
        self.scopes = {
            "text": (0, source),
            "title": (0, body_start),
            "lead": (body_start, min(body_start + LEAD_LENGTH, source)),
            "body": (body_start, source),
            "source": (source, section),
            "section": (section, docno),
            "docno": (docno, at),
        }
        length = source - body_start
        self.thinning = (length / LONG) ** 0.5 if length > LONG else 1.0

    @property
    def title(self) -> str:
        """The cleaned title."""
        return self._fields[0].shown

    @property
    def body(self) -> str:
        """The cleaned body."""
        return self._fields[1].shown

    @cached_property
    def zones(self) -> list[Zone]:
        """The zones of the body, in offsets of the cleaned body."""
        return zones(self.body)

    def zone_of(self, span: Span) -> str:
        """Return the kind of zone in which a span stands, or "" for running text."""
        if not self.starts[1] <= span[0] < self.starts[2]:
            return ""
        at = self._fields[1].origin(span[0] - self.starts[1])
        return next((kind for start, end, kind in self.zones if start <= at < end), "")

    def worth(self, span: Span, *, zoned: bool = True) -> float:
        """Return the points of one word that stands there; `zoned`: less in a link list and the like."""
        start = span[0]
        if start < self.starts[1]:
            return TITLE
        if start >= self.starts[2]:
            return BODY
        worth = LEAD if start < self.scopes["lead"][1] else BODY / self.thinning
        return worth * IN_ZONE if zoned and self.zone_of(span) else worth

    def evidence(self, span: Span) -> Evidence:
        """Return a span in the displayed text of its field."""
        number = bisect_right(self.starts, span[0]) - 1
        field, offset = self._fields[number], self.starts[number]
        start, end = field.origin(span[0] - offset), field.origin(span[1] - 1 - offset) + 1
        return Evidence(NAMES[number], start, end, field.shown[start:end])
