"""Extensions: what begins and ends with a crawl."""

from typing import ClassVar

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.reader import Reader, shared_reader


def reader_of(settings: BaseSettings) -> Reader:
    """Return this process's pool of reading processes with the user's limits."""
    limits = settings["FENGXIANG_CONFIG"].reader
    return shared_reader(limits.workers, limits.time_limit, limits.memory_limit)


class Reading:
    """Ends the reading processes when the last spider of this process closes."""

    _open: ClassVar[set[str]] = set()

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Reading":
        """Called by Scrapy."""
        extension = cls(reader_of(crawler.settings))
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        """One more spider may read."""
        self._open.add(spider.name)

    async def spider_closed(self, spider: Spider) -> None:
        """One less; after the last the processes end."""
        self._open.discard(spider.name)
        if not self._open:
            await self._reader.close()
