"""SourceSpider: walks the pages of a source's lists until known articles begin."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.lists.model import ListPage
from crawler.reader import Unreadable
from crawler.store import Validators
from crawler.tomlfile import Strict
from spiders.base.articles import BATCH, GONE, ArticleSpider
from spiders.base.reasons import reason_of

NOTHING = r"(?!)"  # a pattern that no address matches
MOST_LINKS = 50_000  # what sitemaps.org allows a sitemap; no other list comes near
NO_LIST = 1000  # bytes; a shorter answer to a request for one more page is a site's way to say that there is none


@dataclass(slots=True, frozen=True)
class Turn:
    """A page of a list on the way."""

    first: str  # the list's address, under which the store keeps that it is known
    number: int = 1
    fresh: int = 0  # pages before that held something new
    seen: frozenset[str] = frozenset()  # links of the pages before
    incremental: bool = False  # stop where known articles begin
    optional: bool = False  # nothing promises this page: if it is missing or empty, the list ends
    refreshed: bool = False  # by a stub that sent us on
    facts: dict[str, str] = field(default_factory=dict)  # what the family keeps from page to page

    def after(self, page: ListPage, *, optional: bool) -> "Turn":
        """Return the turn of the next page."""
        seen = self.seen | {link.url for link in page.links}
        return replace(self, number=self.number + 1, seen=seen, optional=optional, facts=self.facts | page.facts)


class SourceSpider(ArticleSpider):
    """Base of the families. A family says in what form its lists are and where their next pages lie."""

    options: ClassVar[Strict]  # of `crawler.families`
    form: ClassVar[str] = "html"  # of `crawler.lists.formats.FORMATS`
    conditional: ClassVar[bool] = True  # whether a list that did not change on its first page did not change at all

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first list pages and what is due again."""
        for url in self.source.list_urls:
            yield self.first_request(url)
        for request in self.retry_requests():
            yield request

    def first_request(self, url: str) -> Request:
        """Ask for an address of the source: a list, or in some families a page that names lists."""
        return self.list_request(url, Turn(url))

    def list_request(self, url: str, turn: Turn, **values: Any) -> Request:
        """Ask for a list page; for a first page whose articles are all known, ask whether it changed."""
        # Where scripts make the list, the page around it stays the same for ever.
        conditional = self.conditional and turn.number == 1 and not self.source.render and not self.depth.past_known
        known = self.store.last_sweep(self.name, turn.first) if conditional else None
        headers = {"If-None-Match": known and known.etag, "If-Modified-Since": known and known.last_modified}
        return Request(
            url,
            callback=self.parse_list,
            errback=self.list_failed,
            headers={name: value for name, value in headers.items() if value} | values.pop("headers", {}),
            cb_kwargs={"turn": turn},
            meta={"handle_httpstatus_list": [304]},
            dont_filter=True,
            **values,
        )

    def list_options(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 (families look at it)
        """Return what the list's form is told beside the article's pattern."""
        return {"selectors": self.source.selectors.model_dump(exclude_none=True)}

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the request for the next page of the list."""
        if page.next_page and self.source.is_own(page.next_page):
            return self.list_request(page.next_page, turn.after(page, optional=False))
        return None

    def numbered_list(self, pager: str, number: int, page: ListPage, turn: Turn, **values: Any) -> Request:
        """Return the request for a page whose address nobody but the pager's template names."""
        url = urljoin(turn.first, pager.replace("{n}", str(number)))
        return self.list_request(url, turn.after(page, optional=True), **values)

    async def parse_list(self, response: Response, turn: Turn) -> AsyncIterator[Any]:
        """Yield requests for new articles, then for the next list page."""
        if response.status == 304:
            self.unchanged(response)
            return
        page = await self.read_list(response, turn)
        if page is None:
            return
        if page.refresh:
            yield self.list_request(page.refresh, replace(turn, refreshed=True))
            return
        for request in self.follow(response, page, turn):
            yield request

    def unchanged(self, response: Response) -> None:
        """Note that a list is as it was; a server that was not asked whether it is says nothing by that."""
        request = response.request
        if request and request.headers.keys() & {b"If-None-Match", b"If-Modified-Since"}:
            self.count("lists_unchanged")
        else:
            self.problem(f"list {response.url}: HTTP 304, which nobody asked for")

    async def read_list(self, response: Response, turn: Turn) -> ListPage | None:
        """Return a list page, or None: it is the list's end, or a problem of the source that is noted."""
        return await self.read_form(response, turn, self.form, **self.list_options(turn))

    async def read_form(self, response: Response, turn: Turn, form: str, **options: Any) -> ListPage | None:
        """Do `read_list` in a form of `crawler.lists.formats.FORMATS`."""
        address = response.url
        options |= {"encoding": self.charset(response), "article": self.source.article}
        try:
            page = await self.reader.list_page(form, response.body, address, **options)
        except Unreadable as error:
            if not (turn.optional and len(response.body) < NO_LIST):
                self.problem(f"list {address}: {error}")
            return None
        found = len(page.links)
        page.links = [link for link in page.links[:MOST_LINKS] if self.source.is_article(link.url)]
        if page.refresh and not turn.refreshed and self.source.is_own(page.refresh):
            return page
        if page.links or page.lists:
            self.count("list_pages")
            self.count("links", len(page.links))
            return page
        if not turn.optional:
            elsewhere = f"; {found} links match but lie on hosts that key 'hosts' does not name" if found else ""
            self.problem(f"list {address}: no article links; was the site redesigned?{elsewhere}")
        return None

    def index_request(self, url: str) -> Request:
        """Ask for a page that only names lists; it goes to `parse_index`."""
        return Request(url, callback=self.parse_index, errback=self.list_failed, dont_filter=True)

    def parse_index(self, response: Response) -> AsyncIterator[Any]:
        """Yield requests for the lists that an index names."""
        raise NotImplementedError

    async def read_facts(self, response: Response, patterns: Mapping[str, str]) -> dict[str, str] | None:
        """Return the first group of each pattern in an index, or None: it could not be read, which is a problem."""
        options = {"encoding": self.charset(response), "article": NOTHING, "facts": patterns}
        try:
            return (await self.reader.list_page("html", response.body, response.url, **options)).facts
        except Unreadable as error:
            self.problem(f"list {response.url}: {error}")
            return None

    def follow(self, response: Response, page: ListPage, turn: Turn) -> Iterator[Request]:
        """Yield requests for what is new on a page, then for the next page if the list may hold more that is new."""
        if {link.url for link in page.links} <= turn.seen:  # a pager without end repeats its last page
            return
        # Stale links stand beside fresh ones in editors' picks: leave them out, but do not take them for the end.
        recent = [link.url for link in page.links if not self.too_old(link.date or self.source.date_in(link.url))]
        requests = self.article_requests(recent)
        if turn.number == 1:
            known = not self.depth.past_known and self.store.last_sweep(self.name, turn.first) is not None
            turn = replace(turn, incremental=known)
            self.remember_sweep(turn.first, response)
        if requests or self.postponed:
            self.store.begin_sweep(self.name, turn.first)
        self._prove(recent, turn)
        yield from requests
        turn = replace(turn, fresh=turn.fresh + bool(requests))
        if not (requests if turn.incremental else recent):
            return
        stop = self._stop(turn)
        if stop and not self.depth.since:
            return
        following = self.next_list(page, turn)
        if following and not stop:
            yield following
        elif following or self.postponed:
            days = [day for link in page.links if (day := link.date or self.source.date_in(link.url))]
            reached = f"{response.url}, {min(days)}" if days else response.url
            self.unfinished[turn.first] = f"{reached}: {stop}"

    def _stop(self, turn: Turn) -> str:
        """Return why the run reads no further page of a list, or ""."""
        if self.postponed:
            return f"the budget of {self.source.budget} articles is used up"
        if self.depth.since and turn.fresh >= self.depth.pages:
            return f"{turn.fresh} list pages with something new are read"
        return f"{turn.number} list pages are read" if turn.number >= self.source.pages else ""

    def _prove(self, recent: list[str], turn: Turn) -> None:
        """Note whether a list that was once read whole has led to an article known then: if not, some may be missed.

        What interrupted runs have read since does not count: between it and what was known there may be a gap.
        """
        until = self.store.swept_at(self.name, turn.first)
        if until is None or (turn.number > 1 and turn.first not in self.unmet):
            return
        known = [self.source.canonical(url) for url in recent]
        if not recent or any(self.store.any_known(known[at : at + BATCH], until) for at in range(0, len(known), BATCH)):
            self.unmet.pop(turn.first, None)
        else:
            self.unmet[turn.first] = until

    def remember_sweep(self, url: str, response: Response) -> None:
        """Keep what the server gave for the list, to be stored once all its articles are settled."""
        etag, modified = (response.headers.get(name) for name in ("ETag", "Last-Modified"))
        self.swept[url] = Validators(*(value.decode("latin-1") if value else None for value in (etag, modified)))

    def list_failed(self, failure: Failure) -> None:
        """A list page could not be fetched."""
        turn: Turn | None = failure.request.cb_kwargs.get("turn")  # type: ignore[attr-defined]
        error = failure.value
        if turn and turn.optional and isinstance(error, HttpError) and error.response.status in GONE:
            return
        self.problem(f"list {reason_of(failure)}")
