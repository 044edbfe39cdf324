"""The row a listed link stands in: its title and its date."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from crawler.extract.page import TEXT, A, squeeze

FULL = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年_]\s?(\d{1,2})\s?[-/.月_]\s?(\d{1,2})(?!\d)")
DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s*[日/]?\s+((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})(?!\d)")
DAY_LAST = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})月?\s+(\d{1,2})日?(?![\d:])")
MONTH_DAY = re.compile(r"(?<![\d.:/-])(\d{1,2})\s?[-/月]\s?(\d{1,2})(?![\d.:/-])")
IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?!\d)")
ONLY_DATE = re.compile(r"[\s\[(（【]*(?:[\d\s:：/年月日.\-]{2,20})[\s\])）】]*")
HEADING = "h1, h2, h3, h4, h5, h6, .title, .tit, .bt"
LEVELS = 6


@dataclass(slots=True)
class Anchor:
    """A link of the page."""

    node: LexborNode
    url: str
    text: str
    order: int
    path: tuple[str, ...] = ()
    aside: bool = False
    row: str = ""  # what kind of row it stands in


def title_of(node: LexborNode) -> str:
    """Return the link's title: its heading or text without a date in it, or @title where the text was cut."""
    heading = node.css_first(HEADING)
    text = _undated(heading) if heading is not None else ""
    text = text or _undated(node)
    named = squeeze(node.attributes.get("title") or "")
    if not named and (not text or ONLY_DATE.fullmatch(text)):  # a picture says what it shows
        picture = node.css_first("img[alt]")
        named = squeeze(picture.attributes.get("alt") or "") if picture is not None else ""
        text = "" if named else text
    cut = text.rstrip(".… ")
    fuller = len(named) > len(text) and (text == cut or named.startswith(cut) or len(text) < 6)
    if named and (not text or named == cut or fuller):
        return named
    return text


def _undated(node: LexborNode) -> str:
    parts = node.traverse(include_text=True, skip_empty=True)
    pieces = [squeeze(part.text_content or "") for part in parts if part.tag_id == TEXT]
    if len(pieces) > 1:
        pieces = [piece for piece in pieces if not ONLY_DATE.fullmatch(piece)]
    return " ".join(filter(None, pieces))


def dates_of(anchors: list[Anchor], today: datetime.date, *, visible: bool = False) -> dict[str, datetime.date]:
    """Return address → date, from the row around each link, from what stands beside it, or from the address.

    With `visible` the address is not looked at.
    """
    found: dict[str, datetime.date] = {}
    texts: dict[int, str] = {}
    rows = _rows(anchors)
    beside_before = _dates_stand_before(rows, today)
    for anchor, row in zip(anchors, rows, strict=True):
        if anchor.url in found:
            continue
        key = row.mem_id
        if key not in texts:
            texts[key] = squeeze(row.text(separator=" "))
        date = read_date(texts[key].replace(anchor.text, " ") if anchor.text else texts[key], today)
        if date is None:
            date = read_date(_beside(row, before=beside_before), today)
        if date is None and not visible:
            date = _in_address(anchor.url)
        if date is not None:
            found[anchor.url] = date
    return found


def ancestors(node: LexborNode, levels: int) -> list[LexborNode]:
    """Return the node and the elements around it, up to `levels` of them, the body not among them."""
    chain = [node]
    parent = node.parent
    while parent is not None and len(chain) < levels and parent.tag not in {"body", "html"}:
        chain.append(parent)
        parent = parent.parent
    return chain


def _rows(anchors: list[Anchor]) -> list[LexborNode]:
    """Return for each link the largest element around it that holds no neighbouring link to another address."""
    chains = [ancestors(anchor.node, LEVELS) for anchor in anchors]
    ids = [frozenset(node.mem_id for node in chain) for chain in chains]
    numbers = range(len(anchors))
    before, behind = _others(anchors, numbers), _others(anchors, reversed(numbers))
    rows = []
    for number, chain in enumerate(chains):
        shared = ids[before[number]] if number in before else frozenset()
        shared |= ids[behind[number]] if number in behind else frozenset()
        row = anchors[number].node
        for node in chain[:-1]:
            if node.mem_id in shared:
                break
            row = node
        rows.append(row)
    return rows


def _others(anchors: list[Anchor], numbers: Iterable[int]) -> dict[int, int]:
    """Return for each link, in the order of `numbers`, the link passed last that leads elsewhere."""
    others: dict[int, int] = {}
    last = -1
    for number in numbers:
        if last >= 0:
            same = anchors[last].url == anchors[number].url
            if not same:
                others[number] = last
            elif last in others:
                others[number] = others[last]
        last = number
    return others


def _dates_stand_before(rows: list[LexborNode], today: datetime.date) -> bool:
    """Return whether dates precede their rows: the first has one before it, the last none behind."""
    if not rows:
        return False
    before = read_date(_beside(rows[0], before=True), today)
    return before is not None and read_date(_beside(rows[-1], before=False), today) is None


def _beside(node: LexborNode, *, before: bool) -> str:
    """Return the text of up to three siblings, as far as no link comes."""
    texts: list[str] = []
    sibling = node.prev if before else node.next
    while sibling is not None and len(texts) < 3:
        if sibling.tag_id == A or (sibling.tag_id != TEXT and sibling.css_first("a[href]") is not None):
            break
        text = sibling.text_content if sibling.tag_id == TEXT else sibling.text(separator=" ")
        if text and text.strip():
            texts.append(squeeze(text))
        sibling = sibling.prev if before else sibling.next
    return " ".join(reversed(texts) if before else texts)


def read_date(text: str, today: datetime.date) -> datetime.date | None:
    """Return the date in the text of a row; a date without year is the latest one that is not in the future."""
    text = text[:300]
    for pattern, order in ((FULL, (1, 2, 3)), (DAY_FIRST, (2, 3, 1)), (DAY_LAST, (1, 2, 3))):
        if match := pattern.search(text):
            return _make(*(int(match[group]) for group in order))
    for match in MONTH_DAY.finditer(text):
        for year in (today.year, today.year - 1):
            found = _make(year, int(match[1]), int(match[2]))
            if found is not None and found <= today + datetime.timedelta(days=1):
                return found
    return None


def _in_address(url: str) -> datetime.date | None:
    match = IN_URL.search(url)
    return _make(*map(int, match.groups())) if match else None


def _make(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
