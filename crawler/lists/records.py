"""Lists whose rows stand as CDATA records in XML, alone or inside a page's script."""

import re
from collections.abc import Iterator, Mapping
from html import unescape

from crawler.extract import extract_list
from crawler.extract.charset import decode
from crawler.lists.model import ListPage
from crawler.lists.pages import html_list

CDATA = "<![CDATA["
BEFORE = 300  # characters before a store in which its unit may be named
FACTS = {
    "next": ("nextgroup", r"<a\s[^>]{0,500}?href\s*=\s*[\"']([^\"']{1,2000})[\"']"),
    "total": ("totalrecord", r"^\s*(\d{1,9})\s*$"),
}


def record_list(
    data: bytes,
    url: str,
    *,
    encoding: str | None = None,
    selectors: Mapping[str, str] | None = None,
    article: str,
    unit: str = "",
) -> ListPage:
    """Return the links of the records of the largest store, or of the one of `unit`; of the page if it has none.

    Facts: "records", how many the store holds; "next", where its next group is asked for; "total".
    """
    text = decode(data, encoding).data.decode("utf-8", "replace")
    stores = list(_elements(text, "datastore"))
    if unit:
        stores = [(start, store) for start, store in stores if unit in text[max(0, start - BEFORE) : start] + store]
    rows = {store: [_content(record) for _, record in _elements(store, "record")] for _, store in stores}
    chosen = max(rows, key=lambda store: len(rows[store]), default="")
    if not chosen or not rows[chosen]:
        return html_list(data, url, encoding=encoding, selectors=selectors, article=article)
    html = "<ul>" + "".join(f"<div>{row}</div>" for row in rows[chosen]) + "</ul>"
    listing = extract_list(html.encode(), url, encoding="utf-8", article=article)
    page = ListPage(links=listing.links, facts={"records": str(len(rows[chosen]))})
    for name, (element, pattern) in FACTS.items():
        for _, held in _elements(chosen, element):
            if found := re.search(pattern, held, re.IGNORECASE):
                page.facts.setdefault(name, unescape(found[1]))
    return page


def _elements(text: str, name: str) -> Iterator[tuple[int, str]]:
    """Yield where the content of each element begins, and the content. Takes one walk, however many never end."""
    start = -1
    for mark in re.finditer(rf"<(/?){name}>", text, re.IGNORECASE):
        if not mark[1]:
            start = mark.end() if start < 0 else start
        elif start >= 0:
            yield start, text[start : mark.start()]
            start = -1


def _content(record: str) -> str:
    record = record.strip()
    return record.removeprefix(CDATA).removesuffix("]]>") if record.startswith(CDATA) else unescape(record)
