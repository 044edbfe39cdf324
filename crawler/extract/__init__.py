"""Page bytes to article fields, list page to article links. Pure: no network, no store, no name of any site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(slots=True, kw_only=True)
class Extracted:
    """The article on a page. A field that the page does not show is None or empty, never guessed."""

    title: str = ""
    body: str = ""  # paragraphs joined by "\n", tables as rows
    publish_time: datetime | None = None  # aware, +08:00
    precision: str | None = None  # "minute" or "day"
    source: str | None = None  # 来源
    author: str | None = None
    section: str | None = None  # breadcrumb
    attachments: tuple[str, ...] = ()  # absolute addresses
    images: tuple[str, ...] = ()  # absolute addresses
    next_page: str | None = None  # absolute address of the next part of a multi-page article
    encoding: str = "utf-8"
    document: dict[str, str] | None = None  # fields of a government document
    canonical: str | None = None  # address the page itself names as canonical
    mobile: str | None = None  # address of the page's mobile twin
    refresh: str | None = None  # target of a meta refresh with a delay of at most 3 s
    missing: bool = False  # the page says that it was not found although it came with status 200


@dataclass(slots=True, frozen=True)
class Link:
    """An article link of a list page."""

    url: str
    title: str
    date: date | None = None


@dataclass(slots=True, kw_only=True)
class Listing:
    """A list page: its article links in page order and the address of the next list page."""

    links: list[Link]
    next_page: str | None = None
    encoding: str = "utf-8"


def extract_article(
    html: bytes, url: str, *, encoding: str | None = None, selectors: Mapping[str, str] | None = None
) -> Extracted:
    """Return the article on the page."""
    raise NotImplementedError


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
) -> Listing:
    """Return the article links and the next page of a list page."""
    raise NotImplementedError
