"""JSON lists: rows found by paths, and JSON that stands inside a page's script."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from crawler.dates import CST
from crawler.extract import Link, extract_list
from crawler.extract.charset import decode
from crawler.extract.rows import read_date
from crawler.lists.model import ListPage, joined

CALL = re.compile(r"\s*[\w.$]+\s*\((.*)\)\s*;?\s*", re.DOTALL)  # JSONP
MILLISECONDS = 10**11  # a larger number is no number of seconds of this era


def json_list(
    data: bytes,
    url: str,
    *,
    encoding: str | None = None,
    article: str,
    items: str = "",
    address: str = "url",
    template: str = "",
    title: str = "title",
    date: str = "",
    fragment: str = "",
    embedded: str = "",
    facts: Mapping[str, str] | None = None,
) -> ListPage:
    """Return the links of the rows at `items`, or of the HTML at `fragment`. Raises ValueError when it is not JSON.

    Paths are explained in `crawler.families.ApiOptions`. `embedded` is a pattern before which the page is no JSON;
    `facts` are paths, whose first value is returned as text.
    """
    text = decode(data, encoding).data.decode("utf-8", "replace")
    document = _parsed(text, embedded)
    page = ListPage(links=[])
    for name, path in (facts or {}).items():
        page.facts[name] = _first(document, path)
    if fragment:
        html = _first(document, fragment)
        listing = extract_list(html.encode("utf-8", "replace"), url, encoding="utf-8", article=article)
        page.links, page.next_page = listing.links, listing.next_page
        return page
    today = datetime.now(CST).date()
    for row in _values(document, items.split(".") if items else []):
        place = _first(row, address)
        if place:
            absolute = joined(url, template.replace("{}", place) if template else place)
            if re.search(article, absolute):
                page.links.append(Link(absolute, _first(row, title), _day(_first(row, date) if date else "", today)))
    return page


def _parsed(text: str, embedded: str) -> object:
    if embedded:
        start = re.search(embedded, text)
        if not start:
            raise ValueError(f"the page holds no {embedded}")
        return json.JSONDecoder().raw_decode(text, start.end())[0]
    call = CALL.fullmatch(text)
    try:
        return json.loads(call[1] if call else text)
    except ValueError:
        raise ValueError(f"not JSON but {' '.join(text[:80].split())!r}") from None


def _first(value: object, path: str) -> str:
    """Return the first value at any of the paths as text, or an empty one."""
    for alternative in path.split("|"):
        for found in _values(value, alternative.split(".")):
            if isinstance(found, str | int | float) and not isinstance(found, bool) and str(found).strip():
                return str(found).strip().encode("utf-8", "replace").decode().replace("\0", "")  # \ud800, \u0000
    return ""


def _values(value: object, steps: list[str]) -> Iterator[object]:
    """Yield what lies at a path."""
    if isinstance(value, list):
        rest = steps[1:] if steps and steps[0] == "*" else steps
        for member in value:
            yield from _values(member, rest)
    elif not steps:
        yield value
    elif isinstance(value, dict):
        members = value.values() if steps[0] == "*" else [value[steps[0]]] if steps[0] in value else []
        for member in members:
            yield from _values(member, steps[1:])
    elif isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        yield from _values(json.loads(value), steps)


def _day(text: str, today: date) -> date | None:
    if re.fullmatch(r"\d{10,13}", text):
        seconds = int(text) / 1000 if int(text) > MILLISECONDS else int(text)
        return datetime.fromtimestamp(seconds, UTC).astimezone(CST).date()
    return read_date(text, today)
