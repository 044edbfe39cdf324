"""The container's content as lines in page order: a block or a <br> ends a line, a table row is one line."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborNode

from crawler.extract.page import BR, IMG, INLINE, OPAQUE, TAG, TEXT, A

SKIP = re.compile(
    r"comment|pinglun|recommend|related|relevan|share|copyright|disclaim|statement|qrcode|ewm|erweima|editor$|edit\b|liability|zebian|"
    r"\bpager?\b|pagination|page_?num\b|footer|crumb|toolbar|tags?\b|xgxw|xgyd|advert|\bads?\b|guanggao|jiucuo|shengming|tuijian|"
    r"vote|player|video-?js|subscribe|follow|audio|prev|next",
    re.IGNORECASE,
)
KEEP = re.compile(r"TRS_Editor|editor-content|Custom_UnionStyle|article_con|content|detail", re.IGNORECASE)
FILES = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar|pptx?)(?:$|[?#])", re.IGNORECASE)
CELLS = frozenset((TAG["td"], TAG["th"]))
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
LONG_CELL = 300


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


@dataclass(slots=True)
class _Place:
    """Where a node stands: block, row and cell by memory id, inside a link or a skipped part."""

    block: int
    row: int = 0
    cell: int = 0
    linked: bool = False
    skipped: bool = False
    files: bool = False


SKIPPED = _Place(0, skipped=True)


def read(container: LexborNode, dropped: frozenset[int] = frozenset()) -> Content:
    """Return lines, images and attached files of the container; elements in `dropped` (memory ids) are left out."""
    content = Content()
    top = container.mem_id
    places = {top: _Place(top)}
    current: Line | None = None
    block = 0
    opaque = False
    for node in container.traverse(include_text=True):
        tag = node.tag_id
        if tag == TEXT:
            if opaque:
                opaque = False
                continue
            text = node.text_content or ""
            place = places.get(node.parent.mem_id)  # type: ignore[union-attr]
            if place is None or place.skipped:
                continue
            if not text.strip():
                if current is not None and place.block == block:
                    current.text += " "
                continue
            if current is None or place.block != block:
                current = Line("", row=place.row, cell=place.cell)
                content.lines.append(current)
                block = place.block
            current.text += text
            current.files = current.files or place.files
            if place.linked:
                current.linked += len(text.strip())
        elif tag == BR:
            current = None
        elif tag in OPAQUE:
            opaque = True
        else:
            opaque = False
            if node.mem_id != top:
                _enter(node, tag, places, dropped, content)
    return content


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
    elif attributes and _is_hidden(attributes):
        places[key] = SKIPPED
    elif tag == A:
        places[key] = _link(attributes, around, content)
    elif tag in INLINE:
        places[key] = around
    elif tag in CELLS:
        places[key] = _Place(key, around.row, key)
    else:
        places[key] = _Place(key, key if tag == TAG["tr"] else around.row, around.cell)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    if style and "none" in style and HIDDEN.search(style):
        return True
    return _is_foreign(attributes.get("class") or "", attributes.get("id") or "")


@lru_cache(maxsize=4096)
def _is_foreign(classes: str, identity: str) -> bool:
    """Return whether class or id say that the element is no part of the article."""
    marks = f"{classes} {identity}"
    return bool(SKIP.search(marks) and not KEEP.search(marks))


def _link(attributes: dict[str, str | None], around: _Place, content: Content) -> _Place:
    href = attributes.get("href") or ""
    files = FILES.search(href) is not None
    if files:
        content.files.append(href)
    return _Place(around.block, around.row, around.cell, True, False, files)


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
