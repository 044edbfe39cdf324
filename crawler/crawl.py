"""The crawlers of one run: hosts side by side, the sources of one host one after the other, all within a time limit."""

import asyncio
import faulthandler
import gc
import logging
import signal
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import BaseSettings, Settings, SettingsAttribute
from twisted.internet.error import ReactorNotRunning
from twisted.python.failure import Failure

from crawler.config import Config
from crawler.depth import USUAL, Depth
from crawler.desk.client import needs_desk, shared_desk
from crawler.desk.hand_over import settings_of
from crawler.errors import FengxiangError
from crawler.extensions import reader_of
from crawler.garbage import spare_what_is_loaded
from crawler.health import Watch
from crawler.progress import Progress
from crawler.settings import configured
from crawler.sources import Source
from crawler.store import Store, StoreError, shared_store

logger = logging.getLogger("fengxiang.run")
DESK = "crawler.desk.hand_over.HandOver"
GRACE = 10  # seconds for a crawl to end after it was told to
COUNTED = {
    "lists": "fengxiang/read/list_pages",
    "unchanged": "fengxiang/read/lists_unchanged",
    "pages": "fengxiang/read/article_pages",
    "saved": "fengxiang/store/saved",
    "reprints": "fengxiang/dedupe/reprint",
    "duplicates": "item_dropped_reasons_count/Duplicate",
    "untold": "fengxiang/store/untold",
    "missing": "fengxiang/read/missing",
    "quarantined": "fengxiang/read/quarantined",
    "wait": "fengxiang/retry_after/seconds",
}


@dataclass(slots=True)
class Crawled:
    """How the sources of a run were read."""

    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)  # source: see `judged`
    unread: list[str] = field(default_factory=list)  # the time was over before they began
    stopped: bool = False  # by a signal


class RunSettings(Settings):
    """The settings of a run. Scrapy copies them for each source, and a deep copy takes as long as half a page does."""

    def copy(self) -> "RunSettings":
        """Return a copy that shares the values, which are never changed in place, but for nested settings."""
        copied = copy(self)
        copied.attributes = {
            name: SettingsAttribute(
                BaseSettings(held.value) if isinstance(held.value, BaseSettings) else held.value, held.priority
            )
            for name, held in self.attributes.items()
        }
        return copied


class _Process(AsyncCrawlerProcess):
    async def stop(self) -> None:
        """Tell all crawls to end. One that has not within GRACE is left behind: Scrapy would wait for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await super().stop()


def _make(process: AsyncCrawlerProcess, source: Source, *, depths: Mapping[str, Depth]) -> Crawler:
    depth = depths.get(source.id, USUAL)
    if depth == USUAL:
        return process.create_crawler(source.id)
    family = process.spider_loader.load(source.id)
    return process.create_crawler(type(source.id, (family,), {"source": source, "depth": depth}))


def crawl(
    config: Config,
    store_url: str,
    channels: Mapping[str, Sequence[str]],
    sources: Sequence[Source],
    run_id: int,
    *,
    make: Callable[[AsyncCrawlerProcess, Source], Crawler] | None = None,
    depths: Mapping[str, Depth] = MappingProxyType({}),
) -> Crawled:
    """Read the sources into the store; `channels` names for each topic who hears of its stories.

    `make` gives the crawler of a source, by default that of its spider; `depths` are of those not read as usual. Raises
    StoreError where the store failed: then nothing more is read, since nothing could be kept.

    May be called once in a process: Twisted's reactor does not start again.
    """
    settings = RunSettings()
    settings.setmodule("crawler.settings", priority="project")
    ours = {"FENGXIANG_STORE": store_url, "FENGXIANG_CHANNELS": channels, "LOG_INSTALL_ROOT_HANDLER": False}
    ours["FENGXIANG_BACKFILL"] = any(depth.since for depth in depths.values())
    # The reading processes end with the run, not whenever no source happens to be open.
    ours["EXTENSIONS"] = settings.getdict("EXTENSIONS") | {"crawler.extensions.Reading": None}
    settings.setdict(configured(config) | ours, priority="project")
    store = shared_store(store_url)
    if not store.in_memory:  # else only this process can reach it
        steps = settings.getdict("ITEM_PIPELINES")
        ordered = sorted(steps, key=lambda path: int(steps[path]))
        settings.setdict({"FENGXIANG_STEPS": ordered, "ITEM_PIPELINES": {DESK: 100}}, priority="project")
    process = _Process(settings)
    # Scrapy turns its loggers up when it starts; nobody wants a record of every page, which take time to make.
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    reading = _Reading(process, store, config, run_id, make or partial(_make, depths=depths))
    # Should even this process hang inside a library, it ends with a traceback, and cron's next run goes on.
    faulthandler.dump_traceback_later(config.run.time_limit + 2 * GRACE, exit=True)
    spare_what_is_loaded()
    try:
        asyncio.get_event_loop().create_task(reading.read_all(sources))
        process.start(stop_after_crawl=False)
    finally:
        faulthandler.cancel_dump_traceback_later()
        reader_of(settings).kill()
        shared_desk(store_url).kill()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if reading.failure:
        raise reading.failure
    reading.settle(sources)
    return reading.crawled


class _Reading:
    def __init__(
        self,
        process: AsyncCrawlerProcess,
        store: Store,
        config: Config,
        run_id: int,
        make: Callable[[AsyncCrawlerProcess, Source], Crawler],
    ) -> None:
        self.crawled = Crawled()
        self.failure: StoreError | None = None
        self._process = process
        self._store = store
        self._desk = shared_desk(process.settings["FENGXIANG_STORE"])
        self._run_id = run_id
        self._make = make
        self._time_limit = config.run.time_limit
        self._source_limit = config.crawl.source_time_limit
        self._hosts = asyncio.Semaphore(config.crawl.concurrent_hosts)
        self._begun: dict[str, datetime] = {}
        self._over = False  # no further source begins
        self._ended = False  # by itself, not by a signal

    async def read_all(self, sources: Sequence[Source]) -> None:
        from twisted.internet import reactor

        settings = self._process.settings
        try:
            if needs_desk(self._store, len(sources)):
                await self._desk.start(settings_of(settings))
            with Progress() as progress:
                await self._read_hosts(sources, progress)
            self._ended = True
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await self._desk.close()
                    await reader_of(settings).close()
            with suppress(ReactorNotRunning):  # a signal stops it, too
                reactor.stop()  # type: ignore[misc]

    async def _read_hosts(self, sources: Sequence[Source], progress: Progress) -> None:
        groups: dict[str, list[Source]] = defaultdict(list)
        for source in sources:
            groups[urlsplit(source.list_urls[0]).hostname or ""].append(source)
        reading = asyncio.gather(*(self._read_host(group, progress) for group in groups.values()))
        done, _ = await asyncio.wait({reading}, timeout=self._time_limit)
        if not done:
            logger.error("time limit of %s s reached: ending; see [run] time_limit", self._time_limit)
            self._over = True
            await self._process.stop()
            await asyncio.wait({reading}, timeout=1)

    async def _read_host(self, sources: Sequence[Source], progress: Progress) -> None:
        async with self._hosts:
            for source in sources:
                if self._over:
                    self.crawled.unread.append(source.id)
                else:
                    await self._read(source, progress)

    async def _crawl(self, crawler: Crawler) -> None:
        crawling = self._process.crawl(crawler)
        await asyncio.wait({crawling}, timeout=self._source_limit)
        if not crawling.done():
            if crawler.spider:
                crawler.spider.out_of_time = True  # type: ignore[attr-defined]
            ending = asyncio.ensure_future(crawler.stop_async())
            await asyncio.wait({ending, crawling}, timeout=GRACE)
            if not crawling.done():
                raise FengxiangError("ended before it was done: it did not heed the end of [crawl] source_time_limit")
        await crawling

    def settle(self, sources: Sequence[Source]) -> None:
        """Give every source an outcome: one that was being read at the end was not read."""
        self.crawled.stopped |= not (self._ended or self._over)
        for source in sources:
            if source.id in self._begun and source.id not in self.crawled.outcomes:
                outcome = {
                    "outcome": "failed",
                    "reason": "ended before it was done",
                    "cause": "unfinished",
                    "counts": {},
                }
                self.crawled.outcomes[source.id] = outcome
                self._store.source_done(self._run_id, source.id, self._begun[source.id], datetime.now(UTC), outcome)
            elif source.id not in self.crawled.outcomes and source.id not in self.crawled.unread:
                self.crawled.unread.append(source.id)
                self.crawled.stopped = True

    def _raised(self, failure: Failure) -> None:
        """Called by Scrapy when a callback or a step raised."""
        if isinstance(failure.value, StoreError):
            self._fail(failure.value)

    def _fail(self, error: StoreError) -> None:
        """End all reading: what is read from now on could not be kept."""
        if not self.failure:
            self.failure, self._over = error, True
            self._stopping = asyncio.ensure_future(self._process.stop())

    async def _read(self, source: Source, progress: Progress) -> None:
        began = self._begun[source.id] = datetime.now(UTC)
        crawler = self._make(self._process, source)
        watch = Watch(crawler)
        for seen in (signals.item_error, signals.spider_error):
            crawler.signals.connect(self._raised, signal=seen)
        progress.begin(source.name, crawler)
        error = ""
        try:
            await self._crawl(crawler)
        except Exception as exception:  # a failing source never stops another
            logger.exception("%s failed", source.id)
            error = f"{type(exception).__name__}: {exception}"
        progress.end(source.name)
        late = getattr(crawler.spider, "out_of_time", False)
        if crawler.stats and crawler.stats.get_value("finish_reason") == "shutdown" and not (self._over or late):
            self._over = self.crawled.stopped = True
        outcome = judged(crawler, watch, error)
        if outcome["outcome"] != "ok":
            gc.collect()  # what was refused for its size is held by the frames of its error: some 10 MiB a source
        self.crawled.outcomes[source.id] = outcome
        if self.failure:
            return
        try:
            self._store.source_done(self._run_id, source.id, began, datetime.now(UTC), outcome)
        except StoreError as error:
            self._fail(error)
            return
        outcome["unmet"] = getattr(crawler.spider, "unmet", {})
        outcome["unfinished"] = list(getattr(crawler.spider, "unfinished", {}).values())
        counts = "".join(f" {name}={count}" for name, count in outcome["counts"].items())
        reason = f" ({outcome['reason']})" if outcome["reason"] else ""
        level = logging.INFO if outcome["outcome"] == "ok" else logging.ERROR
        logger.log(level, "%s %s%s%s", source.id, outcome["outcome"], counts, reason)


def judged(crawler: Crawler, watch: Watch, error: str = "") -> dict[str, Any]:
    """Return outcome, reason, cause, status and counts of one source; Scrapy itself calls every crawl a success."""
    stats = crawler.stats.get_stats() if crawler.stats else {}
    problems = [error] if error else list(getattr(crawler.spider, "problems", ()))
    counts = {name: int(stats[key]) for name, key in COUNTED.items() if stats.get(key)}
    return watch.judged(problems, counts) | {"counts": counts}
