"""Family `api`: a JSON list that the source file describes by paths."""

from collections.abc import AsyncIterator
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin

from scrapy import Request

from crawler.families import ApiOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class ApiSpider(SourceSpider):
    """JSON lists."""

    form = "json"
    options: ClassVar[ApiOptions]

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first pages and what is due again."""
        for url in self.source.list_urls:
            yield self._page(url, self.options.second - 1, Turn(url))
        for request in self.retry_requests():
            yield request

    def list_options(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002
        """Return the paths."""
        return self.options.model_dump(include={"items", "address", "template", "title", "date"})

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the next page, if the source names a pager or posts a form with a number."""
        number = self.options.second + turn.number - 1
        if self.options.pager:
            url = urljoin(turn.first, self.options.pager.replace("{n}", str(number)))
        elif any("{n}" in value for value in self.options.form.values()):
            url = turn.first
        else:
            return None
        return self._page(url, number, turn.after(page, optional=True))

    def _page(self, url: str, number: int, turn: Turn) -> Request:
        if not self.options.form:
            return self.list_request(url, turn)
        form = {name: value.replace("{n}", str(number)) for name, value in self.options.form.items()}
        return self.list_request(url, turn, method="POST", body=urlencode(form), headers=FORM)


FAMILY = ApiSpider
