"""Family `trs`: TRS WCM, whose pager is a script and whose second page is index_1.html.

Deep pages may be stubs of a few hundred bytes with status 200; they end the list.
"""

from typing import Any, ClassVar

from scrapy import Request

from crawler.families import TrsOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn
from spiders.base.pager import PAGER, next_page


class TrsSpider(SourceSpider):
    """TRS lists."""

    options: ClassVar[TrsOptions]

    def list_options(self, turn: Turn) -> dict[str, Any]:
        """Return the patterns of the pager's script."""
        return super().list_options(turn) | {"facts": PAGER}

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the next page by the source's pager, the script, or the page's link."""
        if self.options.pager:
            number = self.options.second + turn.number - 1
            return self.numbered_list(self.options.pager, number, page, turn)
        if "pages" not in page.facts:
            return super().next_list(page, turn)
        following = next_page(page.facts, turn)
        return self.numbered_list(*following, page, turn) if following else None


FAMILY = TrsSpider
