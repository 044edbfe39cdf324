"""The crawl's side: hands articles over and waits until they are kept."""

import asyncio
import logging
import sys
from collections import deque
from functools import cache
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from crawler.desk.messages import Answer, DeskLost
from crawler.garbage import BEGINNING
from crawler.items import Article
from crawler.pipes import packed, received
from crawler.sources import Source
from crawler.topics import shared_topics

FEW = 20  # articles of a run that are taken without a desk
SETTINGS = ("FENGXIANG_STORE", "FENGXIANG_CONFIG", "FENGXIANG_CHANNELS", "FENGXIANG_BACKFILL", "FENGXIANG_STEPS")


def settings_of(settings: BaseSettings) -> dict[str, Any]:
    """Return what the process has to know of the settings of a run."""
    return {name: settings[name] for name in SETTINGS}


class HandOver:
    """The one step of the pipeline where there may be a desk: hands articles over and waits until they are kept."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._source: Source = crawler.spidercls.source  # type: ignore[attr-defined]  # every spider of ours has one
        self._settings = settings_of(crawler.settings)
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
    """The process, started when the first article comes that is not spared, or before."""

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
        return self._process is None and self._spared <= FEW

    async def start(self, settings: dict[str, Any]) -> None:
        """Start the process, if it is not up."""
        async with self._starting:
            if self._process is None:
                await self._start(settings)

    async def take(self, settings: dict[str, Any], source: Source, item: Article) -> Answer:
        """Return what became of an article, or raise DeskLost."""
        await self.start(settings)
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
            *(sys.executable, "-P", "-c", f"{BEGINNING}; from crawler.desk.process import main; main()"),
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
                answer = await received(process.stdout)
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
