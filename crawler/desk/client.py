"""The crawl's side: starts the process, sends articles and waits for the answers."""

import asyncio
import subprocess
from collections import deque
from functools import cache
from typing import Any

from crawler.desk.messages import Answer, DeskLost
from crawler.items import Article
from crawler.pipes import command, packed, received
from crawler.sources import Source
from crawler.store import Store

FEW = 20  # articles of a run that are taken without a desk


class Desk:
    """The process, started when the first article comes that is not spared, or before."""

    def __init__(self) -> None:
        self._spared = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: asyncio.WriteTransport | None = None  # open once the process was told what it works with
        self._waiting: deque[asyncio.Future[Answer]] = deque()  # in the order of what was asked
        self._known: set[str] = set()  # sources that the process was told
        self._starting = asyncio.Lock()
        self._listening: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Return the id of the process; None where there is none."""
        return self._process.pid if self._process else None

    def is_spared(self) -> bool:
        """Return whether the next article is one of the few that are taken without a desk; count it."""
        self._spared += 1
        return self._process is None and self._spared <= FEW

    def begin(self) -> None:
        """Start the process, if it is not up, so that it loads its modules while this one loads its own."""
        self._process = self._process or subprocess.Popen(
            command("crawler.desk.process"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    async def start(self, settings: dict[str, Any]) -> None:
        """Start the process, if it is not up, and tell it what it works with."""
        async with self._starting:
            if self._requests is None:
                await self._start(settings)

    async def take(self, settings: dict[str, Any], source: Source, item: Article) -> Answer:
        """Return what became of an article, or raise DeskLost."""
        await self.start(settings)
        assert self._requests
        told = None if source.id in self._known else source
        self._known.add(source.id)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._requests.write(packed((source.id, told, item)))
        return await answer

    async def close(self) -> None:
        """End the process once it has done what it was given."""
        if self._requests:
            self._requests.close()
            assert self._listening
            await self._listening
        else:
            self.kill()  # begun, and never told anything

    def kill(self) -> None:
        """End the process at once, when the event loop no longer runs; its transaction is undone."""
        if self._process:
            with self._process as process:  # which waits for its end and closes the pipes
                process.kill()

    async def _start(self, settings: dict[str, Any]) -> None:
        self.begin()
        assert self._process
        loop = asyncio.get_running_loop()
        answers = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(answers), self._process.stdout)
        self._requests, _ = await loop.connect_write_pipe(asyncio.Protocol, self._process.stdin)
        self._requests.write(packed(settings))
        self._listening = asyncio.create_task(self._listen(self._process, answers))

    async def _listen(self, process: "subprocess.Popen[bytes]", answers: asyncio.StreamReader) -> None:
        try:
            while True:
                answer = await received(answers)
                waiting = self._waiting.popleft()
                if not waiting.done():  # cancelled, as the run is ended
                    waiting.set_result(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            left, self._waiting = self._waiting, deque()
            assert self._requests
            self._requests.close()
            self._process = self._requests = None
            self._known.clear()
            code = await asyncio.to_thread(process.wait)
            lost = DeskLost(f"the process that stores articles ended early, exit code {code}")
            for waiting in left:
                if not waiting.done():
                    waiting.set_result(Answer(error=lost))


def needs_desk(store: Store, sources: int) -> bool:
    """Return whether a run of that many sources will have more articles than are taken without a desk."""
    return sources > FEW and not store.in_memory  # which only this process can reach


@cache
def shared_desk(store_url: str) -> Desk:  # noqa: ARG001
    """Return this process's one desk for a store."""
    return Desk()
