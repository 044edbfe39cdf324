"""The sample web: which host answers what, and what was asked of it."""

import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from crawler.sample import cehome, gansudaily
from crawler.sample.markup import Markup, Site
from crawler.sample.server import Hit, Page, Request, Server
from crawler.sample.texts import SampleArticle, Trap

_NOT_FOUND = (
    b"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class SampleWeb:
    """A context manager: real servers, one port a host, until it is left.

    Real host names stand in the templates and become local addresses when a page leaves, so `hosts`, `local` and
    `localise` mean something only inside the `with` block.
    """

    def __init__(self, today: date) -> None:
        self.today = today
        self.gone = ""  # a listed address that answers 200 and says that there is no such page
        self.hosts: dict[str, str] = {}  # real host → "127.0.0.1:PORT"
        self.requests: list[Hit] = []
        self.articles: list[SampleArticle] = []  # newest first within a site; without the stale ones
        self.stale: list[SampleArticle] = []
        self._sites: dict[str, Site] = {}
        self._servers: list[Server] = []
        self._planted: dict[tuple[str, str], Page] = {}
        self._changed = datetime.now(UTC)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        gansu = gansudaily.Gansudaily(self.today)
        sites: list[Site] = [cehome.Cehome(self.today), gansu]
        for site in sites:
            self._sites[site.name] = site
            for host in site.hosts:
                server = Server(partial(self._answer, site, host), partial(self._record, host))
                self._servers.append(server)
                self.hosts[host] = server.address
        for site in self._sites.values():
            site.articles = [replace(a, urls=tuple(map(self.local, site.urls(a)))) for a in site.articles]
            self.articles += [a for a in site.articles if Trap.STALE not in a.traps]
            self.stale += [a for a in site.articles if Trap.STALE in a.traps]
        self.gone = self.local(gansu.gone)
        for server in self._servers:
            server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.stop()

    def put(
        self,
        host: str,
        path: str,
        body: bytes,
        *,
        content_type: str = "text/html",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer a path of a real host with these bytes, whatever stood there."""
        page = Page(body, content_type, status, datetime.now(UTC), headers or {})
        with self._lock:
            self._planted[host, path] = page

    def restore(self, host: str, path: str) -> None:
        """Take back what `put` planted."""
        with self._lock:
            del self._planted[host, path]

    def publish(self, article: SampleArticle) -> SampleArticle:
        """Put a new article on top of the list of its column and return it with its addresses."""
        site = self._sites[article.site]
        article = replace(article, urls=tuple(map(self.local, site.urls(article))))
        site.changed = self._changed = datetime.now(UTC)
        site.articles = [article, *site.articles]  # a new list: requests under way go on reading the old one
        self.articles.insert(0, article)
        return article

    def trapped(self, trap: Trap) -> list[SampleArticle]:
        """Return the articles that carry a trap."""
        return [article for article in [*self.articles, *self.stale] if trap in article.traps]

    def local(self, url: str) -> str:
        """Return the local address of a page. An unknown host is a KeyError, so that nobody asks the real one."""
        parts = urlsplit(url)
        return f"http://{self.hosts[parts.netloc]}{url.partition(parts.netloc)[2]}"

    def localise(self, text: str) -> str:
        """Return a text in which every known host, with or without http(s)://, has become the local one."""
        names = "|".join(map(re.escape, self.hosts))
        pattern = rf"(?:(https?://)|(?<![\w.-]))({names})(?![\w-]|\.\w)"
        return re.sub(pattern, lambda match: ("http://" if match[1] else "") + self.hosts[match[2]], text)

    def _answer(self, site: Site, host: str, request: Request) -> Page:
        if request.method not in {"GET", "HEAD"}:
            return Page(b"", status=405, headers={"Allow": "GET, HEAD"})
        path = request.path.partition("?")[0]
        with self._lock:
            planted = self._planted.get((host, request.path)) or self._planted.get((host, path))
        if planted:
            return planted
        if markup := site.page(host, path):
            return self._page(markup)
        if not path.endswith("/") and site.page(host, f"{path}/"):
            return Page(b"", status=301, headers={"Location": f"http://{self.hosts[host]}{path}/"})
        return Page(_NOT_FOUND, status=404)

    def _page(self, markup: Markup) -> Page:
        modified = min(markup.modified, self._changed)  # no server dates a page into the future
        return Page(self.localise(markup.text).encode(markup.charset), markup.content_type, modified=modified)

    def _record(self, host: str, request: Request, status: int) -> None:
        with self._lock:
            self.requests.append(Hit(host, request.method, request.path, status, dict(request.headers)))
