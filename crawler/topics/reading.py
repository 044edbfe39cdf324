"""A text made ready for matching: cleaned, folded, its fields laid end to end for one pass of the automaton."""

import re
from bisect import bisect_right
from functools import cached_property

from crawler.text import canonical, clean
from crawler.topics.leaves import Span
from crawler.topics.model import Evidence
from crawler.topics.zones import Zone, zones

TITLE, LEAD, BODY = 2.0, 1.5, 1.0  # points of a word by the place it stands in
LEAD_LENGTH = 200  # characters
LONG = 1200  # characters; in a longer text a word behind the lead says less about the whole
IN_ZONE = 0.2  # what is left of a word in a link list, a slogan chain or a boilerplate tail
OTHERS = ("source", "section", "docno")
DOCNO = re.compile(r"[\u4e00-\u9fff]{1,12}[〔\[【(（]\s*(?:19|20)\d\d\s*[〕\]】)）]\s*\d{1,5}\s*号")

# A stray line break or space inside a word; an empty line is a border.
_BREAK = re.compile(r"(?<=[\u4e00-\u9fff])(?:[ \t]+\n?[ \t]*|\n[ \t]*)(?=[\u4e00-\u9fff])")


def fold(text: str) -> str:
    """Return a text in the form in which texts are searched."""
    return _BREAK.sub("", canonical(clean(text).text)[0])


class Field:
    """One field: the cleaned text, the folded text in it, and the way back."""

    def __init__(self, raw: str) -> None:
        self.shown = clean(raw).text if raw else ""
        folded, self._indices = canonical(self.shown)
        self._cuts: list[int] = []  # places in the joined text before which characters were left out
        self._shifts: list[int] = [0]
        pieces, end, shift = [], 0, 0
        for gap in _BREAK.finditer(folded):
            pieces.append(folded[end : gap.start()])
            self._cuts.append(gap.start() - shift)
            shift += gap.end() - gap.start()
            self._shifts.append(shift)
            end = gap.end()
        self.text = "".join(pieces) + folded[end:]

    def origin(self, index: int) -> int:
        """Return where a character of `text` stands in `shown`."""
        index += self._shifts[bisect_right(self._cuts, index)]
        return self._indices[index] if self._indices is not None else index


class Reading:
    """A text ready for the automaton. Offsets count in `text` unless said otherwise."""

    def __init__(self, title: str, body: str, fields: dict[str, str]) -> None:
        self.names = ("title", "body", *OTHERS)
        self.fields = {"title": Field(title), "body": Field(body)}
        docno = fields.get("docno") or " ".join(DOCNO.findall(self.fields["body"].shown[:1000]))
        given = {**fields, "docno": docno}
        self.fields |= {name: Field(given.get(name) or "") for name in OTHERS}
        self.text = "\n\n".join(self.fields[name].text for name in self.names)
        self.starts, at = [], 0
        for name in self.names:
            self.starts.append(at)
            at += len(self.fields[name].text) + 2
        body_start, body_end = self.starts[1], self.starts[2]
        self.scopes = {
            name: (start, end) for name, start, end in zip(self.names, self.starts, [*self.starts[1:], at], strict=True)
        }
        self.scopes["text"] = (0, body_end)
        self.scopes["lead"] = (body_start, min(body_start + LEAD_LENGTH, body_end))
        self.thinning = max(1.0, (len(self.fields["body"].text) / LONG) ** 0.5)

    @cached_property
    def zones(self) -> list[Zone]:
        """The zones of the body, in offsets of the cleaned body."""
        return zones(self.fields["body"].shown)

    def field_of(self, start: int) -> str:
        """Return the name of the field in which an offset lies."""
        return self.names[bisect_right(self.starts, start) - 1]

    def zone_of(self, span: Span) -> str:
        """Return the kind of zone in which a span stands, or "" for running text."""
        if self.field_of(span[0]) != "body":
            return ""
        at = self.fields["body"].origin(span[0] - self.starts[1])
        return next((kind for start, end, kind in self.zones if start <= at < end), "")

    def worth(self, span: Span) -> float:
        """Return the points of one word that stands there."""
        start = span[0]
        if start < self.starts[1]:
            return TITLE
        if start >= self.starts[2]:
            return BODY
        worth = LEAD if start < self.scopes["lead"][1] else BODY / self.thinning
        return worth * IN_ZONE if self.zone_of(span) else worth

    def evidence(self, span: Span) -> Evidence:
        """Return a span in the displayed text of its field."""
        name = self.field_of(span[0])
        field, offset = self.fields[name], self.starts[self.names.index(name)]
        start, end = field.origin(span[0] - offset), field.origin(span[1] - 1 - offset) + 1
        return Evidence(name, start, end, field.shown[start:end])
