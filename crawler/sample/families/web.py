"""The families' corner of the sample web: one server a host, and source files that point at them."""

import threading
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.resources import files
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from crawler.sample.families.corner import Corner
from crawler.sample.families.manners import Away, Busy, Glacial, Refusing, Slow
from crawler.sample.families.platforms import Gkmlpt, Jpaas, Jpage, Trs, Ucap
from crawler.sample.families.press import Api, Epaper, Feeds, Listing, Sitemaps, packed
from crawler.sample.server import Hit, Page, Request, Server

CORNERS = (Trs, Jpage, Jpaas, Ucap, Gkmlpt, Listing, Epaper, Feeds, Sitemaps, Api, Refusing, Busy, Away, Slow, Glacial)


class FamilyWeb:
    """A context manager: the servers run until it is left."""

    def __init__(self, today: date) -> None:
        self.corners: list[Corner] = [corner(today) for corner in CORNERS]
        self.requests: list[Hit] = []
        self.times: list[float] = []  # of the requests, by the monotonic clock
        self._servers: dict[str, Server] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        for corner in self.corners:
            server = Server(partial(self._answer, corner), partial(self._record, corner))
            self._servers[corner.host] = server
        for server in self._servers.values():
            server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.stop()

    def local(self, text: str) -> str:
        """Return a text in which every host has become its local address."""
        for host, server in self._servers.items():
            text = text.replace(host, server.address)
        return text

    def write_sources(self, folder: Path) -> None:
        """Write the source files of all corners."""
        folder.mkdir(parents=True, exist_ok=True)
        for entry in files("crawler.sample.families").joinpath("sources").iterdir():
            if entry.name.endswith(".toml"):
                (folder / entry.name).write_text("private = true\n" + self.local(entry.read_text("utf-8")), "utf-8")

    def _answer(self, corner: Corner, request: Request) -> Page:
        found = corner.answer(request)
        if found.content_type.startswith(("text/", "application/")) and b".example" in found.body:
            # No page names a host outside ASCII, so this holds for any charset here.
            found = replace(found, body=self._localised(found.body))
        return replace(found, body=packed(found.body)) if request.path.endswith(".gz") else found

    def _localised(self, body: bytes) -> bytes:
        for host, server in self._servers.items():
            body = body.replace(host.encode(), server.address.encode())
        return body

    def _record(self, corner: Corner, request: Request, status: int) -> None:
        with self._lock:
            self.times.append(monotonic())
            self.requests.append(Hit(corner.host, request.method, request.path, status, dict(request.headers)))
