"""The site families and what a source file may tell each of them in its [options].

They stand here and not in the modules of spiders/, so that source files are checked without importing Scrapy.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from crawler.tomlfile import Strict


def _numbered(value: str) -> str:
    if value and "{n}" not in value:
        raise ValueError("must hold {n}, the place of the page's number")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
PageTemplate = Annotated[str, AfterValidator(_numbered)]


class ListingOptions(Strict):
    """Static HTML lists."""

    pager: PageTemplate = ""  # address of a further page, relative to the list's: "index_{n}.html"; else its next link
    second: int = Field(2, ge=0)  # {n} of the second page


class TrsOptions(Strict):
    """TRS WCM: the number of pages stands in a script."""

    pager: PageTemplate = ""  # where it is not what the script says, say "list_{n}.html"
    second: int = Field(1, ge=0)  # {n} of the pager's second page


class JpageOptions(Strict):
    """Hanweb JCMS: records inside the page, further ones from dataproxy.jsp."""

    unit: str = ""  # id of the list's unit, where a column shows several
    per_page: int = Field(15, ge=1, le=100)


class JpaasOptions(Strict):
    """Hanweb jpaas: lists come from a unit endpoint."""

    per_page: int = Field(15, ge=1, le=100)


class UcapOptions(ListingOptions):
    """Kaipuyun: HTML lists, /common/search JSON or /queryList JSON."""

    per_page: int = Field(15, ge=1, le=100)
    # Lists come from POST /queryList. webSiteCode[] and channelCode[] are the first and the last folder of the list's
    # address unless they stand here, where other fields of the form may stand too.
    query: dict[str, str] | None = None


class GkmlptOptions(Strict):
    """Guangdong's 政府信息公开目录: a tree of categories with a JSON list each."""

    categories: tuple[int, ...] = ()  # ids of the tree; empty: all its leaves


class EpaperOptions(Strict):
    """Digital papers: a page tree a day."""

    days: int = Field(3, ge=1, le=31)  # how far back a run looks for issues, today included
    leaf: Pattern = r"(?:node|col)\w*\.s?html?$"  # addresses of the pages of an issue


class FeedOptions(Strict):
    """RSS and Atom have no options."""


class SitemapOptions(Strict):
    """Sitemaps."""

    children: Pattern = ""  # only sitemaps of an index whose addresses match


class ApiOptions(Strict):
    """A JSON list, described by paths: `a.b` goes into objects, into every member of a list, into JSON in a string.

    `*` goes into every value of an object, `a|b` takes the first that is there.
    """

    items: str  # path of the rows; empty where the document is their list
    address: str = "url"  # path within a row, of the article's address
    template: str = ""  # the article's address where rows hold only its {} part
    title: str = "title"
    date: str = ""
    pager: PageTemplate = ""  # address of a further page, relative to the list's: "?page={n}"
    second: int = Field(2, ge=0)
    form: dict[str, str] = Field(default_factory=dict)  # posted as a form; {n} in a value is the page's number


FAMILIES: dict[str, type[Strict]] = {
    "api": ApiOptions,
    "epaper": EpaperOptions,
    "feed": FeedOptions,
    "gkmlpt": GkmlptOptions,
    "jpaas": JpaasOptions,
    "jpage": JpageOptions,
    "listing": ListingOptions,
    "sitemap": SitemapOptions,
    "trs": TrsOptions,
    "ucap": UcapOptions,
}
