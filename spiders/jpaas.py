"""Family `jpaas`: Hanweb's newer columns, whose lists come from a unit endpoint named in the page's script tag."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.families import JpaasOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn

FACTS = {"tag": r"""(<script\s(?=[^>]*unitbuild\.js)[^>]*>)"""}
ATTRIBUTE = re.compile(r"""\b(url|querydata)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
PAIR = re.compile(r"""['"]?(\w+)['"]?\s*:\s*['"]([^'"]*)['"]""")


class JpaasSpider(SourceSpider):
    """Columns of jpaas-publish-server."""

    form = "json"
    options: ClassVar[JpaasOptions]

    async def start(self) -> AsyncIterator[Any]:
        """Yield the column pages and what is due again."""
        for url in self.source.list_urls:
            yield self.index_request(url)
        for request in self.retry_requests():
            yield request

    async def parse_index(self, response: Response) -> AsyncIterator[Any]:
        """Yield the request for the first page of the column's list."""
        facts = await self.read_facts(response, FACTS)
        if facts is None:
            return
        attributes = {name.lower(): unescape(a or b) for name, a, b in ATTRIBUTE.findall(facts.get("tag", ""))}
        if "url" not in attributes or "querydata" not in attributes:
            self.problem(f"list {response.url}: no unitbuild.js script; is this a jpaas column?")
            return
        unit = urljoin(response.url, attributes["url"]) + "?" + urlencode(PAIR.findall(attributes["querydata"]))
        # The page may stay as it is while its list changes: what is known is kept under the unit's address.
        yield self.list_request(self._page(unit, 1), Turn(unit))

    def list_options(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002
        """Return where the list's HTML lies in the answer."""
        return {"fragment": "data.html"}

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the next page of the unit; a list that ends is empty or repeats itself."""
        return self.list_request(self._page(turn.first, turn.number + 1), turn.after(page, optional=True))

    def _page(self, unit: str, number: int) -> str:
        # A bare pageNo is ignored by the endpoint.
        wanted = json.dumps({"pageNo": number, "pageSize": self.options.per_page}, separators=(",", ":"))
        return f"{unit}&{urlencode({'paramJson': wanted})}"


FAMILY = JpaasSpider
