"""The desk: a process beside the crawl that takes articles through the steps of the pipeline and into the store.

Fetching keeps one core busy; without the desk, cleaning, comparing, flagging and storing would wait for the same one.
There is one desk and it takes one article after the other, so that two reprints cannot both be taken for new. What it
answers is kept already. It ends when the crawl process does, with the article that it has in hand. Most runs find few
articles, which are done before a desk would be up: they go through the steps in the crawl process itself.
"""

import asyncio
import logging
import pickle
import signal
import sys
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from logging.handlers import QueueHandler
from types import SimpleNamespace
from typing import IO, Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.utils.misc import load_object

from crawler.errors import FengxiangError
from crawler.items import Article
from crawler.reader import HEADER
from crawler.sources import Source
from crawler.topics import shared_topics

logger = logging.getLogger("fengxiang.desk")
FEW = 20  # articles of a run that are taken without a desk
SETTINGS = ("FENGXIANG_STORE", "FENGXIANG_CONFIG", "FENGXIANG_CHANNELS", "FENGXIANG_BACKFILL", "FENGXIANG_STEPS")


class DeskLost(FengxiangError):
    """The desk ended in the middle of its work; what it did not answer is asked for again in the next run."""


@dataclass(slots=True)
class Answer:
    """What became of an article."""

    story_id: int | None = None
    counts: Counter[str] = field(default_factory=Counter)  # what the steps counted
    disabled: dict[str, str] = field(default_factory=dict)  # topics that are switched off, and why
    logged: list[logging.LogRecord] = field(default_factory=list)
    error: Exception | None = None


class HandOver:
    """The one step of the pipeline where there may be a desk: hands articles over and waits until they are kept."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._source: Source = crawler.spidercls.source  # type: ignore[attr-defined]  # every spider of ours has one
        self._settings = {name: crawler.settings[name] for name in SETTINGS}
        self._desk = shared_desk(self._settings["FENGXIANG_STORE"])
        self._steps = [load_object(path).from_crawler(crawler) for path in self._settings["FENGXIANG_STEPS"]]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "HandOver":
        """Called by Scrapy."""
        return cls(crawler)

    async def process_item(self, item: Article) -> Article:
        """Take one article through the steps."""
        if self._desk.is_spared():
            for step in self._steps:
                item = step.process_item(item)
            return item
        answer = await self._desk.take(self._settings, self._source, item)
        for name, count in answer.counts.items():
            self._stats.inc_value(name, count)
        for record in answer.logged:
            logging.getLogger(record.name).handle(record)
        if answer.disabled:
            config = self._settings["FENGXIANG_CONFIG"].topics
            shared_topics(config.folders, config.shipped).disabled.update(answer.disabled)
        if answer.error:
            raise answer.error
        item.story_id = answer.story_id
        return item


class Desk:
    """The process, started when the first article comes."""

    def __init__(self) -> None:
        self._spared = 0
        self._process: asyncio.subprocess.Process | None = None
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
        return self._spared <= FEW

    async def take(self, settings: dict[str, Any], source: Source, item: Article) -> Answer:
        """Return what became of an article, or raise DeskLost."""
        async with self._starting:
            if self._process is None:
                await self._start(settings)
        assert self._process
        assert self._process.stdin
        told = None if source.id in self._known else source
        self._known.add(source.id)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._process.stdin.write(packed((source.id, told, item)))
        return await answer

    async def close(self) -> None:
        """End the process once it has done what it was given."""
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            assert self._listening
            await self._listening

    def kill(self) -> None:
        """End the process at once, when the event loop no longer runs; its transaction is undone."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def _start(self, settings: dict[str, Any]) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", "from crawler.desk import main; main()"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdin
        self._process.stdin.write(packed(settings))
        self._listening = asyncio.create_task(self._listen(self._process))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        try:
            while True:
                (length,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
                answer = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 (our own process)
                waiting = self._waiting.popleft()
                if not waiting.done():  # cancelled, as the run is ended
                    waiting.set_result(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            left, self._waiting = self._waiting, deque()
            self._process = None
            self._known.clear()
            await process.communicate()
            lost = DeskLost(f"the process that stores articles ended early, exit code {process.returncode}")
            for waiting in left:
                if not waiting.done():
                    waiting.set_result(Answer(error=lost))


@cache
def shared_desk(store_url: str) -> Desk:  # noqa: ARG001
    """Return this process's one desk for a store."""
    return Desk()


def packed(message: object) -> bytes:
    """Return a message with its length before it."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(data)) + data


class _Steps:
    """The pipeline of one source, built as Scrapy builds it."""

    def __init__(self, settings: dict[str, Any], source: Source) -> None:
        self._counts: Counter[str] = Counter()
        crawler = SimpleNamespace(settings=_Settings(settings), stats=self, spidercls=SimpleNamespace(source=source))
        self._steps = [load_object(path).from_crawler(crawler) for path in settings["FENGXIANG_STEPS"]]

    def inc_value(self, key: str, count: int = 1) -> None:
        """Count, as the stats of Scrapy do."""
        self._counts[key] += count

    def take(self, item: Article) -> Answer:
        """Take an article through the steps. An error is an answer too."""
        self._counts = Counter()
        answer = Answer(counts=self._counts)
        try:
            for step in self._steps:
                item = step.process_item(item)
            answer.story_id = item.story_id
        except (DropItem, FengxiangError) as error:
            answer.error = error
        except Exception as error:  # a failing article never stops another
            logger.exception("%s failed", item.url)
            answer.error = FengxiangError(f"{type(error).__name__}: {error}"[:300])
        return answer


class _Settings(dict[str, Any]):
    def getdict(self, name: str) -> dict[str, Any]:
        """Return a setting that is a dict, as the settings of Scrapy do."""
        return dict(self[name])


class _Kept(QueueHandler):
    """Keeps what is logged, so that it is logged where the user looks."""

    def __init__(self) -> None:
        super().__init__(queue=None)  # type: ignore[arg-type]
        self.records: list[logging.LogRecord] = []

    def enqueue(self, record: logging.LogRecord) -> None:
        """Called by logging with a record made ready to travel."""
        self.records.append(record)

    def taken(self) -> list[logging.LogRecord]:
        """Return what was kept since the last time."""
        records, self.records = self.records, []
        return records


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Take articles until the crawl process goes away."""
    kept = _Kept()
    logging.basicConfig(level=logging.INFO, handlers=[kept])
    settings = _read(requests)
    if settings is None:
        return
    config = settings["FENGXIANG_CONFIG"].topics
    topics = shared_topics(config.folders, config.shipped)
    steps: dict[str, _Steps] = {}
    while request := _read(requests):
        name, source, item = request
        if source:
            steps[name] = _Steps(settings, source)
        answer = steps[name].take(item)
        answer.disabled, answer.logged = topics.disabled, kept.taken()
        answers.write(packed(answer))
        answers.flush()


def _read(requests: IO[bytes]) -> Any:
    """Return the next message; None when the crawl process is gone."""
    header = requests.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    data = requests.read(length)
    return pickle.loads(data) if len(data) == length else None  # noqa: S301 (our own process)


def main() -> None:
    """Serve, deaf to Ctrl-C: the crawl process hears it and closes the desk when it is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(BrokenPipeError):  # nobody waits for the answer any more
        serve(sys.stdin.buffer, sys.stdout.buffer)
