"""Corners of sites that want to be treated with care."""

from datetime import date

from crawler.sample.families.corner import MISSING, Corner, page, rows
from crawler.sample.families.texts import series
from crawler.sample.server import Page, Request

ARTICLES = "/tzgg/{day:%Y%m}/t{day:%Y%m%d}_{n}.html"


class Refusing(Corner):
    """A site that answers every page with a challenge, which names articles as bait."""

    name = "refusing"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        bait = series(ARTICLES, 2, 7600, today)
        self.traps |= {article.path for article in bait}
        self._page = Page(page("<ul>", rows(bait), "</ul>").encode(), status=412)

    def answer(self, request: Request) -> Page:
        """Refuse."""
        return MISSING if request.path == "/robots.txt" else self._page


class Busy(Corner):
    """A site that answers the first request for each page with 503 or 429 and how long to wait."""

    name = "busy"
    wait = 1  # seconds

    def __init__(self, today: date) -> None:
        super().__init__(today)
        articles = series(ARTICLES, 3, 7610, today)
        self.plant("cn_busy", articles)
        self.put("/tzgg/", page("<ul>", rows(articles), "</ul>"))
        self._busy = {"/tzgg/": 503, articles[0].path: 429}

    def answer(self, request: Request) -> Page:
        """Send away once."""
        status = self._busy.pop(request.path, None)
        return Page(b"", status=status, headers={"Retry-After": str(self.wait)}) if status else super().answer(request)


class Away(Corner):
    """A site that asks to be left alone for longer than a run lasts."""

    name = "away"

    def answer(self, request: Request) -> Page:
        """Send away."""
        return MISSING if request.path == "/robots.txt" else Page(b"", status=429, headers={"Retry-After": "7200"})


class Slow(Corner):
    """A site whose robots.txt asks for a second between two requests."""

    name = "slow"
    delay = 1  # seconds

    def __init__(self, today: date) -> None:
        super().__init__(today)
        articles = series(ARTICLES, 2, 7630, today)
        self.plant("cn_slow", articles)
        self.put("/tzgg/", page("<ul>", rows(articles), "</ul>"))
        self.put("/robots.txt", f"User-agent: *\nCrawl-delay: {self.delay}\nDisallow: /search/\n", "text/plain")


class Glacial(Corner):
    """A site whose robots.txt asks for a day between two requests."""

    name = "glacial"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        self.put("/robots.txt", "User-agent: *\nCrawl-delay: 86400\n", "text/plain")
        self.traps.add("/tzgg/")
