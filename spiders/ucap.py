"""Family `ucap`: Kaipuyun's 集约化平台. Lists are HTML, the JSON of /common/search/<channel>, or that of /queryList.

An HTML list without a pager goes on in the JSON of the channel that its meta tag names, page by page of the same size.
Lists may also be embedded as `articleList:[…]`; where the source's options have a `query`, /queryList is asked instead.
"""

import re
from collections.abc import AsyncIterator
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.families import UcapOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn
from spiders.base.pager import PAGER, next_page

SEARCH = re.compile(r"/(?:common/search|searchList)/([0-9a-f]{32})")
CHANNEL = r"""<meta\s(?=[^>]{0,200}\bname\s?=\s?["']?channelid\b)[^>]{0,200}\bcontent\s?=\s?["']?([0-9a-f]{32})"""
EMBEDDED = r"""\barticleList["']?\s*[:=]\s*(?=\[)"""
SEARCHED = {"items": "data.results", "date": "publishedTimeStr|publishedTime"}
QUERIED = {"items": "data.results", "address": "source.urls.pc", "title": "source.title", "date": "source.pubDate"}
LISTED = {"address": "source.urls.pc|urls.pc|url", "title": "source.title|title", "date": "source.pubDate|pubDate"}


class UcapSpider(SourceSpider):
    """Lists of the platform."""

    options: ClassVar[UcapOptions]

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first list pages and what is due again."""
        for url in self.source.list_urls:
            if self.options.query is not None:
                yield self._query(1, Turn(url))
            elif search := SEARCH.search(url):
                yield self._search(search[0], 1, Turn(url))
            else:
                yield self.list_request(url, Turn(url))
        for request in self.retry_requests():
            yield request

    async def read_list(self, response: Response, turn: Turn) -> ListPage | None:
        """Return a list page in whatever form it came."""
        path = urlsplit(response.url).path
        if SEARCH.search(path):
            return await self.read_form(response, turn, "json", **SEARCHED)
        if path.endswith("/queryList"):
            return await self.read_form(response, turn, "json", **QUERIED)
        if b"articleList" in response.body:
            return await self.read_form(response, turn, "json", embedded=EMBEDDED, **LISTED)
        return await self.read_form(
            response, turn, "html", facts=PAGER | {"channel": CHANNEL}, **super().list_options(turn)
        )

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the next page: by the query, the source's pager, the page's script or link, or the channel."""
        number = turn.number + 1
        if self.options.query is not None:
            return self._query(number, turn.after(page, optional=True))
        if self.options.pager:
            return self.numbered_list(self.options.pager, self.options.second + turn.number - 1, page, turn)
        if "pages" in page.facts:
            following = next_page(page.facts, turn)
            return self.numbered_list(*following, page, turn) if following else None
        if page.next_page:
            return super().next_list(page, turn)
        if channel := page.facts.get("channel"):
            page.facts |= {"search": f"/common/search/{channel}", "size": str(len(page.links))}
        elif search := SEARCH.search(turn.first):
            page.facts["search"] = search[0]
        after = turn.after(page, optional=True)
        return self._search(after.facts["search"], number, after) if "search" in after.facts else None

    def _search(self, path: str, number: int, turn: Turn) -> Request:
        wanted = {
            "_isAgg": "true",
            "_isJson": "true",
            "_pageSize": turn.facts.get("size", str(self.options.per_page)),
            "_template": "index",
            "_rangeTimeGte": "",
            "_channelName": "",
            "page": str(number),
        }
        return self.list_request(f"{urljoin(turn.first, path)}?{urlencode(wanted)}", turn)

    def _query(self, number: int, turn: Turn) -> Request:
        size = str(self.options.per_page)
        folders = urlsplit(turn.first).path.split("/")[1:-1]
        form = {"webSiteCode[]": folders[0], "channelCode[]": folders[-1]} | (self.options.query or {})
        form |= {"current": str(number), "perPage": size, "pageSize": size}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": turn.first}
        url = urljoin(turn.first, "/queryList")
        return self.list_request(url, turn, method="POST", body=urlencode(form), headers=headers)


FAMILY = UcapSpider
