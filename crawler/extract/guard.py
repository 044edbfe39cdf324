"""Keeps two shapes from the parser on which it takes quadratic time: floods of attributes and bottomless nesting.

An honest page passes untouched, after a glance.
"""

import re

STRIDE = 16_384  # bytes; a stride without "<" may lie inside one enormous tag
TOO_SHORT, SPACING, WINDOW, FEW_OPEN = 60_000, 65_536, 256, 6  # bytes, tags
DEEPEST, MOST_ATTRIBUTES = 1_000, 500
# Elements that cannot nest without end: they have no content, or end where the next of their kind begins.
FLAT = rb"a|area|base|br|col|embed|hr|img|input|link|meta|param|source|wbr|p|li|dt|dd|tr|td|th|option|tbody|thead"
TAG = re.compile(rb"<(/?)(?!(?:" + FLAT + rb")[\s/>])[a-zA-Z]", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"""[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']*))?""")
CLOSING = re.compile(rb"</(?!(?:" + FLAT + rb")[\s/>])[a-zA-Z]", re.IGNORECASE)
RAW = (b"script", b"style", b"textarea", b"!")


def tame(html: bytes) -> bytes:
    """Return the page without the attributes and the nesting that no honest page has."""
    if len(html) > STRIDE:
        html = _without_attribute_floods(html)
        if len(html) > TOO_SHORT and _seems_bottomless(html):
            html = _flattened(html)
    return html


def _seems_bottomless(html: bytes) -> bool:
    """Return whether a sample of the page opens elements and closes none."""
    for at in range(0, len(html), SPACING):
        end = at + WINDOW
        if CLOSING.search(html, at, end) is None and len(TAG.findall(html, at, end)) >= FEW_OPEN:
            return True
    return False


def _without_attribute_floods(html: bytes) -> bytes:
    at = 0
    while at < len(html):
        if html.find(b"<", at, at + STRIDE) < 0:
            start = html.rfind(b"<", 0, at)
            end = _end_of_flood(html, start) if start >= 0 else 0
            if end:
                head = html[: start + 1 + len(html[start + 1 : start + 80].split()[0])]
                html = head + html[end:]
                at = len(head)
                continue
            at = html.find(b"<", at)
            if at < 0:
                break
        at += STRIDE
    return html


def _end_of_flood(html: bytes, start: int) -> int:
    """Return where a tag with too many attributes ends; 0 when there are not too many, or no tag."""
    head = html[start + 1 : start + 80]
    if not head[:1].isalpha() or head.lower().startswith(RAW) or not head.split():
        return 0
    at, count = start + 1, 0
    while at < len(html):
        match = ATTRIBUTE.match(html, at)
        if match is not None:
            count += 1
            at = match.end()
        elif html[at : at + 1] in b"> ":
            if html[at : at + 1] == b">":
                break
            at += 1
        else:
            at += 1
    return at if count > MOST_ATTRIBUTES else 0


def _flattened(html: bytes) -> bytes:
    """Return the page without the tags that stand deeper than DEEPEST."""
    kept: list[bytes] = []
    depth = last = 0
    for match in TAG.finditer(html):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > DEEPEST or (match[1] and depth == DEEPEST):
            kept.append(html[last : match.start()])
            last = html.find(b">", match.end()) + 1 or len(html)
    return b"".join((*kept, html[last:])) if kept else html
