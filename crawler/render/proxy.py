"""The one way out of the browser: a proxy on the loopback that connects to no private address.

A browser follows redirects, resolves names and loads what a page names by itself; where each connection is opened is
the only place at which all of it can be looked at.
"""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from crawler.guard import is_public

HEAD = 64 * 1024  # bytes of a request's head at the most
CHUNK = 64 * 1024
CONNECT_TIMEOUT = 15  # seconds
OWN = (b"connection:", b"proxy-connection:", b"proxy-authorization:")


class GuardProxy:
    """An HTTP proxy for one browser: CONNECT and plain requests. `refused` names hosts and the addresses they had."""

    def __init__(self, *, private: bool, most: int) -> None:
        self.refused: dict[str, str] = {}
        self._private = private
        self._most = most  # bytes of an answer
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen; return the address."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """End every connection."""
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            with suppress(OSError, ValueError, EOFError, TimeoutError, asyncio.LimitOverrunError):
                await self._serve(reader, writer)
        except asyncio.CancelledError:  # only `stop` cancels; asyncio would report it as an error of the server
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, *headers = head[:-4].split(b"\r\n")
        method, target, version = line.split(b" ")
        tunnel = method == b"CONNECT"
        parts = urlsplit((b"//" + target if tunnel else target).decode("ascii"))
        site = await self._connect(parts.hostname or "", parts.port or 80)
        if site is None:
            return
        site_reader, site_writer = site
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                kept = [header for header in headers if not header.lower().startswith(OWN)]
                lines = [b"%s %s %s" % (method, path.encode("ascii"), version), *kept, b"Connection: close"]
                site_writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
            await self._both_ways(reader, site_writer, site_reader, writer)
        finally:
            site_writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        loop = asyncio.get_running_loop()
        found = [entry[4][0] for entry in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        addresses = [str(address) for address in dict.fromkeys(found)]
        refused = [] if self._private else [address for address in addresses if not is_public(address)]
        if refused:
            self.refused[host] = refused[0]
            return None
        for address in addresses:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    return await asyncio.open_connection(address, port)
        return None

    async def _both_ways(
        self,
        client: asyncio.StreamReader,
        to_site: asyncio.StreamWriter,
        site: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
    ) -> None:
        sending = asyncio.ensure_future(self._copy(client, to_site))
        try:
            await self._copy(site, to_client)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._most
        while left > 0 and (data := await reader.read(CHUNK)):
            left -= len(data)
            writer.write(data)
            await writer.drain()
