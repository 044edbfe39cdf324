"""What extraction hands out. Holds no behaviour."""

import datetime
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Extracted:
    """The article on a page. A field that the page does not show is None or empty, never guessed."""

    title: str = ""
    body: str = ""  # paragraphs joined by "\n", tables as rows, cells joined by "\t"
    publish_time: datetime.datetime | None = None  # aware, +08:00
    precision: str | None = None  # "minute" or "day"
    source: str | None = None  # 来源
    author: str | None = None  # names joined by one space
    section: str | None = None  # breadcrumb, parts joined by " > "
    attachments: tuple[str, ...] = ()  # absolute addresses
    images: tuple[str, ...] = ()  # absolute addresses
    next_page: str | None = None  # absolute address of the next part of a multi-page article
    encoding: str = "utf-8"
    encoding_doubt: bool = False  # bytes could not be read cleanly, or what was read looks like mojibake
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
    date: datetime.date | None = None


@dataclass(slots=True, kw_only=True)
class Listing:
    """A list page: its article links in page order and the address of the next list page."""

    links: list[Link]
    next_page: str | None = None
    encoding: str = "utf-8"
