"""Family `listing`: static HTML lists with a link to the next list page."""

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Response

from spiders.base import SourceSpider


class ListingSpider(SourceSpider):
    """Pages a list until known articles begin, a page repeats earlier ones, or the source's `pages` are read."""

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first list pages and what is due again."""
        for url in self.source.list_urls:
            yield self.list_request(url, first=url, number=1, seen=frozenset())
        for request in self.retry_requests():
            yield request

    async def parse_list(
        self, response: Response, *, first: str = "", number: int = 1, seen: frozenset[str] = frozenset(), **_: Any
    ) -> AsyncIterator[Any]:
        """Yield requests for new articles, then for the next list page."""
        if response.status == 304:
            self.count("lists_unchanged")
            return
        listing = await self.read_list(response)
        if listing is None:
            return
        links = {link.url for link in listing.links}
        if links <= seen:  # a pager without end repeats its last page
            return
        # Stale links stand beside fresh ones in editors' picks: leave them out, but do not take them for the end.
        recent = [link.url for link in listing.links if not self.too_old(link.date or self.source.date_in(link.url))]
        requests = self.article_requests(recent)
        swept = number == 1 and self.store.last_sweep(first) is not None
        if number == 1:
            self.remember_sweep(first, response)
            if requests:
                self.store.begin_sweep(first)
        for request in requests:
            yield request
        incremental = swept if number == 1 else response.meta["incremental"]
        more = requests if incremental else recent
        if listing.next_page and more and number < self.source.pages:
            following = self.list_request(listing.next_page, first=first, number=number + 1, seen=seen | links)
            following.meta["incremental"] = incremental
            yield following


FAMILY = ListingSpider
