"""Which requests of a source go through the browser, and what is done when the browser is lost.

Playwright is imported with the first page: `scrapy list` and runs without such pages never load it.
"""

import asyncio
from typing import ClassVar
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.guard import GuardedDownloads, PrivateAddress
from crawler.render.browser import Browser, Hung, within

BROWSERS = 2  # at the same time, in all sources of a process; each takes some hundred MiB
DEADLINE = 45  # seconds for a page, the browser's start included
LOSSES = 3  # browsers that a source may lose
GONE = ("has been closed", "crashed", "Connection closed")
NOT_STARTED = ("Executable doesn't exist", "Failed to launch", "ENOENT")
NO_BROWSER = "no browser that starts: install Chromium, or name one as [crawl] browser"


class Unrendered(IgnoreRequest):
    """The browser gave no page; the message is the reason."""


class RenderedDownloads:
    """Scrapy's handler for http and https of a source with `render`: pages by the browser, all else without it."""

    lazy = True
    _of: ClassVar[WeakKeyDictionary[Crawler, "RenderedDownloads"]] = WeakKeyDictionary()
    _places: ClassVar[asyncio.Semaphore] = asyncio.Semaphore(BROWSERS)

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._plain = GuardedDownloads(crawler)
        self._browser: Browser | None = None
        self._placed = False
        self._lost = 0
        self._over = ""  # why no further page is asked of a browser

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RenderedDownloads":
        """Called by Scrapy once a scheme: both have one browser, or two sources could wait for each other."""
        if crawler not in cls._of:
            cls._of[crawler] = cls(crawler)
        return cls._of[crawler]

    async def download_request(self, request: Request) -> Response:
        """Return the page. Raises Unrendered or PrivateAddress."""
        if not self._is_page(request):
            return await self._plain.download_request(request)
        if not self._placed:
            await self._places.acquire()
            self._placed = True
        response = await self._render(request)
        kind = (response.headers.get("Content-Type") or b"text/html").lower()
        if b"html" not in kind:  # the browser wraps JSON, XML and text in markup of its own
            return await self._plain.download_request(request)
        if len(response.body) > self._crawler.settings.getint("DOWNLOAD_MAXSIZE"):
            raise Unrendered(f"the page grew to {len(response.body)} bytes in the browser")
        return response

    def _is_page(self, request: Request) -> bool:
        if request.method != "GET" or request.callback is NO_CALLBACK:  # robots.txt
            return False
        return "draft" in request.cb_kwargs or getattr(self._crawler.spider, "form", "") == "html"

    async def _render(self, request: Request) -> Response:
        from playwright.async_api import Error

        if self._over:
            raise Unrendered(self._over)
        try:
            return await within(DEADLINE, self._fetch(request))
        except Hung:
            await self._lose()
            raise Unrendered(f"no page from the browser within {DEADLINE} s") from None
        except Error as error:
            if self._browser and (refused := self._browser.proxy.refused):
                host, address = next(iter(refused.items()))
                raise PrivateAddress(f"{host} is at {address}, which is no public address; see key 'private'") from None
            reason = error.message.partition("\n")[0]
            if any(sign in error.message for sign in NOT_STARTED):
                self._over = reason = NO_BROWSER
            if self._over or any(sign in reason for sign in GONE):
                await self._lose()
            raise Unrendered(f"browser: {reason}"[:300]) from None

    async def _fetch(self, request: Request) -> Response:
        if self._browser is None:
            self._browser = Browser(self._crawler, private=self._crawler.spidercls.source.private)  # type: ignore[attr-defined]
            await self._browser.start()
        self._browser.proxy.refused.clear()
        return await self._browser.fetch(request)

    async def _lose(self) -> None:
        self._lost += 1
        if self._lost >= LOSSES and not self._over:
            self._over = f"left alone: the browser was lost {self._lost} times"
        browser, self._browser = self._browser, None
        if browser:
            await browser.stop()

    async def close(self) -> None:
        """Called by Scrapy once a scheme."""
        browser, self._browser = self._browser, None
        if browser:
            await browser.stop()
        if self._placed:
            self._placed = False
            self._places.release()
        await self._plain.close()
