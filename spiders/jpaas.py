"""Family `jpaas`: Hanweb's newer columns, whose lists come from a unit endpoint named in the page's script tags."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.families import JpaasOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn

FACTS = {"scripts": r"(<script\s[^>]{0,4000}unitbuild\.js.*)</script>"}
# Bounded and blind to further tags, so that no page keeps this process busy.
TAG = re.compile(r"<script\s[^<>]{0,4000}unitbuild\.js[^<>]{0,4000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\b(url|querydata)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
PAIR = re.compile(r"""['"]?(\w+)['"]?\s*:\s*['"]([^'"]*)['"]""")


class JpaasSpider(SourceSpider):
    """Columns of jpaas-publish-server."""

    form = "json"
    options: ClassVar[JpaasOptions]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._barren: set[str] = set()  # columns none of whose units has led to an article

    def first_request(self, url: str) -> Request:
        """Ask for the page that names the lists."""
        return self.index_request(url)

    async def parse_index(self, response: Response) -> AsyncIterator[Any]:
        """Yield the requests for a column's units. Menus and the like are units too, but without articles."""
        facts = await self.read_facts(response, FACTS)
        if facts is None:
            return
        self._barren.add(response.url)
        for unit in dict.fromkeys(_units(facts.get("scripts", ""), response.url)):
            # The page may stay as it is while its list changes: what is known is kept under the unit's address.
            yield self.list_request(self._page(unit, 1), Turn(unit, optional=True, facts={"column": response.url}))

    def list_options(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002
        """Return where the list's HTML lies in the answer."""
        return {"fragment": "data.html"}

    async def parse_list(self, response: Response, turn: Turn) -> AsyncIterator[Any]:
        """Do as every family, and note that the column has a list."""
        if response.status == 304:
            self._barren.discard(turn.facts["column"])
        async for request in super().parse_list(response, turn):
            yield request

    def follow(self, response: Response, page: ListPage, turn: Turn) -> Iterator[Request]:
        """Do as every family, and note that the column has a list."""
        self._barren.discard(turn.facts["column"])
        return super().follow(response, page, turn)

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the next page of the unit; a list that ends is empty or repeats itself."""
        return self.list_request(self._page(turn.first, turn.number + 1), turn.after(page, optional=True))

    def closed(self, reason: str) -> None:
        """Called by Scrapy."""
        if reason == "finished" and not self.problems:
            for column in self._barren:
                self.problem(f"list {column}: no unit of it lists articles; is this a jpaas column?")
        super().closed(reason)

    def _page(self, unit: str, number: int) -> str:
        # A bare pageNo is ignored by the endpoint.
        wanted = json.dumps({"pageNo": number, "pageSize": self.options.per_page}, separators=(",", ":"))
        return f"{unit}&{urlencode({'paramJson': wanted})}"


def _units(scripts: str, page: str) -> Iterator[str]:
    """Yield the addresses of the units that script tags name, without paging."""
    for tag in TAG.findall(scripts + ">"):
        attributes = {name.lower(): unescape(double or single) for name, double, single in ATTRIBUTE.findall(tag)}
        if {"url", "querydata"} <= set(attributes):
            yield urljoin(page, attributes["url"]) + "?" + urlencode(PAIR.findall(attributes["querydata"]))


FAMILY = JpaasSpider
