"""What a list page holds, whatever its format, and what it is."""

from dataclasses import dataclass, field
from urllib.parse import urljoin

from crawler.extract import Link


@dataclass(slots=True, kw_only=True)
class ListPage:
    """A list page: article links in page order, and where the list goes on."""

    links: list[Link]
    next_page: str | None = None
    refresh: str | None = None  # of a page without links: where it sends its readers at once
    lists: list[Link] = field(default_factory=list)  # further lists that the page names: pages of an issue, sitemaps
    facts: dict[str, str] = field(default_factory=dict)  # what the family asked for by patterns


@dataclass(slots=True, kw_only=True)
class Guess:
    """What the keys of a source file would be. With a `trouble` there is no file, and `article` is empty."""

    family: str
    name: str
    list_url: str
    article: str = ""
    example: str = ""
    hosts: tuple[str, ...] = ()  # of the articles, where they are not those of the list alone
    pager: str = ""  # of `ListingOptions`, as `second`
    second: int = 2
    charset: str = ""  # where the page declares a wrong one
    render: bool = False
    trouble: str = ""  # why the page gives no source
    scripted: bool = False  # the page leaves room for its scripts to fill
    feeds: tuple[str, ...] = ()  # that the page names
    children: tuple[str, ...] = ()  # sitemaps that an index names, the newest first


def joined(url: str, address: str) -> str:
    """Return the absolute address, or an empty one where a page holds what is none."""
    try:
        return urljoin(url, address) if address else ""
    except ValueError:
        return ""
