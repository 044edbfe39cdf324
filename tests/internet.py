"""A small internet for a command under test, and a canary in the private network behind it.

As a program it runs our command: names below public.example have a public address, at which a local server answers.
Only the operating system's calls are bent, so nothing leaves the machine and nothing of ours is replaced.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

PUBLIC = "8.8.8.8"


class Canary(ThreadingHTTPServer):
    """Listens on every address of this machine; counts connections, whether or not anything is asked."""

    address_family = socket.AF_INET6
    daemon_threads = True

    def __init__(self, page: str) -> None:
        self.page = page.encode()
        self.connections = 0
        self.paths: set[str] = set()
        super().__init__(("::", 0), CanaryHandler)
        self.port = self.server_address[1]
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # WebRTC asks by UDP
        self._datagrams.bind(("", self.port))
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def datagrams(self) -> int:
        """Return how many came since the last look."""
        self._datagrams.setblocking(False)
        count = 0
        try:
            while self._datagrams.recv(2048):
                count += 1
        except BlockingIOError:
            return count
        return count

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
        self._datagrams.close()


class CanaryHandler(BaseHTTPRequestHandler):
    server: Canary
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        self.server.paths.add(self.path)
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(self.server.page)))
        self.end_headers()
        self.wfile.write(self.server.page)

    do_POST = do_GET  # noqa: N815
    do_OPTIONS = do_GET  # noqa: N815


def online(
    folder: Path, port: int, *arguments: str, answers: dict[str, list[list[str]]] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run our command where public.example is answered by the server at `port`.

    `answers`: name → what each look-up of it gives, the last for ever; with a name "*" every name is a public one.
    """
    from conftest import environment  # not at the top: as a program this file bends first and imports then

    command = [sys.executable, "-P", __file__, str(port), json.dumps(answers or {}), *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(PYTHONPATH=str(Path(__file__).parent)), text=True, capture_output=True,
        check=False, timeout=170,
    )  # fmt: skip


def bend(port: int, answers: dict[str, list[list[str]]]) -> None:
    """Bend name look-up and connecting in this process."""
    really: Callable[..., list[Any]] = socket.getaddrinfo

    def named(host: Any) -> Sequence[str] | None:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name in answers:
            return answers[name].pop(0) if len(answers[name]) > 1 else answers[name][0]
        if name.endswith("public.example") or "*" in answers:
            return [PUBLIC]
        if name.endswith(".example"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return None

    def lookup(host: Any, *rest: Any, **more: Any) -> list[Any]:
        addresses = named(host)
        return [entry for address in addresses or [host] for entry in really(address, *rest, **more)]

    def by_name(host: str) -> str:  # asked by Scrapy's resolver, which keeps the answer
        return really((named(host) or [host])[0], None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]

    def moved(address: Any) -> Any:
        return ("127.0.0.1", port) if address[0] == PUBLIC else address

    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    socket.getaddrinfo, socket.gethostbyname = lookup, by_name
    socket.socket.connect = lambda self, address: connect(self, moved(address))  # type: ignore[method-assign]
    socket.socket.connect_ex = lambda self, address: connect_ex(self, moved(address))  # type: ignore[method-assign]


if __name__ == "__main__":
    bend(int(sys.argv[1]), json.loads(sys.argv[2]))
    del sys.argv[1:3]
    from crawler.cli import main

    main()
