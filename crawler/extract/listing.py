"""List pages: the links of the main list with title and date, in page order; no navigation, no sidebars."""

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract import addresses, charset, selectors
from crawler.extract.groups import SHORT_TITLE, SPEAKING, Group, is_dated, join_columns, labels, shape
from crawler.extract.guard import tame
from crawler.extract.model import Link, Listing
from crawler.extract.page import MOST_NODES, A, squeeze
from crawler.extract.rows import Anchor, ancestors, dates_of, title_of
from crawler.extract.scripted import unfolded

NEXT = re.compile(r"^\W*(?:下一?[页頁]|后一页|next(?:\s*page)?)\W*$", re.IGNORECASE)
NEXT_MARKS = re.compile(r"\bnext(?:[-_]?page)?\b|\bnextpage\b", re.IGNORECASE)
ASIDE = re.compile(
    r"nav|menu|foot|crumb|sidebar|side\b|hot|rank|recommend|tuijian|related|friend|links?\b|banner|login|topbar|header|"
    r"paging|pager|pagination|comment|breadcrumb|location|position",
    re.IGNORECASE,
)
LANDMARKS = frozenset(("nav", "footer", "header", "aside"))
# Elements whose classes tell first from last or odd from even, not one list from another.
ROW_TAGS = frozenset(("li", "tr", "td", "dd", "dt", "p", "span", "h1", "h2", "h3", "h4", "h5", "em", "strong", "b"))
DEPTH, MOST_LINKS = 8, 5_000
# An address in the script of a link: a path or a file, not a word.
QUOTED = re.compile(r"""(["'])((?:https?:/|\.{1,2})?/[^"'\s]{2,500}|[^"'\s]{1,500}\.s?html?)\1""")
LEADING, DATED_BONUS = 6, 1.6


def listing(
    html: bytes,
    url: str | None,
    encoding: str | None,
    chosen: Mapping[str, str],
    article: str | None,
    now: datetime.datetime,
) -> Listing:
    """Return the article links and the next page."""
    decoded = charset.decode(html, encoding)
    tree = LexborHTMLParser(tame(unfolded(decoded.data)))
    base = tree.css_first("base[href]")
    root = addresses.base(url or "", (base.attributes.get("href") or "") if base is not None else "")
    links = list(_links(tree))
    today = now.date()
    pattern = selectors.compiled(article)
    if chosen.get("links"):
        picked = _anchors(selectors.select(tree, chosen, "links"), root, pattern)
    elif pattern is not None:
        picked = _anchors(links, root, pattern)
    else:
        picked = _main_list(_anchors(links, root, None), today)
    following = selectors.select(tree, chosen, "next")
    if not chosen.get("next"):
        following = [node for node in links if _is_next(node)] + tree.css("link[rel=next][href]")
    return Listing(
        links=_as_links(picked, today), next_page=_next(following, root, url or ""), encoding=decoded.encoding
    )


def _links(tree: LexborHTMLParser) -> Iterable[LexborNode]:
    nodes = tree.root.traverse() if tree.root is not None else iter(())
    found = (node for node in islice(nodes, MOST_NODES) if node.tag_id == A)
    return islice(found, MOST_LINKS)


def _anchors(nodes: Iterable[LexborNode], root: str, pattern: re.Pattern[str] | None) -> list[Anchor]:
    """Return the links with a real address; `pattern` is searched in it."""
    anchors = []
    for order, node in enumerate(nodes):
        link = node if node.tag_id == A else node.css_first("a[href]")
        address = _address(link, root) if link is not None else None
        if link is not None and address and (pattern is None or pattern.search(address)):
            anchors.append(Anchor(link, address, title_of(link), order))
    return anchors


def _address(link: LexborNode, root: str) -> str | None:
    """Return the absolute address of a link, also of one that only a script of its own opens."""
    attributes = link.attributes
    href = (attributes.get("href") or "").strip()
    if href and not href.startswith("#") and href[:11].lower() != "javascript:":
        return addresses.join(root, href)
    quoted = QUOTED.search(f"{href} {attributes.get('onclick') or ''}")
    return addresses.join(root, quoted[2]) if quoted else None


def _main_list(anchors: list[Anchor], today: datetime.date) -> list[Anchor]:
    groups: dict[tuple[str, ...], Group] = {}
    for anchor in anchors:
        _place(anchor)
        groups.setdefault(anchor.path, Group()).anchors.append(anchor)
    if not groups:
        return []
    leading = sorted(groups.values(), key=Group.score, reverse=True)[:LEADING]
    best = max(leading, key=lambda group: group.score() * (DATED_BONUS if is_dated(group, today) else 1.0))
    if best.score() <= 0:
        return []
    join_columns(best, groups.values(), today)
    returning = labels(best)
    return [anchor for anchor in _widen(best, anchors) if anchor.url not in returning]


def _place(anchor: Anchor) -> None:
    """Set the anchor's path, tags and first classes of the elements around it, and whether it lies in an aside."""
    path: list[str] = []
    node = anchor.node.parent
    while node is not None and len(path) < DEPTH and node.tag not in {"body", "html"}:
        attributes = node.attributes
        step, aside = _step(node.tag or "", attributes.get("class") or "", attributes.get("id") or "")
        path.append(step)
        anchor.aside = anchor.aside or aside
        node = node.parent
    anchor.path = tuple(path)


@lru_cache(maxsize=4096)
def _step(tag: str, classes: str, identity: str) -> tuple[str, bool]:
    aside = tag in LANDMARKS or ASIDE.search(f"{classes} {identity}") is not None
    return tag if tag in ROW_TAGS else f"{tag}.{''.join(classes.split()[:1])}", aside


def _widen(best: Group, anchors: list[Anchor]) -> list[Anchor]:
    """Return the group with its kin: the same addresses, and links of the same shape between its first and last."""
    first, last = best.anchors[0].order, best.anchors[-1].order
    shapes = {shape(anchor.url) for anchor in best.anchors}
    model = best.anchors[0].path
    chosen = {anchor.url for anchor in best.anchors} | _row_mates(best, anchors)
    speaking = sum(len(anchor.text) >= SPEAKING for anchor in best.anchors)
    label = SHORT_TITLE if 3 * speaking >= len(best.anchors) else 0
    out = []
    for anchor in anchors:
        kin = (
            first <= anchor.order <= last + 1
            and anchor.path[-3:] == model[-3:]
            and len(anchor.path) == len(model)
            and len(anchor.text) >= 8
            and shape(anchor.url) in shapes
        )
        if kin or anchor.url in chosen:
            out.append(anchor)
    longest: dict[str, int] = {}
    for anchor in out:
        longest[anchor.url] = max(longest.get(anchor.url, 0), len(anchor.text.strip("[]【】")))
    return [anchor for anchor in out if longest[anchor.url] >= label]


def _row_mates(best: Group, anchors: list[Anchor]) -> set[str]:
    """Return the chief links of rows that are built differently but stand in the same list, such as picture rows."""
    chains = {id(anchor): ancestors(anchor.node, DEPTH + 1) for anchor in anchors}
    counts = Counter(node.mem_id for anchor in best.anchors for node in chains[id(anchor)])
    around = [node.mem_id for node in chains[id(best.anchors[0])]]
    container = next((key for key in around if counts[key] >= 0.9 * len(best.anchors)), None)
    if container is None:
        return set()
    rows: dict[int, Anchor] = {}
    taken: set[int] = set()
    own = {id(anchor) for anchor in best.anchors}
    kinds: Counter[str] = Counter()
    for anchor in anchors:
        keys = [node.mem_id for node in chains[id(anchor)]]
        at = keys.index(container) if container in keys else 0
        if at < 2:
            continue
        row = keys[at - 1]
        if id(anchor) in own:
            taken.add(row)
            kinds[anchor.path[at - 2]] += 1
        elif len(anchor.text) >= 8 and (row not in rows or len(anchor.text) > len(rows[row].text)):
            rows[row] = anchor
            rows[row].row = anchor.path[at - 2]
    if len(taken) < 0.8 * len({anchor.url for anchor in best.anchors}):
        return set()
    kind = kinds.most_common(1)[0][0]
    return {anchor.url for row, anchor in rows.items() if row not in taken and anchor.row == kind}


def _as_links(anchors: list[Anchor], today: datetime.date) -> list[Link]:
    titles: dict[str, str] = {}
    for anchor in anchors:
        if len(anchor.text) > len(titles.setdefault(anchor.url, "")):
            titles[anchor.url] = anchor.text
    dates = dates_of(anchors, today)
    return [Link(url, title, dates.get(url)) for url, title in titles.items()]


def _next(nodes: list[LexborNode], root: str, url: str) -> str | None:
    """Return the address of the next list page, None when it is the page itself or a script."""
    for node in nodes:
        address = addresses.join(root, node.attributes.get("href") or "")
        if address and not addresses.same(address, url):
            return address
    return None


def _is_next(node: LexborNode) -> bool:
    attributes = node.attributes
    if "href" not in attributes or "disabled" in (attributes.get("class") or ""):
        return False
    text = squeeze(node.text())
    if NEXT.match(text) or NEXT.match(attributes.get("title") or ""):
        return True
    marks = f"{attributes.get('class') or ''} {attributes.get('rel') or ''}"
    return len(text) < 6 and NEXT_MARKS.search(marks) is not None
