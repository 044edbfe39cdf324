"""The container's content as lines in page order: a block or a <br> ends a line, a table row is one line."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborNode

from crawler.extract.page import BR, IMG, INLINE, OPAQUE, TAG, TEXT, A

SKIP = re.compile(
    r"comment|pinglun|recommend|related|relevan|share|copyright|disclaim|statement|qrcode|ewm|erweima|editor$|\bedit\b|liability|zebian|"
    r"\bpager?\b|pagination|page_?num\b|footer|crumb|toolbar|\btags?\b|xgxw|xgyd|advert|\bads?\b|guanggao|jiucuo|shengming|tuijian|"
    r"\bvote|player|video-?js|subscribe|\bfollow|audio|\bprev\b|\bnext\b"
)
KEEP = re.compile(
    r"trs_editor|editor[-_]content|custom_unionstyle|article[-_]?con|detail[-_]?con|^(?:content|detail)\b"
)
FILES = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar|pptx?)(?:$|[?#])", re.IGNORECASE)
PLAIN = frozenset(TAG[name] for name in ("b", "strong", "em", "i", "u", "font", "sub", "sup", "small", "big"))
CELLS = frozenset((TAG["td"], TAG["th"]))
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)(?:$|[?#])|^javascript:|^#|^$", re.IGNORECASE)
LONG_CELL, SENTENCE, FEWEST_CARDS = 300, 30, 3


@dataclass(slots=True)
class Line:
    """A line of the container."""

    text: str
    linked: int = 0  # characters inside links
    row: int = 0  # the table row it stands in
    cell: int = 0
    files: bool = False  # holds a link to a document
    joined: bool = False  # the cells of a table row, parted by tabs


@dataclass(slots=True)
class Content:
    """What a container holds."""

    lines: list[Line] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    cards: set[str] = field(default_factory=set)  # other pages to which pictures lead
    first_card: int = 0  # lines before the first of them
    lenient: bool = False

    def is_cards(self) -> bool:
        """Return whether this is a list of picture cards: about as many as lines of text, and no text before."""
        if len(self.cards) < FEWEST_CARDS:
            return False
        if any(len(line.text) > 2 * SENTENCE and "。" in line.text for line in self.lines[: self.first_card]):
            return False
        return len(self.cards) >= 0.7 * sum(len(line.text) - line.linked >= SENTENCE for line in self.lines)


@dataclass(slots=True)
class _Place:
    """Where a node stands: block, row and cell by memory id, inside a link or a skipped part."""

    block: int
    row: int = 0
    cell: int = 0
    linked: bool = False
    skipped: bool = False
    files: bool = False
    card: str = ""  # the page to which a picture here leads


SKIPPED = _Place(0, skipped=True)


def read(container: LexborNode, dropped: frozenset[int] = frozenset(), *, lenient: bool = False) -> Content:
    """Return lines, images and attached files of the container; elements in `dropped` (memory ids) are left out.

    With `lenient` the names of classes say nothing.
    """
    content = Content(lenient=lenient)
    top = container.mem_id
    places = {top: _Place(top)}
    current: Line | None = None
    block = 0
    for node in container.traverse(include_text=True):
        tag = node.tag_id
        if tag == TEXT:
            place = places.get(node.parent.mem_id, SKIPPED)  # type: ignore[union-attr]
            if place.skipped:
                continue
            text = node.text_content or ""
            if current is not None and place.block != block:
                current = None
            if not text.strip():
                if current is not None:
                    current.text += " "
                continue
            if current is None:
                current = Line("", row=place.row, cell=place.cell)
                content.lines.append(current)
                block = place.block
            _append(current, text, place)
        elif tag == BR:
            current = None
        elif tag in PLAIN:
            places[node.mem_id] = places.get(node.parent.mem_id, SKIPPED)  # type: ignore[union-attr]
        elif tag not in OPAQUE and node.mem_id != top:
            _enter(node, tag, places, dropped, content)
    return content


def _append(line: Line, text: str, place: _Place) -> None:
    line.text += text
    if place.linked:
        line.linked += len(text.strip())
        line.files = line.files or place.files


def _enter(node: LexborNode, tag: int, places: dict[int, _Place], dropped: frozenset[int], content: Content) -> None:
    """Note where an element stands, and what it shows itself."""
    key = node.mem_id
    parent = node.parent
    around = places.get(parent.mem_id) if parent is not None else None
    if around is None:
        return
    if around.skipped or key in dropped:
        places[key] = SKIPPED
        return
    attributes = node.attributes
    if tag == IMG:
        _image(attributes, content)
        if around.card:
            content.first_card = content.first_card if content.cards else len(content.lines)
            content.cards.add(around.card)
    elif attributes and _is_hidden(attributes, lenient=content.lenient):
        places[key] = SKIPPED
    elif tag == A:
        places[key] = _link(attributes, around, content)
    elif tag in INLINE:
        places[key] = around
    elif tag in CELLS:
        places[key] = _Place(key, around.row, key)
    else:
        places[key] = _Place(key, key if tag == TAG["tr"] else around.row, around.cell)


def _is_hidden(attributes: dict[str, str | None], *, lenient: bool) -> bool:
    style = attributes.get("style")
    if style and "none" in style and HIDDEN.search(style):
        return True
    return not lenient and _is_foreign(attributes.get("class") or "", attributes.get("id") or "")


@lru_cache(maxsize=4096)
def _is_foreign(classes: str, identity: str) -> bool:
    """Return whether class or id say that the element is no part of the article."""
    marks = f"{classes} {identity}".lower()
    return bool(SKIP.search(marks) and not KEEP.search(marks))


def _link(attributes: dict[str, str | None], around: _Place, content: Content) -> _Place:
    href = attributes.get("href") or ""
    files = FILES.search(href) is not None
    if files:
        content.files.append(href)
    return _Place(
        around.block, around.row, around.cell, True, False, files, "" if files or PICTURE.search(href) else href
    )


def _image(attributes: dict[str, str | None], content: Content) -> None:
    for name in ("data-src", "data-original", "src"):
        source = attributes.get(name)
        if source and not source.startswith("data:"):
            content.images.append(source)
            return


def rows(lines: list[Line]) -> list[Line]:
    """Return the lines with the cells of each table row joined by a tab; a row that holds an article stays apart."""
    out: list[Line] = []
    start = 0
    while start < len(lines):
        end = start + 1
        row = lines[start].row
        while row and end < len(lines) and lines[end].row == row:
            end += 1
        out += _join(lines[start:end]) if row else lines[start:end]
        start = end
    return out


def _join(group: list[Line]) -> list[Line]:
    cells: dict[int, list[str]] = {}
    for line in group:
        cells.setdefault(line.cell, []).append(" ".join(line.text.split()))
    texts = [" ".join(parts) for parts in cells.values()]
    if len(texts) < 2 or max(map(len, texts)) > LONG_CELL:
        return group
    linked = sum(line.linked for line in group)
    return [Line("\t".join(texts), linked, group[0].row, 0, any(line.files for line in group), joined=True)]
