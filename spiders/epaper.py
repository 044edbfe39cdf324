"""Family `epaper`: digital papers of Founder's two generations: a day's issue, its pages, their articles.

Addresses of lists hold the day: …/pc/layout/{YYYYMM}/{DD}/node_01.html or …/html/{YYYY-MM}/{DD}/node_1.htm. A day
without an issue is missing or empty; only when no day looked at has one, something is wrong.
"""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.dates import CST
from crawler.families import EpaperOptions
from crawler.lists.model import ListPage
from crawler.store import Validators
from spiders.base import SourceSpider, Turn

PLACE = re.compile(r"\{([YMD-]+)\}")
PARTS = {"YYYY": "%Y", "MM": "%m", "DD": "%d"}
MOST_PAGES = 100  # of an issue; real ones have up to a few dozen
SETTLED = 2  # days after which an issue that is known gains nothing more


class EpaperSpider(SourceSpider):
    """Issues of the last days."""

    options: ClassVar[EpaperOptions]
    conditional = False  # an issue's later pages may be filled while its first stays as it is

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._issues = 0

    async def start(self) -> AsyncIterator[Any]:
        """Yield the issues of the last days, the newest first, and what is due again."""
        today = self.now.astimezone(CST).date()
        since = self.depth.since
        days = (today - since).days + 1 if since else self.options.days
        for template in self.source.list_urls:
            left = self.depth.pages if since else days
            for age in range(days):
                url = filled(template, today - timedelta(days=age))
                if age >= SETTLED and (since or not self.depth.past_known) and self.store.last_sweep(self.name, url):
                    self._issues += 1
                    continue
                if not left or self.postponed:
                    self.unfinished[template] = f"{url}: {self._spent()}"
                    break
                left -= 1
                facts = {"day": day_folder(template, url)} | ({"past": "1"} if age >= self.options.days else {})
                yield self.list_request(url, Turn(url, optional=True, facts=facts))
        for request in self.retry_requests():
            yield request

    def list_options(self, turn: Turn) -> dict[str, Any]:
        """Return what an issue's other pages look like: they lie in the folder of the day."""
        leaf = f"^{re.escape(turn.facts['day'])}(?:[^?#]*/)?{self.options.leaf}"
        lists = leaf if turn.number == 1 else None
        return super().list_options(turn) | {"lists": lists}

    def follow(self, response: Response, page: ListPage, turn: Turn) -> Iterator[Request]:
        """Yield requests for the articles of a page and, from an issue's first, for its other pages."""
        self._issues += 1
        yield from super().follow(response, page, turn)
        if turn.number == 1:
            for link in page.lists[:MOST_PAGES]:
                if link.url not in {turn.first, response.url}:
                    yield self.list_request(link.url, turn.after(page, optional=True))

    async def read_list(self, response: Response, turn: Turn) -> ListPage | None:
        """Return a page of an issue; a past day without one is not asked for again."""
        page = await super().read_list(response, turn)
        if page is None:
            self._remember_empty(turn)
        return page

    def list_failed(self, failure: Failure) -> None:
        """A page of an issue could not be fetched."""
        super().list_failed(failure)
        self._remember_empty(failure.request.cb_kwargs["turn"])  # type: ignore[attr-defined]

    def _remember_empty(self, turn: Turn) -> None:
        if turn.number == 1 and "past" in turn.facts:  # kept only where nothing went wrong in this run
            self.swept[turn.first] = Validators()

    def _spent(self) -> str:
        if self.postponed:
            return f"the budget of {self.source.budget} articles is used up"
        return f"{self.depth.pages} issues are read"

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:  # noqa: ARG002
        """An issue has no next page but those that `follow` asks for."""
        return None

    def closed(self, reason: str) -> None:
        """Called by Scrapy."""
        if reason == "finished" and not self._issues and not self.problems:
            self.problem(f"no issue in the last {self.options.days} days; did the address change?")
        super().closed(reason)


def filled(template: str, day: date) -> str:
    """Return the address of a day."""
    return PLACE.sub(lambda place: day.strftime(_format(place[1])), template)


def day_folder(template: str, url: str) -> str:
    """Return the part of a day's address that all pages of its issue share: up to the slash behind the day."""
    behind = template[[match.end() for match in PLACE.finditer(template)][-1] :]
    return url.removesuffix(behind) + "/" if behind.startswith("/") else url.rpartition("/")[0] + "/"


def _format(place: str) -> str:
    for name, code in PARTS.items():
        place = place.replace(name, code)
    return place


FAMILY = EpaperSpider
