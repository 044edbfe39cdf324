"""Family `listing`: static HTML lists with a link to the next page, or pages whose addresses are numbered.

News systems with addresses of the form /system/YYYY/MM/DD/ID.shtml are read by this family: parts of an article,
refresh stubs and soft 404s are understood of every article.
"""

from typing import ClassVar

from scrapy import Request

from crawler.families import ListingOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn


class ListingSpider(SourceSpider):
    """Static lists."""

    options: ClassVar[ListingOptions]

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the page that the source's pager or the page's own link names."""
        if self.options.pager:
            number = self.options.second + turn.number - 1
            return self.numbered_list(self.options.pager, number, page, turn)
        return super().next_list(page, turn)


FAMILY = ListingSpider
