"""Family `gkmlpt`: Guangdong's 政府信息公开目录: /gkmlpt/index names categories, each with a JSON list of its own."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.families import GkmlptOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn

FACTS = {
    "sid": r"""\bSID["']?\s*:\s*["']?(\d+)""",
    "tree": r"""\bTREE["']?\s*:\s*(\[.*?\])\s*,\s*["']?[A-Z_]{2,}["']?\s*:""",
}


class GkmlptSpider(SourceSpider):
    """Directories of the platform."""

    form = "json"
    options: ClassVar[GkmlptOptions]

    def first_request(self, url: str) -> Request:
        """Ask for the page that names the lists."""
        return self.index_request(url)

    async def parse_index(self, response: Response) -> AsyncIterator[Any]:
        """Yield the first page of each category."""
        facts = await self.read_facts(response, FACTS)
        if facts is None:
            return
        try:
            leaves = list(_leaves(json.loads(facts.get("tree", "[]"))))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            self.problem(f"list {response.url}: the tree of categories is not as known: {error}")
            return
        if "sid" not in facts or not leaves:
            self.problem(f"list {response.url}: no SID or no TREE; is this a gkmlpt directory?")
            return
        for category in self.options.categories or leaves:
            url = urljoin(response.url, f"/gkmlpt/api/all/{category}?page=1&sid={facts['sid']}")
            # A category may well be empty.
            yield self.list_request(url, Turn(url, optional=True))

    def list_options(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002
        """Return the paths of a category's list."""
        return {
            "items": "articles",
            "date": "display_publish_time|date|created_at",
            "facts": {"total": "classify.post_count"},
        }

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the next page until the category's count is reached."""
        following = turn.after(page, optional=True)
        if len(following.seen) >= int(page.facts.get("total") or 0):
            return None
        url = turn.first.replace("?page=1&", f"?page={following.number}&")
        return self.list_request(url, following)


def _leaves(tree: list[dict[str, Any]]) -> Iterator[int]:
    """Yield the ids of the categories that hold articles; those that jump elsewhere do not."""
    for node in tree:
        if node.get("jump_url"):
            continue
        below = list(_leaves(node.get("children") or []))
        yield from below or [node["id"]]


FAMILY = GkmlptSpider
