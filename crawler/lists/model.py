"""What a list page holds, whatever its format."""

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


def joined(url: str, address: str) -> str:
    """Return the absolute address, or an empty one where a page holds what is none."""
    try:
        return urljoin(url, address) if address else ""
    except ValueError:
        return ""
