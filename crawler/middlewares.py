"""Downloader middlewares: manners that Scrapy does not have."""

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler
from twisted.internet.defer import Deferred

# Scrapy writes a traceback for every robots.txt that is not to be had; `Robots` says it in one line.
logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)

ROBOTS_LIMIT = 500 * 1024  # bytes that RFC 9309 (2.5) asks a crawler to read at least
REFUSE_ALL = b"User-agent: *\nDisallow: /\n"
LONGEST_DELAY = 600  # seconds; a robots.txt that asks for more between two requests wants no crawler
JITTER = 0.2
BUSY = {429, 503}
LONGEST_WAIT = 3600  # seconds
LONGEST_REST = 30 * 24 * 3600  # seconds that a host is left alone by the runs that follow, whatever it asks for
UNSAID = 60  # seconds to wait where a 429 does not say how long
STEP = 0.5  # seconds between two looks whether the run is ended


class Robots(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 (2.3.1) has it: unreachable or 5xx means that nothing may be fetched, 4xx that all may.

    Crawl-delay, which the RFC leaves out and Chinese sites write, is honoured where it is slower than we are.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unreachable: dict[str, str] = {}  # host: why

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002
        """Refuse what robots.txt refuses, and say so when it was not to be had."""
        try:
            await super().process_request(request)
        except IgnoreRequest as refusal:
            host = urlsplit(request.url).netloc
            raise IgnoreRequest(self._unreachable.get(host, str(refusal))) from None

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        body = response.body[:ROBOTS_LIMIT]
        if response.status >= 500:
            self._unreachable[netloc] = f"robots.txt answered with HTTP {response.status}"
            body = REFUSE_ALL
        elif response.status >= 400:
            body = b""
        delay = self._delay(body)
        if delay > LONGEST_DELAY:
            self._unreachable[netloc] = f"robots.txt asks for {delay:g} s between two requests"
            body = REFUSE_ALL
        self._slow_down(request, delay)
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _delay(self, robots: bytes) -> float:
        parser = build_from_crawler(self._parserimpl, self.crawler, robots)
        agent = self._robotstxt_useragent or self._default_useragent
        return float(parser.crawl_delay(agent) or 0)

    def _slow_down(self, request: Request, delay: float) -> None:
        if delay <= self.crawler.settings.getfloat("DOWNLOAD_DELAY"):
            return
        assert self.crawler.engine
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slower = {"delay": delay / (1 - JITTER), "jitter": JITTER}  # jitter never goes below what was asked for
        downloader.per_slot_settings[key] = slower  # for the slot that is made when this one was idle too long
        if slot := downloader.slots.get(key):
            slot.delay, slot.jitter = slower["delay"], slower["jitter"]

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreachable[netloc] = f"robots.txt is not to be had: {exc or type(exc).__name__}"
        waiting = self._parsers[netloc]
        refusing = build_from_crawler(self._parserimpl, self.crawler, REFUSE_ALL)
        self._parsers[netloc] = refusing
        assert isinstance(waiting, Deferred)
        waiting.callback(refusing)


class RetryAfter:
    """Waits as long as 429 and 503 ask for, before anything else is asked of the host; too long ends the source.

    Rests on CONCURRENT_REQUESTS = 1: while an answer waits here, its crawler sends nothing. What other sources of
    the same process ask of the host waits as well.
    """

    _until: ClassVar[dict[str, float]] = {}  # host: when it may be asked again, by the monotonic clock

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._longest = min(LONGEST_WAIT, crawler.settings["FENGXIANG_CONFIG"].crawl.source_time_limit)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RetryAfter":
        """Called by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait where the host told another source to."""
        await self._wait(request)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Wait before a busy answer goes on to be retried."""
        if response.status in BUSY:
            seconds = wanted_wait(response.headers.get("Retry-After"), datetime.now(UTC))
            if seconds is None and response.status == 429:
                seconds = UNSAID
            if seconds:
                self._until[self._host(request)] = monotonic() + seconds
                await self._wait(request)
        return response

    async def _wait(self, request: Request) -> None:
        until = self._until.get(self._host(request), 0.0)
        if (left := until - monotonic()) > self._longest:
            self._leave(left)
            raise IgnoreRequest(f"the host asked to be left alone for {left:.6g} s")
        while (left := until - monotonic()) > 0:
            if not self._crawler.crawling:
                self._leave(left)
                raise IgnoreRequest("the run ended while the host asked to be left alone")
            await asyncio.sleep(min(left, STEP))

    def _leave(self, seconds: float) -> None:
        """Keep how long the host is to be left alone, for the runs that follow."""
        assert self._crawler.stats
        self._crawler.stats.max_value("fengxiang/retry_after/seconds", ceil(min(seconds, LONGEST_REST)))

    @staticmethod
    def _host(request: Request) -> str:
        return urlsplit(request.url).netloc


def wanted_wait(header: bytes | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After asks for (RFC 9110, 10.2.3), or None if it says nothing readable."""
    text = (header or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
