"""One Chromium for one source, driven by scrapy-playwright. Every wait on it has an end.

A browser that was killed leaves waits inside Playwright that never end; neither Scrapy's timeouts nor SIGTERM end
them. So each is bounded from outside, and what hangs is left behind: browser and driver are killed.
"""

import asyncio
import logging
import os
import shutil
import signal
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.render.proxy import GuardProxy

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNWANTED = {"image", "media", "font"}
NAVIGATION = 20_000  # milliseconds
SETTLING = 5_000  # milliseconds; a page that asks its server for ever is taken as it is then
STOP = 5  # seconds
CONTEXT = {"default": {"service_workers": "block", "accept_downloads": False}}  # no route sees a service worker's
# Nothing past the proxy. What the policy of WebRTC is called depends on the version; one that is not known is ignored.
RTC = "webrtc-ip-handling-policy=disable_non_proxied_udp"
FLAGS = ("--disable-quic", f"--{RTC}", f"--force-{RTC}")
T = TypeVar("T")

# It writes a traceback for every page that cannot be read; the source's line says why.
logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)


class Hung(Exception):
    """A wait was given up."""


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return what the work gives, or raise Hung. Unlike asyncio.timeout it does not wait for the work to be undone."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if done:
        return task.result()
    task.cancel()
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    raise Hung


class Browser:
    """Started with the first page."""

    def __init__(self, crawler: Crawler, *, private: bool) -> None:
        self._crawler = crawler
        self._handler: Any = None
        self._address = ""
        self.proxy = GuardProxy(private=private, most=crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    async def start(self) -> None:
        """Raises Error of Playwright if there is no browser or it does not start."""
        from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

        self._handler = ScrapyPlaywrightDownloadHandler(self._crawler)
        config = self._handler.config
        self._address = await self.proxy.start()
        config.launch_options = self._launch_options(self._address)
        config.startup_context_kwargs = CONTEXT
        config.navigation_timeout_ms = NAVIGATION
        config.download_timeout_secs = STOP
        config.restart_disconnected_browser = False  # whoever holds this object starts a new one
        config.target_closed_max_retries = 0
        self._handler.abort_request = lambda request: request.resource_type in UNWANTED
        await self._handler._launch()  # its signal, the engine's start, has passed

    def _launch_options(self, proxy: str) -> dict[str, Any]:
        named: str = self._crawler.settings["FENGXIANG_CONFIG"].crawl.browser
        path = named or next(filter(None, map(shutil.which, NAMES)), None)
        return {
            "executable_path": path,  # None: Playwright's own
            "proxy": {"server": proxy, "bypass": "<-loopback>"},
            "chromium_sandbox": os.geteuid() != 0,  # Chromium refuses to build one as root
            "args": list(FLAGS),
        }

    async def fetch(self, request: Request) -> Response:
        """Return the page as it stands once its scripts have asked for all they need."""
        from scrapy_playwright.page import PageMethod

        request.meta.update(playwright=True, playwright_page_methods=[PageMethod(_settled)])
        response: Response = await self._handler.download_request(request)
        return response

    async def stop(self) -> None:
        """End the browser, by force if need be."""
        handler, self._handler = self._handler, None
        if handler and not await _ends(handler.close()):
            _kill(self._address)
            if provider := getattr(handler, "browser_provider", None):
                await _ends(provider.close())
        await self.proxy.stop()


async def _ends(closing: Coroutine[Any, Any, None]) -> bool:
    from playwright.async_api import Error

    try:
        await within(STOP, closing)
    except (Hung, Error):
        return False
    return True


def _kill(proxy: str) -> None:
    """Kill the browser that was given this proxy, which no other has. Where there is no /proc it ends with us."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"--proxy-server={proxy}".encode() in (process / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


async def _settled(page: Any) -> None:
    from playwright.async_api import TimeoutError as Late

    with suppress(Late):
        await page.wait_for_load_state("networkidle", timeout=SETTLING)
