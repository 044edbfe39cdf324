"""ArticleSpider: reads articles, and keeps account of what went wrong; knows no way to find them."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.depth import USUAL, Depth
from crawler.errors import FengxiangError
from crawler.extensions import reader_of
from crawler.extract import Extracted
from crawler.items import Article
from crawler.reader import Reader, Unreadable
from crawler.sources import Source
from crawler.store import Store, Validators, shared_store
from spiders.base.bounds import excess_of
from spiders.base.reasons import in_a_line, reason_of

PARTS = 30  # parts of a multi-page article at the most
RENDERED = 50  # pages that a run reads through the browser at the most; it takes seconds a page
HANDLER = "crawler.render.RenderedDownloads"
BATCH = 500  # addresses a question to the store; a database takes no more than some thousands at once
GONE = {404, 410}


@dataclass(slots=True)
class Draft:
    """An article on the way: the canonical address that was asked for and the parts read so far."""

    asked: str
    article: Article | None = None
    parts: tuple[str, ...] = ()
    refreshed: bool = False


class ArticleSpider(Spider):
    """A spider of one source that can read its articles."""

    source: ClassVar[Source]
    depth: ClassVar[Depth] = USUAL
    store: Store
    reader: Reader
    now: datetime  # when the spider began

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: set[str] = set()  # canonical addresses of articles asked for
        self.unfetched: set[str] = set()  # of those, the ones that did not come
        self.swept: dict[str, Validators] = {}
        self.unmet: dict[str, datetime] = {}  # lists on which nothing was met that was known at that moment
        self.unfinished: dict[str, str] = {}  # lists that were not read back to the day wanted: where and why
        self.problems: Counter[str] = Counter()
        self.out_of_time = False
        self.postponed = False  # more was new than a run may read; the next run goes on

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """A source may be slower than the user's settings, never faster."""
        super().update_settings(settings)
        settings.set("DOWNLOAD_DELAY", max(settings.getfloat("DOWNLOAD_DELAY"), cls.source.delay), priority="spider")
        if cls.source.render:
            handlers = settings.getdict("DOWNLOAD_HANDLERS") | {"http": HANDLER, "https": HANDLER}
            settings.set("DOWNLOAD_HANDLERS", handlers, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "ArticleSpider":
        """Called by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.store = shared_store(crawler.settings["FENGXIANG_STORE"])
        spider.reader = reader_of(crawler.settings)
        spider.now = datetime.now(UTC)
        crawler.signals.connect(spider.item_failed, signal=signals.item_error)
        crawler.signals.connect(spider.error_of_ours, signal=signals.spider_error)
        return spider

    def article_requests(self, urls: Iterable[str]) -> list[Request]:
        """Return requests for those addresses that are neither settled nor asked for in this run, within the budget."""
        wanted: dict[str, str] = {}
        for url in urls:
            wanted.setdefault(self.source.canonical(url), url)
        budget = min(self.source.budget, RENDERED) if self.source.render else self.source.budget
        left = budget - len(self.asked)
        fresh: list[str] = []
        names = list(wanted)
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            settled = self.store.settled(batch, self.now)
            fresh += [name for name in batch if name not in settled and name not in self.asked]
            if len(fresh) > left:
                self.postponed = True
                del fresh[max(0, left) :]
                break
        self.asked.update(fresh)
        return [self._article_request(wanted[name], Draft(name)) for name in fresh]

    def retry_requests(self) -> list[Request]:
        """Return requests for pages that were set aside and are due again."""
        return self.article_requests(self.store.pages_to_retry(self.name, self.now))

    def too_old(self, day: date | None) -> bool:
        """Return whether a link's day lies beyond the source's `max_age_days`; unknown days are never too old."""
        return day is not None and (self.now.date() - day).days > self.source.max_age_days

    def _article_request(self, url: str, draft: Draft) -> Request:
        return Request(url, callback=self.parse_article, errback=self.article_failed, cb_kwargs={"draft": draft})

    async def parse_article(self, response: Response, draft: Draft) -> AsyncIterator[Article | Request]:
        """Yield the article, or the request for its next part or for what a refresh stub points to."""
        self.count("article_pages")
        here = self.source.canonical(response.url)
        if not draft.article and not self.source.is_article(response.url):
            self.set_aside(draft.asked, "missing", f"redirected to {response.url}")
            return
        page = await self._read_article(response, draft)
        if page is None:
            return
        draft.parts += (*(self.source.canonical(url) for url in response.meta.get("redirect_urls", ())), here)
        if page.refresh and not page.body and not draft.refreshed:
            draft.refreshed = True
            yield self._article_request(page.refresh, draft)
            return
        if page.missing or not (draft.article or (page.body and page.title)):
            reason = "the page says that it does not exist" if page.missing else "no title or no text found"
            self.set_aside(draft.asked, "missing" if page.missing else "quarantined", reason)
            return
        draft.article = self._joined(draft.article, page, response)
        if excess := excess_of(draft.article):
            self.set_aside(draft.asked, "quarantined", excess)
            return
        following = self.source.canonical(page.next_page) if page.next_page else ""
        if self.source.is_own(following) and following not in draft.parts and len(draft.parts) < PARTS:
            yield self._article_request(str(page.next_page), draft)
            return
        draft.article.aliases = tuple(dict.fromkeys((draft.asked, *draft.parts)))
        yield draft.article

    async def _read_article(self, response: Response, draft: Draft) -> Extracted | None:
        kind = (response.headers.get("Content-Type") or b"text/html").split(b";")[0].strip().lower()
        if not kind.startswith((b"text/", b"application/xhtml")):
            self.set_aside(draft.asked, "quarantined", f"not a page but {kind.decode('latin-1')}")
            return None
        selectors = self.source.selectors.model_dump(exclude_none=True, exclude={"links", "next"})
        try:
            return await self.reader.article(
                response.body, response.url, encoding=self.charset(response), selectors=selectors
            )
        except Unreadable as error:
            self.set_aside(draft.asked, "quarantined", str(error))
            return None

    def _joined(self, article: Article | None, page: Extracted, response: Response) -> Article:
        if article:
            article.body = f"{article.body}\n{page.body}" if page.body else article.body
            article.images += page.images
            article.attachments += page.attachments
            return article
        return Article(
            url=response.url,
            source=self.name,
            region=self.source.region,
            title=page.title,
            body=page.body,
            fetched_at=datetime.now(UTC),
            publish_time=page.publish_time,
            precision=page.precision,
            source_name=page.source,
            author=page.author,
            section=page.section,
            attachments=page.attachments,
            images=page.images,
            document=page.document,
            repairs={"encoding_doubt": 1} if page.encoding_doubt else {},
        )

    def article_failed(self, failure: Failure) -> None:
        """An article could not be fetched: gone ones are set aside, the others are asked for in the next run."""
        draft: Draft = failure.request.cb_kwargs["draft"]  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, HttpError) and error.response.status in GONE and not draft.article:
            self.set_aside(draft.asked, "missing", f"HTTP {error.response.status}")
            return
        self.unfetched.add(draft.asked)
        self.problem(f"article {reason_of(failure)}")

    def set_aside(self, asked: str, state: str, reason: str) -> None:
        """Note in the store why a page gave no article; it is tried again later, three times."""
        self.count(state)
        self.logger.warning("%s is %s: %s", asked, state, reason)
        self.store.set_aside(asked, self.name, state, reason, self.now)

    def closed(self, reason: str) -> None:
        """Called by Scrapy: lists are swept when everything that they led to is settled."""
        if self.out_of_time and self.crawler.stats.get_value("fengxiang/store/saved"):
            self.postponed = True
            if self.depth.since:
                self.unfinished.setdefault("", "its lists: the time for a source was over")
        elif reason != "finished":
            self.problem("ended early: " + ("the time for a source was over" if self.out_of_time else reason))
        unsettled = self.asked - self.store.settled(self.asked, self.now)
        if not unsettled and not self.problems and not self.postponed:
            self.store.end_sweeps(self.name, self.swept, datetime.now(UTC))
        elif unsettled <= self.unfetched and not (
            self.unmet or self.postponed or any(not what.startswith("article ") for what in self.problems)
        ):
            # One page that does not come for days must not make the list's own progress look like a gap.
            self.store.carry_sweeps_on(self.name, self.swept, datetime.now(UTC))
        else:
            self.unmet.clear()  # the next run reads the lists whole; only then can be said what is missing

    def item_failed(self, item: Article, failure: Failure) -> None:
        """Called by Scrapy when a step raised. An article that no step can stand must not come back for ever."""
        self.error_of_ours(failure)
        error = failure.value
        if not isinstance(error, (FengxiangError, OSError)):
            self.set_aside(item.aliases[0], "quarantined", f"our own error: {in_a_line(error)}")

    def error_of_ours(self, failure: Failure) -> None:
        """Called by Scrapy when a callback or a step raised: what is not set aside is asked for in the next run."""
        error = failure.value
        self.problem(str(error) if isinstance(error, FengxiangError) else in_a_line(error))

    def problem(self, what: str) -> None:
        """Note something that makes this reading of the source a failed one."""
        self.problems[what] += 1
        self.logger.warning(what)

    def count(self, what: str, number: int = 1) -> None:
        """Count under fengxiang/read/."""
        self.crawler.stats.inc_value(f"fengxiang/read/{what}", number)

    def charset(self, response: Response) -> str | None:
        """Return the charset of the source file, else of the header; either may be wrong."""
        header = response.headers.get("Content-Type") or b""
        return self.source.charset or http_content_type_encoding(header.decode("latin-1"))
