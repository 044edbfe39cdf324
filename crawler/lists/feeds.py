"""Feeds and sitemaps. Entities are never expanded and nothing is loaded; a document that declares some is refused."""

import re
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from lxml import etree  # type: ignore[import-untyped]

from crawler.dates import CST
from crawler.extract import Link
from crawler.extract.charset import decode
from crawler.extract.rows import read_date
from crawler.lists.model import ListPage, joined

GZIP = b"\x1f\x8b"
LARGEST = 52_428_800  # bytes of a sitemap, by sitemaps.org; a larger one is read to here
DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
DATES = ("published", "pubdate", "date", "issued", "created", "updated", "modified")


def feed_list(data: bytes, url: str, *, encoding: str | None = None, article: str) -> ListPage:
    """Return the links of an RSS 0.9 to 2.0 or Atom feed whose addresses match `article`."""
    root = _root(data, encoding)
    page = ListPage(links=[])
    for node in root.iter():
        if _name(node) in {"item", "entry"}:
            address = joined(url, _link(node))
            if re.search(article, address):
                page.links.append(Link(address, _text(node, "title"), _date(node, DATES)))
    for node in root.iter():
        if _name(node) == "link" and node.get("rel") == "next" and node.get("href"):
            page.next_page = joined(url, node.get("href")) or None
    return page


def sitemap_list(data: bytes, url: str, *, encoding: str | None = None, article: str, children: str = "") -> ListPage:
    """Return the links of a sitemap that match `article`, the newest first; of an index, the sitemaps it names."""
    root = _root(data, encoding)
    page = ListPage(links=[])
    for node in root.iter():
        name = _name(node)
        if name not in {"url", "sitemap"}:
            continue
        address = joined(url, _text(node, "loc"))
        link = Link(address, _text(node, "title"), _date(node, ("publication_date", "lastmod")))
        if name == "sitemap" and re.search(children, address):
            page.lists.append(link)
        elif name == "url" and re.search(article, address):
            page.links.append(link)
    for links in (page.links, page.lists):
        links.sort(key=lambda link: link.date or date.min, reverse=True)
    return page


def _root(data: bytes, encoding: str | None) -> etree._Element:
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, LARGEST)
        except zlib.error as error:
            raise ValueError(f"not readable as gzip: {error}") from None
    declared = re.search(rb"""^\s*<\?xml[^>]*encoding=["']([\w-]+)""", data[:200])
    text = decode(data, declared[1].decode() if declared else encoding).data
    if re.search(rb"<!ENTITY", text, re.IGNORECASE):
        raise ValueError("the document declares entities")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:  # without the declaration, whose encoding is no longer the text's
        root = etree.fromstring(DECLARATION.sub(b"", text).lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not XML: {error}") from None
    if root is None or _name(root) == "html":
        raise ValueError(f"not XML but {' '.join(text[:80].decode('utf-8', 'replace').split())!r}")
    return root


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""


def _children(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in node.iter() if child is not node and _name(child) == name)


def _text(node: etree._Element, name: str) -> str:
    for child in _children(node, name):
        if text := " ".join("".join(child.itertext()).split()):
            return text
    return ""


def _link(node: etree._Element) -> str:
    """Return the address of an entry: Atom's alternate link, else RSS's link, else a guid that is one."""
    for child in node:
        if _name(child) == "link" and child.get("href") and child.get("rel", "alternate") == "alternate":
            return str(child.get("href"))
    link = _text(node, "link")
    if not link and re.match(r"https?://", guid := _text(node, "guid")):
        return guid
    return link


def _date(node: etree._Element, names: tuple[str, ...]) -> date | None:
    for name in names:
        if text := _text(node, name):
            return _day(text)
    return None


def _day(text: str) -> date | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return moment.astimezone(CST).date() if moment.tzinfo else moment.date()
        except (ValueError, OverflowError):
            continue
    return read_date(text, datetime.now(CST).date())
