"""Lists whose rows stand as CDATA records in XML, alone or inside a page's script."""

import re
from collections.abc import Mapping
from html import unescape

from crawler.extract import extract_list
from crawler.extract.charset import decode
from crawler.lists.model import ListPage
from crawler.lists.pages import html_list

STORE = re.compile(r"<datastore>.*?</datastore>", re.DOTALL | re.IGNORECASE)
RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[(.*?)\]\]>|(.*?))\s*</record>", re.DOTALL | re.IGNORECASE)
FACTS = {
    "next": r"<nextgroup>.*?<a\s[^>]*?href\s*=\s*[\"']([^\"']+)[\"'].*?</nextgroup>",
    "total": r"<totalrecord>\s*(\d{1,9})\s*</totalrecord>",
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
    stores = [(match.start(), match[0]) for match in STORE.finditer(text)]
    if unit:
        stores = [(start, store) for start, store in stores if unit in text[max(0, start - 300) : start] + store]
    rows = {store: [cdata or unescape(escaped) for cdata, escaped in RECORD.findall(store)] for _, store in stores}
    chosen = max(rows, key=lambda store: len(rows[store]), default="")
    if not chosen or not rows[chosen]:
        return html_list(data, url, encoding=encoding, selectors=selectors, article=article)
    html = "<ul>" + "".join(f"<div>{row}</div>" for row in rows[chosen]) + "</ul>"
    listing = extract_list(html.encode(), url, encoding="utf-8", article=article)
    page = ListPage(links=listing.links, facts={"records": str(len(rows[chosen]))})
    for name, pattern in FACTS.items():
        if found := re.search(pattern, chosen, re.DOTALL | re.IGNORECASE):
            page.facts[name] = unescape(found[1])
    return page
