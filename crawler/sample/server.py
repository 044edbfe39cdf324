"""An HTTP/1.1 server on a free loopback port, in threads: keep-alive, HEAD, conditional requests.

It knows nothing of what it serves: a callable turns a request into a page.
"""

import hashlib
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

_LOOPBACK = "127.0.0.1"


@dataclass(slots=True, frozen=True)
class Request:
    """What a client asked. `path` is as sent, with its query; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(slots=True, frozen=True)
class Page:
    """What a server answers. `content_type` goes out as it stands, so a charset is named only if it names one."""

    body: bytes
    content_type: str = "text/html"
    status: int = 200
    modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """Return the strong validator: it changes whenever a byte of the body does."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'

    def validators(self) -> dict[str, str]:
        """Return ETag and Last-Modified. An error page has none."""
        if self.status != 200:
            return {}
        found = {"ETag": self.etag}
        if self.modified is not None:
            found["Last-Modified"] = format_datetime(self.modified.astimezone(UTC), usegmt=True)
        return found

    def unchanged(self, headers: Mapping[str, str]) -> bool:
        """Return whether a conditional request may be answered with 304 (RFC 9110, 13.2.2: the tag decides alone)."""
        if self.status != 200:
            return False
        if (tags := headers.get("if-none-match")) is not None:
            return tags.strip() == "*" or self.etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
        if self.modified is None or (since := headers.get("if-modified-since")) is None:
            return False
        with suppress(ValueError, TypeError):
            return self.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        return False


@dataclass(slots=True, frozen=True)
class Hit:
    """One request as it was served. `host` is the real host the port stands for."""

    host: str
    method: str
    path: str
    status: int
    headers: dict[str, str]


class Server(ThreadingMixIn, TCPServer):
    """One host. The port is open once the object exists; `start` serves it and `stop` leaves no thread behind."""

    request_queue_size = 128

    def __init__(self, answer: Callable[[Request], Page], record: Callable[[Request, int], None]) -> None:
        self.answer = answer
        self.record = record
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        super().__init__((_LOOPBACK, 0), _Handler)
        self.port = self.server_address[1]
        self.address = f"{_LOOPBACK}:{self.port}"
        self._thread = threading.Thread(target=self._serve, name=self.address)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection, idle ones included, and wait for all threads."""
        self._stopping.set()
        with socket.create_connection((_LOOPBACK, self.port)):  # wakes the thread that waits for a connection
            self._thread.join()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self.handle_request()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it until it is closed."""
        connection, address = super().get_request()
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: a crawler that is killed does so."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60

    def version_string(self) -> str:
        return "nginx"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: `record` has it."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        request = Request(self.command, self.path, headers, body)
        page = self.server.answer(request)
        unchanged = self.command in {"GET", "HEAD"} and page.unchanged(headers)
        status = 304 if unchanged else page.status
        self.server.record(request, status)  # before the answer leaves: who has it must find it recorded
        self.send_response(status)
        for name, value in {**page.validators(), **page.headers}.items():
            self.send_header(name, value)
        if not unchanged:
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if not unchanged and self.command != "HEAD":
            self.wfile.write(page.body)

    do_HEAD = do_GET  # noqa: N815
    do_POST = do_GET  # noqa: N815
