"""HTML lists: what `crawler.extract` finds, and beside it links in scripts' attributes and facts in scripts."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from html import unescape

from selectolax.lexbor import LexborHTMLParser

from crawler.dates import CST
from crawler.extract import Link, extract_list
from crawler.extract.charset import decode
from crawler.extract.rows import read_date
from crawler.lists.model import ListPage, joined

HINTS = ("onclick", "data-href")
REFRESH = re.compile(
    r"""<meta\s(?=[^>]{0,200}http-equiv\s?=\s?["']?refresh)[^>]{0,200}\burl\s?=\s?["']?([^"'>\s]+)""", re.IGNORECASE
)
QUOTED = re.compile(r"""(["'])([^"']{4,500})\1""")


def html_list(
    data: bytes,
    url: str,
    *,
    encoding: str | None = None,
    selectors: Mapping[str, str] | None = None,
    article: str,
    lists: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> ListPage:
    """Return the links whose addresses match `article`; links that match `lists`; the first group of each fact."""
    listing = extract_list(data, url, encoding=encoding, selectors=selectors, article=article)
    links = {link.url: link for link in listing.links}
    decoded = decode(data, encoding).data
    if any(hint.encode() in decoded for hint in HINTS):
        for link in hinted(decoded, url, re.compile(article)):
            links.setdefault(link.url, link)
    further = extract_list(data, url, encoding=encoding, article=lists).links if lists else []
    page = ListPage(links=list(links.values()), next_page=listing.next_page, lists=further)
    text = decoded.decode("utf-8", "replace")
    page.facts = found_facts(text, facts or {})
    if not page.links and not page.lists and (stub := REFRESH.search(text)):
        page.refresh = joined(url, unescape(stub[1]))
    return page


def found_facts(text: str, patterns: Mapping[str, str]) -> dict[str, str]:
    """Return the first group of each pattern that is found, by the pattern's name."""
    matches = ((name, re.search(pattern, text, re.DOTALL | re.IGNORECASE)) for name, pattern in patterns.items())
    return {name: match[1] for name, match in matches if match}


def hinted(data: bytes, url: str, article: re.Pattern[str]) -> Iterator[Link]:
    """Yield article links that stand in `onclick` or `data-href` and not in `href`."""
    tree = LexborHTMLParser(data)
    today = datetime.now(CST).date()
    for node in tree.css(", ".join(f"[{hint}]" for hint in HINTS)):
        attributes = node.attributes
        named = [attributes.get("data-href") or ""]
        named += [match[2] for match in QUOTED.finditer(attributes.get("onclick") or "")]
        for address in named:
            absolute = joined(url, address)
            if absolute and article.search(absolute):
                text = " ".join(node.text(separator=" ").split())
                row = node.parent.text(separator=" ") if node.parent is not None else ""
                yield Link(absolute, text or attributes.get("title") or "", _day(row.replace(text, " "), today))


def _day(row: str, today: date) -> date | None:
    return read_date(" ".join(row.split()), today)
