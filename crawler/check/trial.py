"""Reads one page of each list and three articles through the source's own spider, into a store in memory."""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from w3lib.encoding import http_content_type_encoding

from crawler.check.findings import Finding, doubts, remarks, robots_of, seen
from crawler.config import Config
from crawler.crawl import Crawled, crawl
from crawler.extensions import reader_of
from crawler.items import Article
from crawler.lists.model import Guess
from crawler.loader import spider_of
from crawler.reader import Unreadable
from crawler.sources import Source
from crawler.store import shared_store

MEMORY = "sqlite://"
ARTICLES = 3
REQUESTS = 40  # a source at the most: directories and papers have many lists
FULL = "closespider_itemcount"  # how Scrapy calls it when all articles wanted are there


def check_sources(config: Config, sources: Sequence[Source]) -> list[Finding]:
    """Return a finding for each source. Marks nothing as seen and tells nobody.

    May be called once in a process: Twisted's reactor does not start again.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # the findings say all of it
    trials = {source.id: Trial(source) for source in sources}
    run_id = shared_store(MEMORY).begin_run({}, datetime.now(UTC))
    crawled = crawl(config, MEMORY, {}, sources, run_id, make=lambda process, source: trials[source.id].begin(process))
    return [trial.finding(crawled) for trial in trials.values()]


class FewArticles:
    """Mixed into a spider: asks for a few articles only, and yet goes on to the next list page."""

    asked: set[str]
    most: ClassVar[int]
    fruitful = 0  # list pages that named articles

    def article_requests(self, urls: Iterable[str]) -> list[Request]:
        """Return requests for the first of the addresses."""
        named = list(urls)
        self.fruitful += bool(named)
        left = max(0, self.most - len(self.asked))
        return cast("list[Request]", super().article_requests(named[:left]))  # type: ignore[misc]


class Trial:
    """One source's check, or with `pages` a first look at what a new source file finds."""

    def __init__(self, source: Source, *, articles: int = ARTICLES, pages: int = 1) -> None:
        self.guess: Guess | None = None
        self._source = source
        self._most = articles
        self._pages = pages
        self._crawler: Crawler | None = None
        self._articles: list[Article] = []

    def begin(self, process: AsyncCrawlerProcess) -> Crawler:
        """Return the crawler of the source's spider, bounded."""
        family = spider_of(self._source)
        # However old: a list whose newest article is of last year is a finding, not an empty list.
        bounds = {"pages": self._pages, "budget": self._most, "max_age_days": 100_000}
        settings = {
            # A store of its own: what another source set aside would be left out here.
            "FENGXIANG_STORE": f"sqlite:///file:{self._source.id}?mode=memory&uri=true",
            "FENGXIANG_TRIAL": self,
            "CLOSESPIDER_ITEMCOUNT": 0 if self._pages > 1 else self._most,
            "CLOSESPIDER_PAGECOUNT": REQUESTS,
            "DOWNLOADER_MIDDLEWARES": {
                **process.settings.getdict("DOWNLOADER_MIDDLEWARES"),
                "crawler.check.trial.FirstList": 50,
            },
        }
        attributes: dict[str, Any] = {"source": self._source.model_copy(update=bounds), "custom_settings": settings}
        attributes |= {"most": self._most, "__module__": family.__module__}
        bases = (FewArticles, family) if self._pages > 1 else (family,)
        spider = cast("type[Spider]", type(family.__name__, bases, attributes))
        self._crawler = process.create_crawler(spider)
        self._crawler.signals.connect(self._keep, signal=signals.item_scraped)
        return self._crawler

    def _keep(self, item: Article) -> None:
        self._articles.append(item)

    @property
    def articles(self) -> list[Article]:
        """Return what was read."""
        return self._articles

    @property
    def turned(self) -> bool:
        """Return whether a second list page named articles that the first did not."""
        return bool(self._crawler and getattr(self._crawler.spider, "fruitful", 0) > 1)

    def finding(self, crawled: Crawled) -> Finding:
        """Return what came of it."""
        now = datetime.now(UTC)
        found = Finding(source=self._source.id, name=self._source.name, family=self._source.family, at=now)
        if self._crawler is None or self._crawler.stats is None:
            found.problems.append("not met: the time limit was over ([run] time_limit), or a signal came")
            return found
        stats = self._crawler.stats.get_stats()
        found.robots = robots_of(stats)
        found.lists = int(stats.get("fengxiang/read/list_pages", 0))
        found.links = int(stats.get("fengxiang/read/links", 0))
        found.articles = [seen(article) for article in self._articles]
        found.problems = self._problems(crawled, now)
        found.remarks = list(remarks(self._articles, self._source, now))
        self._compare_family(found)
        return found

    def _problems(self, crawled: Crawled, now: datetime) -> list[str]:
        assert self._crawler
        problems = [text for text in getattr(self._crawler.spider, "problems", ()) if FULL not in text]
        outcome = crawled.outcomes.get(self._source.id, {})
        if not self._crawler.spider or self._crawler.stats.get_value("finish_reason") is None:
            problems.append(str(outcome.get("reason") or "ended before it was done"))
        store = shared_store(self._crawler.settings["FENGXIANG_STORE"])
        problems += [f"article {url}: {state}, {reason}" for url, state, reason in store.set_aside_pages()]
        problems += [doubt for article in self._articles for doubt in doubts(article, self._source, now)]
        return problems or ([] if self._articles else ["no article was read"])

    def _compare_family(self, found: Finding) -> None:
        family = self.guess.family if self.guess else "listing"
        if family in {"listing", found.family}:  # a static list bears no marks
            return
        text = f"the list bears the marks of family '{family}', the file says '{found.family}'"
        (found.remarks if found.links else found.problems).append(text)


class FirstList:
    """Looks at the first page that is no article, to tell what family it would be taken for."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._trial: Trial | None = crawler.settings["FENGXIANG_TRIAL"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "FirstList":
        """Called by Scrapy."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Guess once; what cannot be guessed says nothing."""
        is_list = request.callback is not NO_CALLBACK and "draft" not in request.cb_kwargs
        if self._trial and is_list and response.status == 200:
            trial, self._trial = self._trial, None
            header = response.headers.get("Content-Type") or b""
            options: dict[str, Any] = {"encoding": http_content_type_encoding(header.decode("latin-1"))}
            try:
                trial.guess = await reader_of(self._crawler.settings).guess(response.body, response.url, **options)
            except Unreadable:
                trial.guess = None
        return response
