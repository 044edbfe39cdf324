"""An article page to its fields: one parse, one walk, then each field from the place where pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from crawler.dates import CST
from crawler.extract import (
    addresses,
    bylines,
    charset,
    container,
    document,
    furniture,
    headline,
    labels,
    lines,
    section,
    times,
)
from crawler.extract.container import Candidate
from crawler.extract.headline import Headline
from crawler.extract.model import Extracted
from crawler.extract.page import Page, read

BEFORE, UNDER, ABOVE, AROUND = 40, 30, 15, 12
SHORT = 120


@dataclass(slots=True)
class Reading:
    """A page half read: the parts that the fields are taken from, and why each was taken."""

    page: Page
    url: str
    root: str
    headline: Headline
    container: Candidate | None = None
    content: lines.Content = field(default_factory=lines.Content)
    body: list[str] = field(default_factory=list)
    why: dict[str, object] = field(default_factory=dict)


def article(
    html: bytes, url: str, encoding: str | None, selectors: Mapping[str, str] | None, now: datetime | None
) -> tuple[Extracted, Reading]:
    """Return the article and the reading it came from."""
    decoded = charset.decode(html, encoding)
    page = read(decoded.data)
    reading = Reading(page, url, urljoin(url, page.base), headline.find(page))
    chosen = selectors or {}
    _read_body(reading, chosen)
    head, body = reading.headline, "\n".join(reading.body)
    doubt = decoded.doubt or charset.looks_like_mojibake(head.text + body)
    out = Extracted(title=head.text, body=body, encoding=decoded.encoding, encoding_doubt=doubt)
    _fill(reading, out, now or datetime.now(CST))
    _fill_addresses(reading, out)
    if chosen:
        _override(reading, out, chosen, now or datetime.now(CST))
    return out, reading


def _read_body(reading: Reading, chosen: Mapping[str, str]) -> None:
    """Read the container that was named, else the one that is found."""
    tree = reading.page.tree
    dropped = frozenset(node.mem_id for node in tree.css(chosen["strip"])) if chosen.get("strip") else frozenset()
    named = tree.css(chosen["body"]) if chosen.get("body") else []
    reading.container = container.find(reading.page, reading.headline)
    _mend_headline(reading)
    if not named and reading.container is not None:
        named = [reading.container.node]
    for node in named:
        part = lines.read(node, dropped)
        reading.content.lines += part.lines
        reading.content.images += part.images
        reading.content.files += part.files
    reading.body = furniture.clean(lines.rows(reading.content.lines), reading.headline.text, reading.page.title)


def _mend_headline(reading: Reading) -> None:
    """Where title tag and text share only the name of a column or site, look for a heading right above the text."""
    page, head = reading.page, reading.headline
    if head.index >= 0 and (headline.begins(page, head) or reading.container is None):
        return
    free = container.find(page, headline.Headline(""))
    above = headline.near(page, free.first) if free is not None else None
    if free is not None and above is not None:
        reading.headline = above
        reading.container = container.find(page, above)


def _fill(reading: Reading, out: Extracted, now: datetime) -> None:
    """Fill the fields that stand around the headline."""
    page, top = reading.page, reading.headline.index
    texts = page.texts
    start = reading.container.first if reading.container is not None else top + UNDER
    if top < 0:
        top = max(-1, start - UNDER)
    under = [index for index in _indices(top, start, len(texts)) if len(texts[index]) < SHORT]
    own = [texts[index] for index in under]
    header = list(map(bylines.Spot, labels.read_all(own), [page.nodes[index] for index in under]))
    before = labels.read_all(texts[max(0, top - BEFORE) : max(0, top)])
    read = reading.content.lines
    edge = [line.text for line in (*read[:3], *reversed(read[-6:])) if len(line.text) < SHORT]
    tail = labels.read_all(edge)
    near = "  ".join(spot.text for spot in header)
    found = times.find(near, "  ".join(before[-AROUND:]), "  ".join(tail[3:]), page.metas, reading.url, now)
    if found is not None:
        out.publish_time, out.precision, reading.why["date"] = found
    out.source, reading.why["source"] = bylines.source(header, tail, page.metas)
    out.author, reading.why["author"] = bylines.author(header, reading.body, tail, page.metas)
    if labels.is_traditional("".join(own)):
        out.source = labels.restore(out.source, own + edge)
        out.author = labels.restore(out.author, own + edge + reading.body[-1:])
    out.section = section.read(before, page.metas, reading.headline.text)
    if out.section and labels.is_traditional("".join(texts[max(0, top - BEFORE) : max(0, top)])):
        parts = [labels.restore(part, texts[:top]) or part for part in out.section.split(" > ")]
        out.section = " > ".join(parts)
    box = "".join(before) + near
    if "号" in box and ("发文" in box or "索引" in box or "文号" in box):
        out.document = document.read([*before, *(spot.text for spot in header)])


def _indices(top: int, start: int, count: int) -> list[int]:
    """Return where fields may stand: right under the headline and right before the text."""
    if start <= top:
        start = top + UNDER
    first = range(top + 1, min(top + 1 + UNDER, start + 1, count))
    last = range(max(top + 1 + UNDER, start - ABOVE), min(start + 1, count))
    return [*first, *last]


def _fill_addresses(reading: Reading, out: Extracted) -> None:
    page, root = reading.page, reading.root
    out.canonical = addresses.canonical(page, root)
    out.mobile = addresses.mobile(page, root)
    out.refresh = addresses.refresh(page, root)
    out.missing = addresses.missing(page, out.body, out.title, dated=_is_dated(reading, out))
    out.images = _absolute(root, reading.content.images)
    out.attachments = _absolute(root, reading.content.files)
    if reading.container is not None:
        out.next_page = addresses.next_part(page, reading.container, root, reading.url)


def _is_dated(reading: Reading, out: Extracted) -> bool:
    why = str(reading.why.get("date"))
    return out.publish_time is not None and why.startswith(("beside", "meta"))


def _absolute(root: str, found: list[str]) -> tuple[str, ...]:
    out = (addresses.join(root, address) for address in found)
    return tuple(dict.fromkeys(address for address in out if address))


def _override(reading: Reading, out: Extracted, chosen: Mapping[str, str], now: datetime) -> None:
    """Let a source's selectors speak where they find something."""
    tree = reading.page.tree
    texts = {}
    for name in ("title", "date", "source", "author", "section"):
        node = tree.css_first(chosen[name]) if chosen.get(name) else None
        if node is not None and (text := node_text(node)):
            texts[name] = text
    out.title = texts.get("title", out.title)
    out.section = texts.get("section", out.section)
    if "source" in texts:
        out.source = bylines.named_source(labels.read(texts["source"]))
    if "author" in texts:
        out.author = bylines.named_author(labels.read(texts["author"]))
    found = times.find(labels.read(texts["date"]), "", "", {}, "", now) if "date" in texts else None
    if found is not None:
        out.publish_time, out.precision, reading.why["date"] = found
    if chosen.get("next_page"):
        node = tree.css_first(chosen["next_page"])
        href = node.attributes.get("href") if node is not None else None
        out.next_page = urljoin(reading.root, href) if href else None


def node_text(node: LexborNode) -> str:
    """Return the text of an element on one line."""
    return " ".join(node.text(separator=" ").split())
