"""Family `sitemap`: sitemaps and the sitemaps that an index names, packed or not."""

from collections.abc import Iterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.families import SitemapOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn

DEEPEST = 3  # an index may name indexes, but not for ever


class SitemapSpider(SourceSpider):
    """Sitemaps. `pages` bounds the sitemaps that are read of an index, the newest first."""

    form = "sitemap"
    options: ClassVar[SitemapOptions]

    def list_options(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002
        """Return which sitemaps of an index are wanted."""
        return {"children": self.options.children}

    def follow(self, response: Response, page: ListPage, turn: Turn) -> Iterator[Request]:
        """Yield requests for new articles, or for the sitemaps of an index."""
        if page.links:
            yield from super().follow(response, page, turn)
        depth = int(turn.facts.get("depth", 0)) + 1
        children = [link for link in page.lists if self.source.is_own(link.url) and not self.too_old(link.date)]
        if depth < DEEPEST:
            for link in children[: self.source.pages]:
                # Never conditional on the index: it may stay as it is while what it names changes.
                yield self.list_request(link.url, Turn(link.url, facts={"depth": str(depth)}))


FAMILY = SitemapSpider
