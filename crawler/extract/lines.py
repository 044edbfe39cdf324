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
CELLS, ROW = frozenset((TAG["td"], TAG["th"])), TAG["tr"]
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
    bare: str = ""  # as label rules read it, without opening marks


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
    """What surrounds a node: row and cell by memory id, and a link."""

    row: int = 0
    cell: int = 0
    linked: bool = False
    files: bool = False
    card: str = ""  # the page to which a picture here leads


def read(container: LexborNode, dropped: frozenset[int] = frozenset(), *, lenient: bool = False) -> Content:
    """Return lines, images and attached files of the container; elements in `dropped` (memory ids) are left out.

    With `lenient` the names of classes say nothing.
    """
    content = Content(lenient=lenient)
    current: Line | None = None
    filled = 0  # the block in which it stands
    around = [(container.iter(include_text=True), _Place(), container.mem_id)]
    while around:
        children, place, block = around[-1]
        for node in children:
            tag = node.tag_id
            if tag == TEXT:
                text = node.text_content or ""
                if block != filled:
                    current, filled = None, block
                if current is not None:
                    current.text += " " if text.isspace() else text
                elif text.strip():
                    current = Line(text, 0, place.row, place.cell)
                    content.lines.append(current)
                else:
                    continue
                if place.linked:
                    current.linked += len(text.strip())
                    current.files = current.files or place.files
            elif tag == BR:
                current = None
            elif tag == IMG:
                _image(node.attributes, place, content)
            elif tag not in OPAQUE:
                inner = place if tag in PLAIN else _enter(node, tag, place, dropped, content)
                if inner is not None:
                    around.append((node.iter(include_text=True), inner, block if tag in INLINE else node.mem_id))
                    break
        else:
            around.pop()
    return content


def _enter(node: LexborNode, tag: int, around: _Place, dropped: frozenset[int], content: Content) -> _Place | None:
    """Return what surrounds the content of an element, None for one that is left out; note a file it leads to."""
    attributes = node.attributes
    if dropped and node.mem_id in dropped:
        return None
    if attributes and _is_left_out(attributes, content.lenient):
        return None
    if tag == A:
        return _link(attributes, around, content)
    if tag in CELLS:
        return _Place(around.row, node.mem_id)
    if tag == ROW:
        return _Place(node.mem_id)
    return around


def _is_left_out(attributes: dict[str, str | None], lenient: bool) -> bool:
    """Return whether the element is not shown, or its class or id say that it is no part of the article."""
    style = attributes.get("style")
    if style and "none" in style and HIDDEN.search(style):
        return True
    classes, identity = attributes.get("class"), attributes.get("id")
    return not lenient and bool(classes or identity) and _is_furniture(classes, identity)


@lru_cache(maxsize=4096)
def _is_furniture(classes: str | None, identity: str | None) -> bool:
    marks = f"{classes or ''} {identity or ''}".lower()
    return SKIP.search(marks) is not None and not KEEP.search(marks)


def _link(attributes: dict[str, str | None], around: _Place, content: Content) -> _Place:
    href = attributes.get("href") or ""
    files = FILES.search(href) is not None
    if files:
        content.files.append(href)
    return _Place(around.row, around.cell, True, files, "" if files or PICTURE.search(href) else href)


def _image(attributes: dict[str, str | None], around: _Place, content: Content) -> None:
    if around.card:
        content.first_card = content.first_card if content.cards else len(content.lines)
        content.cards.add(around.card)
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
