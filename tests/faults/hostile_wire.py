"""A crowd of small servers in one thread, each at a loopback address of its own, each with manners of its own."""

import asyncio
import random
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

TITLE = "某地第{}批重点项目集中开工建设"
STEP, FOREVER = 0.2, 3600  # seconds: between two bytes of a server that trickles; of one that never comes back


class Ask(NamedTuple):
    """What a client asked for."""

    path: str
    headers: dict[str, str]  # by lower-case name


class Wire:
    """The way back to the client."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes | str, status: int = 200, **headers: str) -> None:
        """Send a whole answer; `content_type` and the like become headers."""
        data = body.encode() if isinstance(body, str) else body
        lines = {"content_type": "text/html; charset=utf-8", "content_length": str(len(data)), "connection": "close"}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (lines | headers).items())
        await self.send(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + data)

    async def trickle(self, data: bytes) -> None:
        """Send byte by byte, then nothing more, and keep the line open."""
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(STEP)
        await asyncio.sleep(FOREVER)

    def reset(self) -> None:
        """End the connection as a crash would."""
        self.writer.transport.abort()


Manners = Callable[[Ask, Wire], Awaitable[None]]


@dataclass
class Host:
    """One server: what it answers, and what it was asked."""

    manners: Manners
    tls: ssl.SSLContext | None = None
    raw: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None = None  # instead of HTTP
    scheme: str = "http"
    address: str = ""
    asked: list[tuple[float, str]] = field(default_factory=list)  # moment by the monotonic clock, path

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.address}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, then close."""
        with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if self.raw:
                await self.raw(reader, writer)
            else:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                named = (line.partition(": ") for line in head[1:] if line)
                ask = Ask(head[0].split(" ")[1], {name.lower(): value for name, _, value in named})
                self.asked.append((time.monotonic(), ask.path))
                await self.manners(ask, Wire(writer))
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


class Crowd:
    """A context manager: the hosts are up. Their addresses lie all over 127/8, so that they are read side by side."""

    def __init__(self, hosts: dict[str, Host]) -> None:
        self.hosts = hosts
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        servers = self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        for server in servers:
            server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _listen(self) -> list[asyncio.Server]:
        servers = []
        for number, host in enumerate(self.hosts.values(), 2):
            place = f"127.0.{number // 250}.{number % 250 + 1}"
            server = await asyncio.start_server(host.serve, place, 0, ssl=host.tls, limit=1 << 20)
            host.address = f"{place}:{server.sockets[0].getsockname()[1]}"
            host.scheme = "https" if host.tls else host.scheme
            servers.append(server)
        return servers


STUCK = '[selectors]\nstrip = "i ~ p ~ p ~ p ~ p ~ p ~ p"\n'  # takes hours on `tangled_page`


def tangled_page(name: str) -> str:
    """Return an article on which the selector of `STUCK` holds a reader up."""
    return article_page(name, "<p>x</p>" * 3000)


def list_page(numbers: range, more: str = "") -> str:
    rows = "".join(f'<li><a href="/a/{number}.html">{TITLE.format(number)}</a></li>' for number in numbers)
    return f"<html><head><title>要闻</title></head><body><ul>{rows}</ul>{more}</body></html>"


def article_page(path: str, more: str = "") -> str:
    title = TITLE.format("".join(filter(str.isdigit, path))[:6])
    head = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div>2026-11-20 10:00 来源：示例网</div>"
    return f'{head}<div class="content">{text_of(path)}</div>{more}</body></html>'


def text_of(path: str) -> str:
    """Return paragraphs that no other address has: characters drawn by the path, with full stops between."""
    draw = random.Random(path)
    lines = ("".join(chr(draw.randrange(0x4E00, 0x6000)) for _ in range(60)) for _ in range(3))
    return "".join(f"<p>　　{line}。</p>" for line in lines)


async def well(ask: Ask, wire: Wire, articles: int = 4) -> None:
    """Answer as an honest site does."""
    if ask.path == "/list/":
        await wire.answer(list_page(range(articles)))
    elif ask.path.startswith("/a/"):
        await wire.answer(article_page(f"{ask.headers['host']}{ask.path}"))
    else:
        await wire.answer("<html><head><title>404</title></head></html>", 404)
