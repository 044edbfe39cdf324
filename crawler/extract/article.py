"""An article page to its fields: one parse, one walk, then each field from the place where pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from selectolax.lexbor import LexborHTMLParser, LexborNode

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
    origins,
    section,
    selectors,
    times,
)
from crawler.extract.container import Candidate
from crawler.extract.headline import Headline
from crawler.extract.model import Extracted
from crawler.extract.page import Page, read
from crawler.extract.spots import Spot

BEFORE, UNDER, ABOVE, AROUND, BEHIND, LAST = 30, 30, 15, 12, 5, 12  # texts; LAST: characters
SHORT, ALMOST_NOTHING, MOST_RULED_OUT, LEFT_OVER = 120, 40, 3, 0.15


@dataclass(slots=True)
class Reading:
    """A page half read: the parts that the fields are taken from, and why each was taken."""

    page: Page
    html: bytes
    url: str
    root: str
    headline: Headline
    container: Candidate | None = None
    content: lines.Content = field(default_factory=lines.Content)
    body: list[str] = field(default_factory=list)
    why: dict[str, object] = field(default_factory=dict)


def article(
    html: bytes, url: str, encoding: str | None, chosen: Mapping[str, str], now: datetime
) -> tuple[Extracted, Reading]:
    """Return the article and the reading it came from."""
    decoded = charset.decode(html, encoding)
    page = read(decoded.data)
    reading = Reading(page, decoded.data, url, addresses.base(url, page.base), headline.find(page))
    _read_body(reading, chosen)
    head, body = reading.headline, "\n".join(reading.body)
    doubt = decoded.doubt or charset.looks_like_mojibake(head.text + body)
    out = Extracted(title=head.text, body=body, encoding=decoded.encoding, encoding_doubt=doubt)
    _fill(reading, out, now)
    _fill_addresses(reading, out)
    if chosen:
        _override(reading, out, chosen, now)
    return out, reading


def _read_body(reading: Reading, chosen: Mapping[str, str]) -> None:
    """Read the container that was named, else the one that is found."""
    tree = reading.page.tree
    dropped = frozenset(node.mem_id for node in selectors.select(tree, chosen, "strip"))
    named = selectors.select(tree, chosen, "body")
    reading.container = container.find(reading.page, reading.headline)
    _mend_headline(reading)
    if not named and reading.container is not None:
        reading.content = _read_container(reading, reading.container, dropped)
    for node in named:
        part = lines.read(node, dropped)
        reading.content.lines += part.lines
        reading.content.images += part.images
        reading.content.files += part.files
    _clean_body(reading)
    if sum(map(len, reading.body)) < ALMOST_NOTHING and not named and _read_textarea(reading):
        _clean_body(reading)


def _clean_body(reading: Reading) -> None:
    reading.body = furniture.clean(lines.rows(reading.content.lines), reading.headline.text, reading.page.title)


def _read_textarea(reading: Reading) -> bool:
    """Read an article that waits as markup in a text area for a script to show it; return whether there is one."""
    for node in reading.page.tree.css("textarea"):
        markup = node.text()
        body = LexborHTMLParser(markup).body if "</p>" in markup else None
        if body is not None:
            reading.content = lines.read(body)
            return True
    return False


def _read_container(reading: Reading, found: Candidate, dropped: frozenset[int]) -> lines.Content:
    """Read the container, and the next best one as long as it turns out to be a list of picture cards."""
    content = lines.read(found.node, dropped)
    if sum(len(line.text) for line in content.lines) < LEFT_OVER * found.score:
        content = lines.read(found.node, dropped, lenient=True)
    ruled_out = [found.node]
    while content.is_cards():
        other = container.find(reading.page, reading.headline, ruled_out)
        if other is None or len(ruled_out) > MOST_RULED_OUT:
            break
        reading.container = other
        ruled_out.append(other.node)
        content = lines.read(other.node, dropped)
    return content


def _mend_headline(reading: Reading) -> None:
    """Where title tag and text share only the name of a column or site, look for a heading right above the text."""
    page, head = reading.page, reading.headline
    named = headline.is_name(head.text)
    if headline.begins(page, head) and not named:
        return
    free = container.find(page, headline.Headline(""))
    if free is None or (not named and len(head.text) >= headline.SPEAKING and 0 <= head.index < free.first):
        return
    above = headline.near(page, free.first)
    if above is not None:
        reading.headline = above
        reading.container = container.find(page, above)


def _fill(reading: Reading, out: Extracted, now: datetime) -> None:
    """Fill the fields that stand around the headline."""
    page, top = reading.page, reading.headline.index
    texts = page.texts
    start = reading.container.first if reading.container is not None else top + UNDER
    if top < 0:
        top = max(-1, start - UNDER)
    page.reach(top + 1 + UNDER)
    under = [index for index in _indices(top, start, len(texts)) if len(texts[index]) < SHORT]
    own = [texts[index] for index in under]
    read = reading.content.lines
    edge = [line.text for line in (*read[:3], *reversed(read[-6:])) if len(line.text) < SHORT]
    shown, labelled = labels.both_all(own + edge)
    header = list(map(Spot, labelled[: len(own)], [page.nodes[index] for index in under]))
    tail = labelled[len(own) :]
    above = texts[max(0, top - BEFORE) : max(0, top)]
    near = "  ".join(labelled[: len(own)])
    before = "  ".join(above[-AROUND:])
    found = times.find(times.Places(near, before, "  ".join(tail[3:]), page.metas, reading.url, reading.html), now)
    if found is not None:
        out.publish_time, out.precision, reading.why["date"] = found
    out.source, reading.why["source"] = origins.find(header, tail, page.metas)
    behind = _behind(reading) if out.source is None else []
    if behind:
        out.source, reading.why["source"] = origins.behind(labels.read_all(behind))
    out.author, reading.why["author"] = bylines.find(header, reading.body, tail, page.metas)
    if labelled is not shown:
        out.source = labels.restore(out.source, own + edge + behind)
        out.author = labels.restore(out.author, own + edge + reading.body[-1:])
    out.section = section.read(above, page.metas, reading.headline.text)
    box = near + "".join(above)
    if "号" in box and ("发文" in box or "索引" in box or "文号" in box):
        out.document = document.read(labels.read_all(above) + labelled[: len(own)])


def _behind(reading: Reading) -> list[str]:
    """Return the few texts right behind the article."""
    if reading.container is None or not reading.body:
        return []
    texts, last = reading.page.texts, reading.body[-1][:LAST]
    for index in range(len(texts) - 1, reading.container.first - 1, -1):
        if texts[index].startswith(last):
            return texts[index + 1 : index + 1 + BEHIND]
    return []


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
        node = selectors.first(tree, chosen, name)
        if node is not None and (text := node_text(node)):
            texts[name] = text
    out.title = texts.get("title", out.title)
    out.section = texts.get("section", out.section)
    if "source" in texts:
        out.source = origins.named(labels.read(texts["source"]))
    if "author" in texts:
        out.author = bylines.named(labels.read(texts["author"]))
    found = times.visible(labels.read(texts["date"]), now + timedelta(days=1), "selector") if "date" in texts else None
    if found is not None:
        out.publish_time, out.precision, reading.why["date"] = found
    if chosen.get("next_page"):
        node = selectors.first(tree, chosen, "next_page")
        out.next_page = addresses.join(reading.root, node.attributes.get("href") or "") if node is not None else None


def node_text(node: LexborNode) -> str:
    """Return the text of an element on one line."""
    return " ".join(node.text(separator=" ").split())
