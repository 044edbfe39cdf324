"""A source file from nothing but the address of a list.

The page is fetched with all manners, what it was taken for is written down, and the file is tried at once through its
own spider. Where the page names no articles, the feeds that it names and the site's sitemaps are looked at.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import BaseSettings, Settings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ReactorNotRunning
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.check import Finding, Trial
from crawler.config import Config
from crawler.crawl import Crawled
from crawler.dates import CST
from crawler.errors import FengxiangError
from crawler.extensions import reader_of
from crawler.items import Article
from crawler.lists.model import Guess
from crawler.lists.sourcefile import toml_of
from crawler.reader import Unreadable
from crawler.settings import configured
from crawler.sources import load_source

ARTICLES, PAGES = 10, 2
NEVER = datetime.min.replace(tzinfo=UTC)
MOST_BESIDE = 6  # feeds and sitemaps that are looked at
SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
RENDERED = "crawler.render.RenderedDownloads"
TRY_RENDER = "; its scripts make the list: look for the JSON behind it (family 'api'), or try --render"


class Undiscovered(FengxiangError):
    """The address gave no source; the message is the reason."""


@dataclass(slots=True, frozen=True)
class Permission:
    """What `crawler.guard` and `crawler.render` ask a source for."""

    private: bool
    render: bool


@dataclass(slots=True)
class Discovery:
    """What was found behind an address."""

    text: str = ""  # of the source file
    articles: list[Article] = field(default_factory=list)  # as a run would have stored them
    finding: Finding | None = None  # of the source file's trial
    turned: bool = False  # a second list page was found and read
    guess: Guess | None = None
    reason: str = ""


def discover(
    config: Config, url: str, *, source_id: str = "cn_new", private: bool = False, render: bool = False
) -> Discovery:
    """Return the source file for a list, and what it finds. Raises Undiscovered.

    May be called once in a process: Twisted's reactor does not start again.
    """
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(configured(config) | {"LOG_INSTALL_ROOT_HANDLER": False}, priority="project")
    process = AsyncCrawlerProcess(settings)
    found = Discovery()
    work = asyncio.get_event_loop().create_task(_discover(process, found, url, source_id, Permission(private, render)))
    process.start(stop_after_crawl=False)
    if work.done():
        work.result()
    if not found.finding:
        raise Undiscovered(f"{url}: {found.reason or 'nothing came back'}")
    return found


async def _discover(
    process: AsyncCrawlerProcess, found: Discovery, url: str, source_id: str, permission: Permission
) -> None:
    from twisted.internet import reactor

    try:
        attributes = {"source": permission, "custom_settings": {"ITEM_PIPELINES": {}}}
        await process.crawl(type("Discover", (DiscoverSpider,), attributes), url=url, found=found)
        if found.guess and not found.guess.trouble:
            found.text = toml_of(found.guess, f"{datetime.now(CST):%Y-%m-%d}", private=permission.private)
            await _try(process, found, source_id)
    finally:
        with suppress(ReactorNotRunning):  # a signal stops it, too
            reactor.stop()  # type: ignore[misc]


async def _try(process: AsyncCrawlerProcess, found: Discovery, source_id: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{source_id}.toml"
        path.write_text(found.text, "utf-8")
        source = load_source(path)
    trial = Trial(source, articles=ARTICLES, pages=PAGES)
    await process.crawl(trial.begin(process))
    found.articles = sorted(trial.articles, key=lambda article: article.publish_time or NEVER, reverse=True)
    found.turned = trial.turned
    found.finding = trial.finding(Crawled())


class DiscoverSpider(Spider):
    """Reads one list page; and where it names no articles, what lies beside it."""

    name = "discover"
    form = "html"  # asked by `crawler.render`
    source: ClassVar[Permission]

    def __init__(self, url: str, found: Discovery, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url
        self._found = found
        self._beside: list[str] = []
        self._index = ""  # the sitemap index that named what is looked at

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Read through the browser where that is wanted."""
        super().update_settings(settings)
        if cls.source.render:
            handlers = settings.getdict("DOWNLOAD_HANDLERS") | {"http": RENDERED, "https": RENDERED}
            settings.set("DOWNLOAD_HANDLERS", handlers, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the list."""
        yield Request(self._url, callback=self.parse_list, errback=self.failed)

    async def parse_list(self, response: Response) -> AsyncIterator[Any]:
        """Guess; if the page names no articles, look beside it."""
        guess = await self._guess(response)
        if guess is None:
            return
        self._found.guess = guess
        if self.source.render:  # what the browser shows needs no further talk to the platform
            guess.render, guess.family = True, "listing"
        if not guess.trouble:
            return
        self._found.reason = guess.trouble + (TRY_RENDER if guess.scripted and not self.source.render else "")
        self._beside = [*guess.children, *guess.feeds]
        self._index = self._url if guess.children else ""
        yield Request(urljoin(response.url, "/robots.txt"), callback=self.parse_robots, errback=self.no_robots)

    def parse_robots(self, response: Response) -> Iterator[Any]:
        """Look at the sitemaps that robots.txt names, else where sitemaps lie by custom."""
        text = response.body[:100_000].decode("utf-8", "replace")
        named = SITEMAP_LINE.findall(text) or [urljoin(response.url, "/sitemap.xml")]
        self._beside += [url for url in named if url.startswith(("http://", "https://"))]
        yield from self._look_beside()

    def no_robots(self, failure: Failure) -> Iterator[Any]:
        """Look where sitemaps lie by custom."""
        self._beside.append(urljoin(failure.request.url, "/sitemap.xml"))  # type: ignore[attr-defined]
        yield from self._look_beside()

    def _look_beside(self) -> Iterator[Request]:
        del self._beside[MOST_BESIDE:]
        if self._beside:
            yield Request(self._beside.pop(0), callback=self.parse_beside, errback=self.nothing_beside)

    async def parse_beside(self, response: Response) -> AsyncIterator[Any]:
        """Take a feed or a sitemap that names articles; of an index, its first sitemap speaks for all."""
        with suppress(Unreadable):
            guess = await self._read(response)
            if guess.family in {"feed", "sitemap"} and not guess.trouble:
                if self._index:
                    guess.list_url = self._index
                self._found.guess = guess
                return
            if guess.children and not self._index:
                self._index = response.url
                self._beside.insert(0, guess.children[0])
        for request in self._look_beside():
            yield request

    def nothing_beside(self, failure: Failure) -> Iterator[Request]:  # noqa: ARG002
        """Look at the next."""
        yield from self._look_beside()

    async def _guess(self, response: Response) -> Guess | None:
        try:
            return await self._read(response)
        except Unreadable as error:
            self._found.reason = str(error)
            return None

    async def _read(self, response: Response) -> Guess:
        header = (response.headers.get("Content-Type") or b"").decode("latin-1")
        encoding = http_content_type_encoding(header)
        return await reader_of(self.crawler.settings).guess(response.body, response.url, encoding=encoding)

    def failed(self, failure: Failure) -> None:
        """Note why nothing came."""
        error = failure.value
        status = f"HTTP {error.response.status}" if isinstance(error, HttpError) else ""
        self._found.reason = status or str(error).partition("\n")[0]
