"""Page bytes to article fields, list page to article links. Pure: no network, no store, no name of any site.

The parser and its rules are loaded with the first page: the crawl process, which reads none, only knows the results.
"""

from collections.abc import Mapping
from datetime import datetime

from crawler.dates import CST
from crawler.extract.model import Extracted, Link, Listing

__all__ = [
    "Extracted",
    "Link",
    "Listing",
    "check_selectors",
    "explain",
    "extract_article",
    "extract_links",
    "extract_list",
]


def extract_article(
    html: bytes,
    url: str,
    *,
    encoding: str | None = None,
    selectors: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Extracted:
    """Return the article on the page.

    `url` is the address after redirects, `encoding` the charset of the HTTP header (it may be wrong), `selectors` CSS
    for single fields (title, body, date, source, author, section, next_page, strip). A date later than a day after
    `now` (aware; the clock when None) is not taken. Raises UsageError for a selector that cannot be read.
    """
    from crawler.extract.article import article

    return article(html, url, encoding, selectors or {}, now or datetime.now(CST))[0]


def explain(
    html: bytes,
    url: str,
    *,
    encoding: str | None = None,
    selectors: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> dict[str, object]:
    """Return why this container, this title, this date, source and author were taken, for people to read."""
    from crawler.extract.article import article
    from crawler.extract.explanation import explain

    return explain(*article(html, url, encoding, selectors or {}, now or datetime.now(CST)))


def extract_links(html: bytes, url: str) -> list[Link]:
    """Return the article links of a list page with title and date, in page order."""
    return extract_list(html, url).links


def extract_list(
    html: bytes,
    url: str,
    *,
    encoding: str | None = None,
    selectors: Mapping[str, str] | None = None,
    article: str | None = None,
    now: datetime | None = None,
) -> Listing:
    """Return the article links and the next page of a list page.

    `article` is a regular expression searched in the link's address: exactly the links that match are returned, first
    occurrence first; without it the main list of the page is found. `selectors` may hold `links` and `next`. A date
    without year is the latest one that is not after `now`. Raises UsageError for a selector or an expression that
    cannot be read.
    """
    from crawler.extract.listing import listing

    return listing(html, url, encoding, selectors or {}, article, now or datetime.now(CST))


def check_selectors(selectors: Mapping[str, str], article: str | None = None) -> None:
    """Raise UsageError for the first selector, or the expression for articles, that cannot be used."""
    from crawler.extract.selectors import check

    check(selectors, article)
