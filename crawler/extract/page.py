"""One parse and one walk: the text nodes of a page in order, and the few elements whose attributes matter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from crawler.extract.guard import tame

INLINE_NAMES = """
a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike strong sub
sup time tt u var
"""
OTHER_NAMES = "script style title meta link base br tr td th img textarea iframe option p body html h1 h2 h3 h4 h5 h6"
MOST_NODES, MOST_TEXTS = 200_000, 60_000  # a page of more is hostile; the first ones decide
STRIDE = 16  # texts that the walk goes beyond what was asked for


def _tag_ids(names: Iterable[str]) -> dict[str, int]:
    """Return the parser's number of each tag name; numbers compare faster than names."""
    ids = {}
    for name in names:
        node = LexborHTMLParser("<body></body>").create_node(name)
        ids[name] = node.tag_id
    return ids


TAG = _tag_ids((INLINE_NAMES + OTHER_NAMES).split())
TEXT = 2
INLINE = frozenset(TAG[name] for name in INLINE_NAMES.split())
A, BR, IMG = TAG["a"], TAG["br"], TAG["img"]
TITLE, META, LINK = TAG["title"], TAG["meta"], TAG["link"]
HEADINGS = frozenset(TAG[f"h{level}"] for level in range(1, 7))
OPAQUE = frozenset(TAG[name] for name in ("script", "style", "textarea", "iframe", "option"))
NOTED = frozenset(TAG[name] for name in ("title", "meta", "link", "base"))
WANTED = OPAQUE | NOTED | {TEXT}
OPTIONS = int(LexborDocumentOptions.WO_EVENTS)


# glibc gives the memory of a page back to the system and takes it again for the next, which costs a tenth of the time,
# until it has seen a larger block come and go; nothing is ever written to this one, so that it costs nothing.
bytearray(31 << 20)


@dataclass(slots=True)
class Page:
    """A parsed page, walked as far as somebody asks. `texts[i]` is the stripped text of the text node `nodes[i]`."""

    tree: LexborHTMLParser
    nodes: list[LexborNode] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)  # lower-case name, property or http-equiv → content
    links: list[dict[str, str | None]] = field(default_factory=list)  # to the canonical address and to other forms
    base: str = ""
    ahead: Iterator[LexborNode] = field(default_factory=lambda: iter(()))  # what has not been walked yet

    def reach(self, count: int) -> bool:
        """Walk on until there are `count` texts; return whether the page has so many."""
        if len(self.texts) < count <= MOST_TEXTS:
            self._walk(min(count + STRIDE, MOST_TEXTS))
        return len(self.texts) >= count

    def batches(self, start: int) -> Iterator[Iterable[tuple[int, str]]]:
        """Yield the texts from index `start` on, numbered, some at a time."""
        while self.reach(start + 1):
            known = self.texts[start:]
            yield enumerate(known, start)
            start += len(known)

    def _walk(self, count: int) -> None:
        texts, nodes = self.texts, self.nodes
        opaque = False
        for node in self.ahead:
            tag = node.tag_id
            if tag not in WANTED:
                continue
            if tag == TEXT:
                if opaque:
                    opaque = False
                    if node.parent.tag_id in OPAQUE:  # type: ignore[union-attr]
                        continue
                if text := node.text_content.strip():  # type: ignore[union-attr]
                    texts.append(text)
                    nodes.append(node)
                    if len(texts) == count:
                        return
            elif tag in OPAQUE:
                opaque = True
            else:
                _note(self, node)


def read(data: bytes) -> Page:
    """Parse the page and walk its beginning, to the end where it has no title so far."""
    tree = LexborHTMLParser(tame(data), options=OPTIONS)
    page = Page(tree)
    if tree.root is not None:
        page.ahead = tree.root.traverse(include_text=True, skip_empty=True)
        page.reach(1)
        if not page.title:
            page.reach(MOST_TEXTS)
    return page


def _note(page: Page, node: LexborNode) -> None:
    tag = node.tag_id
    if tag == TITLE:
        page.title = page.title or squeeze(node.text())
        return
    attributes = node.attributes
    if tag == META:
        name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
        name = name or attributes.get("http-equiv")
        if name and (content := attributes.get("content")):
            page.metas.setdefault(name.lower(), content.strip())
    elif tag == LINK:
        rel = (attributes.get("rel") or "").lower()
        if "canonical" in rel or "alternate" in rel:
            page.links.append(attributes)
    else:
        page.base = page.base or attributes.get("href") or ""


def squeeze(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())


def tight(text: str) -> str:
    """Return the text without white space, for comparison."""
    return "".join(text.split())


def block_of(node: LexborNode) -> tuple[LexborNode, bool]:
    """Return the nearest ancestor that is not inline, and whether a link lies between."""
    linked = False
    block = node
    while (parent := block.parent) is not None:
        block = parent
        if (tag := block.tag_id) not in INLINE:
            break
        linked = linked or tag == A
    return block, linked
