"""The processes that read pages.

Strangers' HTML is parsed here and never in the crawl process: a page can keep a parser busy for minutes, and nothing
but killing its process ends that. They end when the crawl process does.
"""

import asyncio
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import IO, Any

from crawler.errors import FengxiangError
from crawler.extract import Extracted
from crawler.garbage import spare_what_is_loaded
from crawler.lists.model import Guess, ListPage
from crawler.pipes import HEADER, command, packed, received

SLACK = 3  # times the limit of processor time that a page may take by the clock: the machine may be busy
MIB = 1024 * 1024
GIVES_WAY = 5  # niceness: reading can be done by several processes, and waits for the one that stores


class Unreadable(FengxiangError):
    """A page that could not be read within the limits; the message is the reason."""


class Reader:
    """A pool of reading processes, started when they are first needed.

    workers: how many; time_limit: seconds of processor time a page; memory_limit: MiB of address space a process, which
    Linux enforces.
    """

    def __init__(self, workers: int, time_limit: float, memory_limit: int) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._places = asyncio.Semaphore(workers)
        self._idle: list[asyncio.subprocess.Process] = []
        self._all: set[asyncio.subprocess.Process] = set()

    @property
    def processes(self) -> set[int]:
        """Ids of the processes that are up."""
        return {process.pid for process in self._all}

    async def article(
        self,
        html: bytes,
        url: str,
        *,
        encoding: str | None = None,
        selectors: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> Extracted:
        """Return `extract_article` of the page, or raise Unreadable."""
        found = await self._ask("article", html, url, {"encoding": encoding, "selectors": selectors, "now": now})
        assert isinstance(found, Extracted)
        return found

    async def list_page(self, form: str, data: bytes, url: str, **options: Any) -> ListPage:
        """Return the list page in a form of `crawler.lists.formats.FORMATS`, or raise Unreadable."""
        found = await self._ask(form, data, url, options)
        assert isinstance(found, ListPage)
        return found

    async def guess(self, data: bytes, url: str, *, encoding: str | None = None) -> Guess:
        """Return what a list page is that nobody has described yet, or raise Unreadable."""
        found = await self._ask("guess", data, url, {"encoding": encoding})
        assert isinstance(found, Guess)
        return found

    def kill(self) -> None:
        """End every process at once, when the event loop no longer runs."""
        for process in self._all:
            if process.returncode is None:
                process.kill()

    async def close(self) -> None:
        """End every process; one in the middle of a page is killed."""
        for process in list(self._all):
            await self._end(process)

    async def _ask(self, function: str, html: bytes, url: str, options: dict[str, Any]) -> object:
        async with self._places:
            process = self._idle.pop() if self._idle else await self._start()
            try:
                async with asyncio.timeout(SLACK * self._time_limit):
                    answer = await _exchange(process, (function, html, url, options))
            except TimeoutError:
                await self._end(process)
                raise self._too_long() from None
            except (asyncio.IncompleteReadError, ConnectionError):
                await self._end(process)
                if process.returncode == -signal.SIGPROF:
                    raise self._too_long() from None
                raise Unreadable(f"the reading process died, most likely over {self._memory_limit} MiB") from None
            except asyncio.CancelledError:
                await self._end(process)
                raise
            self._idle.append(process)
        if isinstance(answer, Unreadable):
            raise answer
        return answer

    def _too_long(self) -> Unreadable:
        return Unreadable(f"reading took longer than {self._time_limit:g} s")

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *command("crawler.reader", str(self._memory_limit), str(self._time_limit)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=16 * MIB,
        )
        self._all.add(process)
        return process

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._all.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        if process.returncode is None:
            with suppress(ProcessLookupError):
                # Not `process.kill`: that asks for the exit code first, and so may take it from who waits for it.
                os.kill(process.pid, signal.SIGKILL)
        # `communicate` and not `wait`: it also closes the pipes.
        await process.communicate()


async def _exchange(process: asyncio.subprocess.Process, request: object) -> object:
    assert process.stdin
    assert process.stdout
    process.stdin.write(packed(request))
    await process.stdin.drain()
    return await received(process.stdout)


@cache
def shared_reader(workers: int, time_limit: float, memory_limit: int) -> Reader:
    """Return this process's one pool with these limits: all crawlers of a run read through it."""
    return Reader(workers, time_limit, memory_limit)


def serve(requests: IO[bytes], answers: IO[bytes], time_limit: float) -> None:
    """Answer requests until the crawl process goes away. An error on a page is an answer too.

    A page that needs more than `time_limit` seconds of processor time ends this process: SIGPROF does, which no
    parser can put off.
    """
    from selectolax.lexbor import SelectolaxError

    from crawler.extract import extract_article
    from crawler.lists.formats import FORMATS
    from crawler.lists.guess import guess

    import_module("crawler.extract.article")  # before the time of the first page runs
    functions: dict[str, Callable[..., object]] = {"article": extract_article, "guess": guess, **FORMATS}
    spare_what_is_loaded()
    while header := requests.read(HEADER.size):
        function, html, url, options = pickle.loads(requests.read(*HEADER.unpack(header)))  # noqa: S301
        answer: object
        signal.setitimer(signal.ITIMER_PROF, time_limit)
        try:
            answer = functions[function](html, url, **options)
        except (MemoryError, SelectolaxError):  # lexbor parses whatever there is room for
            answer = Unreadable("reading needed more memory than a page may use")
        except RecursionError:
            answer = Unreadable("the page is nested too deeply")
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            answer = Unreadable(f"reading failed: {type(error).__name__}: {error}"[:300])
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(packed(answer))
        answers.flush()


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (wanted, hard))


def main() -> None:
    """Serve within the limits that the command line names."""
    os.nice(GIVES_WAY)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":  # macOS refuses limits on address space
        _limit(resource.RLIMIT_AS, int(sys.argv[1]) * MIB)
    serve(sys.stdin.buffer, sys.stdout.buffer, float(sys.argv[2]))
