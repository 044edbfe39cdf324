"""List pages: the links of the main list with title and date, in page order; no navigation, no sidebars."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.dates import CST
from crawler.extract import charset
from crawler.extract.model import Link, Listing
from crawler.extract.page import squeeze

FULL = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年_]\s?(\d{1,2})\s?[-/.月_]\s?(\d{1,2})(?!\d)")
DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s*[日/]?\s+((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})(?![\d])")
MONTH_DAY = re.compile(r"(?<![\d.:-])(\d{1,2})\s?[-/月]\s?(\d{1,2})(?![\d.:-])日?")
IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?!\d{1,2}\b(?=\.))")
NEXT = re.compile(r"^\W*(?:下一?页|下页|后一页|next(?:\s*page)?)\W*$", re.IGNORECASE)
NEXT_MARKS = re.compile(r"\bnext(?:[-_]?page)?\b|\bnextpage\b", re.IGNORECASE)
ASIDE = re.compile(
    r"nav|menu|footer|foot\b|crumb|sidebar|side\b|hot|rank|recommend|tuijian|related|friend|links?\b|banner|login|topbar|header|paging|pager|pagination",
    re.IGNORECASE,
)
NOT_A_PAGE = ("javascript:", "mailto:", "tel:", "#", "data:", "about:")
DEPTH = 8


@dataclass(slots=True)
class Anchor:
    """A link of the page with what stands around it."""

    node: LexborNode
    url: str
    text: str
    order: int
    path: tuple[str, ...] = ()


@dataclass(slots=True)
class Group:
    """Links that stand alike in the page."""

    anchors: list[Anchor] = field(default_factory=list)
    aside: bool = False

    def score(self) -> float:
        """Return how much the group looks like a list of articles: many links with long, different titles."""
        lengths = {anchor.url: 0 for anchor in self.anchors}
        for anchor in self.anchors:
            lengths[anchor.url] = max(lengths[anchor.url], min(len(anchor.text), 40))
        total = sum(length - 5 for length in lengths.values() if length > 5)
        mean = sum(lengths.values()) / len(lengths)
        return total * min(1.0, mean / 12) * (0.3 if self.aside else 1.0)


def listing(
    html: bytes,
    url: str | None,
    encoding: str | None,
    selectors: Mapping[str, str] | None,
    article: str | None,
    now: datetime.datetime | None,
) -> Listing:
    """Return the article links and the next page."""
    decoded = charset.decode(html, encoding)
    tree = LexborHTMLParser(decoded.data)
    chosen = selectors or {}
    base = tree.css_first("base[href]")
    root = urljoin(url or "", (base.attributes.get("href") or "") if base is not None else "")
    anchors = _anchors(tree, root, chosen.get("links"))
    if article is not None:
        pattern = re.compile(article)
        picked = [anchor for anchor in anchors if pattern.search(anchor.url)]
    elif chosen.get("links"):
        picked = anchors
    else:
        picked = _main_list(anchors)
    links = _links(picked, (now or datetime.datetime.now(CST)).date())
    return Listing(links=links, next_page=_next(tree, root, url or "", chosen.get("next")), encoding=decoded.encoding)


def _anchors(tree: LexborHTMLParser, root: str, selector: str | None) -> list[Anchor]:
    anchors = []
    nodes = tree.css(selector) if selector else tree.css("a[href]")
    for order, node in enumerate(nodes):
        element = node if node.tag == "a" else node.css_first("a[href]")
        href = (element.attributes.get("href") or "").strip() if element is not None else ""
        if element is None or not href or href.lower().startswith(NOT_A_PAGE):
            continue
        try:
            address = urljoin(root, href)
        except ValueError:
            continue
        anchors.append(Anchor(element, address, _title(element), order))
    return anchors


def _title(node: LexborNode) -> str:
    """Return the link's title: its text, or @title where the text was cut."""
    text = squeeze(node.text(separator=" "))
    named = squeeze(node.attributes.get("title") or "")
    cut = text.rstrip(".… ")
    if named and (not text or (len(named) > len(text) and (text != cut or named.startswith(cut) or len(text) < 6))):
        return named
    return text


def _main_list(anchors: list[Anchor]) -> list[Anchor]:
    groups: dict[tuple[str, ...], Group] = {}
    for anchor in anchors:
        aside = _place(anchor)
        group = groups.setdefault(anchor.path, Group())
        group.anchors.append(anchor)
        group.aside = group.aside or aside
    if not groups:
        return []
    best = max(groups.values(), key=Group.score)
    return _widen(best, anchors) if best.score() > 0 else []


def _place(anchor: Anchor) -> bool:
    """Set the anchor's path (tags and classes of the elements around it); return whether it lies in an aside."""
    path: list[str] = []
    aside = False
    node = anchor.node.parent
    while node is not None and len(path) < DEPTH and node.tag not in {"body", "html"}:
        tag = node.tag or ""
        attributes = node.attributes
        marks = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if tag in {"nav", "footer", "header", "aside"} or (len(marks) > 1 and ASIDE.search(marks)):
            aside = True
        name = (attributes.get("class") or "").split()[:1]
        path.append(
            tag if tag in {"li", "tr", "td", "dd", "dt", "p", "span", "h2", "h3", "h4"} else f"{tag}.{''.join(name)}"
        )
        node = node.parent
    anchor.path = tuple(path)
    return aside


def _widen(best: Group, anchors: list[Anchor]) -> list[Anchor]:
    """Return the group and its close kin: links to the same addresses, and links of the same shape in the same list."""
    first, last = best.anchors[0].order, best.anchors[-1].order
    shapes = {_shape(anchor.url) for anchor in best.anchors}
    depth = len(best.anchors[0].path)
    chosen = {anchor.url for anchor in best.anchors}
    tail = best.anchors[0].path[-3:]
    out = []
    for anchor in anchors:
        kin = (
            first <= anchor.order <= last + 1
            and anchor.path[-3:] == tail
            and len(anchor.path) == depth
            and len(anchor.text) >= 8
            and _shape(anchor.url) in shapes
        )
        if anchor.url in chosen or kin:
            out.append(anchor)
    return out


def _shape(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = re.sub(r"\d+", "0", parts.path)
    return parts.netloc, re.sub(r"[0-9a-fA-F-]{8,}", "x", path)


def _links(anchors: list[Anchor], today: datetime.date) -> list[Link]:
    titles: dict[str, str] = {}
    dates: dict[str, datetime.date | None] = {}
    shared = {anchor.url for anchor in anchors}
    for anchor in anchors:
        if len(anchor.text) > len(titles.get(anchor.url, "")):
            titles[anchor.url] = anchor.text
        titles.setdefault(anchor.url, "")
        if dates.get(anchor.url) is None:
            dates[anchor.url] = _date(anchor, shared, today)
    return [Link(url, title, dates[url]) for url, title in titles.items()]


def _date(anchor: Anchor, shared: set[str], today: datetime.date) -> datetime.date | None:
    """Return the date of the row: from the text around the link that no other listed link shares, else the address."""
    node = anchor.node
    for _ in range(4):
        parent = node.parent
        if parent is None or parent.tag in {"body", "html"}:
            break
        others = parent.css("a[href]")
        if len({other.attributes.get("href") for other in others}) > 1 and _several(others, anchor, shared):
            break
        node = parent
        found = read_date(squeeze(node.text(separator=" ")).replace(anchor.text, " "), today)
        if found is not None:
            return found
    match = IN_URL.search(anchor.url)
    return _make(match[1], match[2], match[3]) if match else None


def _several(others: list[LexborNode], anchor: Anchor, shared: set[str]) -> bool:
    own = anchor.node.attributes.get("href")
    ends = {other.attributes.get("href") or "" for other in others} - {own}
    return any(len(end) > 4 and any(url.endswith(end.lstrip("./")) for url in shared) for end in ends)


def read_date(text: str, today: datetime.date) -> datetime.date | None:
    """Return the last date in the text of a row; a date without year is the latest one that is not in the future."""
    if match := FULL.search(text):
        return _make(match[1], match[2], match[3])
    if match := DAY_FIRST.search(text):
        return _make(match[2], match[3], match[1])
    for match in MONTH_DAY.finditer(text):
        for year in (today.year, today.year - 1):
            found = _make(year, match[1], match[2])
            if found is not None and found <= today + datetime.timedelta(days=1):
                return found
    return None


def _make(year: str | int, month: str, day: str) -> datetime.date | None:
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _next(tree: LexborHTMLParser, root: str, url: str, selector: str | None) -> str | None:
    """Return the address of the next list page, None when it is the page itself or a script."""
    if selector:
        nodes = tree.css(selector)
    else:
        nodes = [node for node in tree.css("a[href]") if _is_next(node)]
        nodes += tree.css("link[rel=next][href]")
    for node in nodes:
        href = (node.attributes.get("href") or "").strip()
        if href and not href.lower().startswith(NOT_A_PAGE):
            address = urljoin(root, href)
            if address.split("#")[0] != url.split("#", maxsplit=1)[0]:
                return address
    return None


def _is_next(node: LexborNode) -> bool:
    attributes = node.attributes
    text = squeeze(node.text())
    if "disabled" in (attributes.get("class") or ""):
        return False
    if NEXT.match(text) or NEXT.match(attributes.get("title") or ""):
        return True
    marks = f"{attributes.get('class') or ''} {attributes.get('rel') or ''}"
    return bool(NEXT_MARKS.search(marks)) and len(text) < 6
