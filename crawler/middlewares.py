"""Downloader middlewares: manners that Scrapy does not have."""

import logging
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler
from twisted.internet.defer import Deferred

# Scrapy writes a traceback for every robots.txt that is not to be had; `Robots` says it in one line.
logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)

ROBOTS_LIMIT = 500 * 1024  # bytes that RFC 9309 (2.5) asks a crawler to read at least
REFUSE_ALL = b"User-agent: *\nDisallow: /\n"


class Robots(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 (2.3.1) has it: unreachable or 5xx means that nothing may be fetched, 4xx that all may."""

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
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreachable[netloc] = f"robots.txt is not to be had: {exc or type(exc).__name__}"
        waiting = self._parsers[netloc]
        refusing = build_from_crawler(self._parserimpl, self.crawler, REFUSE_ALL)
        self._parsers[netloc] = refusing
        assert isinstance(waiting, Deferred)
        waiting.callback(refusing)
