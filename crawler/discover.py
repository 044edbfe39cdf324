"""A source file from nothing but the address of a list: fetched once, with all manners, and an article to try it on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.config import Config
from crawler.dates import CST
from crawler.errors import FengxiangError
from crawler.extensions import reader_of
from crawler.extract import Extracted
from crawler.lists.guess import Guess, toml_of
from crawler.reader import Unreadable
from crawler.settings import configured


class Undiscovered(FengxiangError):
    """The address gave no source; the message is the reason."""


@dataclass(slots=True, frozen=True)
class Permission:
    """What `crawler.guard` asks a source for."""

    private: bool


@dataclass(slots=True)
class Discovery:
    """What was found behind an address."""

    guess: Guess | None = None
    article: Extracted | None = None  # the example, as it would be read
    reason: str = ""


def discover(config: Config, url: str, *, private: bool = False) -> tuple[str, Extracted | None]:
    """Return the text of a source file for a list, and its example as it would be read. Raises Undiscovered.

    May be called once in a process: Twisted's reactor does not start again.
    """
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    ours = {"ITEM_PIPELINES": {}, "LOG_INSTALL_ROOT_HANDLER": False}
    settings.setdict(configured(config) | ours, priority="project")
    process = AsyncCrawlerProcess(settings)
    found = Discovery()
    spider = type("Discover", (DiscoverSpider,), {"source": Permission(private)})
    process.crawl(spider, url=url, found=found)
    process.start()
    if found.guess is None:
        raise Undiscovered(f"{url}: {found.reason or 'nothing came back'}")
    host = urlsplit(url).hostname or ""
    text = toml_of(found.guess, "portal" if host.endswith(".gov.cn") else "news", f"{datetime.now(CST):%Y-%m-%d}")
    return ("private = true\n" if private else "") + text, found.article


class DiscoverSpider(Spider):
    """Reads one list page and one article of it."""

    name = "discover"
    source: ClassVar[Permission]

    def __init__(self, url: str, found: Discovery, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url
        self._found = found

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the list."""
        yield Request(self._url, callback=self.parse_list, errback=self.failed)

    async def parse_list(self, response: Response) -> AsyncIterator[Any]:
        """Guess, and ask for the example."""
        reader = reader_of(self.crawler.settings)
        try:
            self._found.guess = await reader.guess(response.body, response.url, encoding=_charset(response))
        except Unreadable as error:
            self._found.reason = str(error)
            return
        if self._found.guess.example:
            yield Request(self._found.guess.example, callback=self.parse_article, errback=self.failed)

    async def parse_article(self, response: Response) -> None:
        """Read the example."""
        reader = reader_of(self.crawler.settings)
        try:
            self._found.article = await reader.article(response.body, response.url, encoding=_charset(response))
        except Unreadable as error:
            self._found.reason = str(error)

    def failed(self, failure: Failure) -> None:
        """Note why nothing came."""
        error = failure.value
        status = f"HTTP {error.response.status}" if isinstance(error, HttpError) else ""
        self._found.reason = status or str(error).partition("\n")[0]


def _charset(response: Response) -> str | None:
    header = response.headers.get("Content-Type") or b""
    return http_content_type_encoding(header.decode("latin-1"))
