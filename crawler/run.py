"""One scheduled pass: crawl what is due, deliver the outbox, export, and say by the exit code how it went."""

import asyncio
import faulthandler
import hashlib
import logging
import platform
import signal
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from scrapy import __version__ as scrapy_version
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler import __version__
from crawler.alerts import Channels, Delivery, deliver, load_channels
from crawler.config import Config
from crawler.errors import UsageError
from crawler.export import export_articles
from crawler.loader import SourceLoader
from crawler.lock import run_lock
from crawler.progress import Progress
from crawler.settings import configured
from crawler.sources import Source
from crawler.store import Selection, Store, shared_store
from crawler.topics import Topics, shared_topics

logger = logging.getLogger("fengxiang.run")
SLACK = timedelta(minutes=1)  # a cron that starts every hour is never a full hour apart
GRACE = 25  # seconds for a crawl to end after it was told to


@dataclass(slots=True, frozen=True, kw_only=True)
class Options:
    """What a run is asked to do; with nothing named it reads the sources that are due."""

    sources: tuple[str, ...] = ()  # read these, due or not
    region: str | None = None
    kind: str | None = None
    everything: bool = False  # due or not
    dry_run: bool = False  # keep nothing, mark nothing as seen, tell nobody


@dataclass(slots=True)
class Result:
    """What a run did."""

    exit_code: int = 0
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    read: dict[str, dict[str, Any]] = field(default_factory=dict)  # source: {"outcome", "reason", "counts"}
    unread: list[str] = field(default_factory=list)  # due, but the time was over
    delivery: Delivery = field(default_factory=Delivery)
    exported: int | None = None


def run(config: Config, options: Options) -> Result:
    """Do one pass. Raises FengxiangError with the exit code when it could not begin."""
    loader = SourceLoader(config)
    topics = shared_topics(config.topics.folders, config.topics.shipped)
    channels = Channels() if options.dry_run else load_channels(config.alerts.channels_file)
    routes = routes_of(topics, channels)
    if options.dry_run:
        return _pass(config, options, loader, topics, channels, routes, "sqlite://")
    with run_lock(config.run.lock_file):
        return _pass(config, options, loader, topics, channels, routes, config.store.url)


def routes_of(topics: Topics, channels: Channels) -> dict[str, tuple[str, ...]]:
    """Return for each topic the channels that hear of it: those its file names, else all."""
    for topic in topics:
        for name in topic.channels:
            if name not in channels:
                raise UsageError(
                    f"{topic.path}: key 'channels': no channel '{name}' in the channels file; add it there"
                )
    return {topic.id: tuple(topic.channels or channels) for topic in topics}


def _pass(
    config: Config,
    options: Options,
    loader: SourceLoader,
    topics: Topics,
    channels: Channels,
    routes: dict[str, tuple[str, ...]],
    store_url: str,
) -> Result:
    store = shared_store(store_url)
    result = Result()
    sources = chosen(loader.sources, options, store, result.began)
    if sources:
        manifest = _manifest(config, topics, sources)
        run_id = store.begin_run(manifest, result.began)
        stopped = _crawl(config, routes, store_url, sources, result, run_id)
    else:
        run_id, stopped = None, False
    for error in loader.errors:
        logger.error("%s", error)
    if not stopped and not options.dry_run:
        result.delivery = deliver(store, channels, {topic.id: topic.name for topic in topics})
        if config.export.file and sources:
            result.exported = export_articles(store, config.export.file, selection=Selection())
    failed = [source for source, outcome in result.read.items() if outcome["outcome"] != "ok"]
    result.exit_code = int(bool(failed or result.unread or loader.errors or result.delivery.failed or stopped))
    if run_id is not None:
        store.end_run(run_id, result.exit_code, datetime.now(UTC))
    return result


def chosen(sources: dict[str, Source], options: Options, store: Store, now: datetime) -> list[Source]:
    """Return the sources that this run reads."""
    for name in options.sources:
        if name not in sources:
            near = get_close_matches(name, sources, n=1)
            raise UsageError(f"no source '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
    if options.sources:
        return [sources[name] for name in dict.fromkeys(options.sources)]
    last_reads = store.last_reads()
    return [
        source
        for source in sources.values()
        if source.enabled
        and options.region in {None, source.region}
        and options.kind in {None, source.kind}
        and (options.everything or is_due(source, last_reads.get(source.id), now))
    ]


def is_due(source: Source, last: tuple[datetime, str] | None, now: datetime) -> bool:
    """Return whether a source is to be read; one that failed last time is tried in every run."""
    if last is None or last[1] != "ok":
        return True
    return now - last[0] >= source.every - SLACK or now < last[0]  # a clock set back must not silence a source


def _manifest(config: Config, topics: Topics, sources: Sequence[Source]) -> dict[str, Any]:
    return {
        "fengxiang": __version__,
        "scrapy": scrapy_version,
        "python": platform.python_version(),
        "config": config.digest(),
        "topics": {topic.id: hashlib.sha256(topic.path.read_bytes()).hexdigest()[:12] for topic in topics},
        "sources": [source.id for source in sources],
    }


def _crawl(
    config: Config,
    routes: dict[str, tuple[str, ...]],
    store_url: str,
    sources: Sequence[Source],
    result: Result,
    run_id: int,
) -> bool:
    """Read the sources; return whether a signal ended it."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(configured(config), priority="project")
    settings.setdict(
        {"FENGXIANG_STORE": store_url, "FENGXIANG_CHANNELS": routes, "LOG_INSTALL_ROOT_HANDLER": False},
        priority="project",
    )
    process = AsyncCrawlerProcess(settings)
    crawl = _Crawl(process, shared_store(store_url), config, result, run_id)
    # Should even this process hang inside a library, it ends with a traceback and the cron job's next run goes on.
    faulthandler.dump_traceback_later(config.run.time_limit + 2 * GRACE, exit=True)
    try:
        asyncio.get_event_loop().create_task(crawl.read_all(sources))
        process.start(stop_after_crawl=False)
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return crawl.stopped


class _Crawl:
    """The crawlers of one run: hosts side by side, the sources of one host one after the other."""

    def __init__(self, process: AsyncCrawlerProcess, store: Store, config: Config, result: Result, run_id: int) -> None:
        self._process = process
        self._store = store
        self._result = result
        self._run_id = run_id
        self._time_limit = config.run.time_limit
        self._hosts = asyncio.Semaphore(config.crawl.concurrent_hosts)
        self._over = False  # no further source begins
        self.stopped = False  # by a signal

    async def read_all(self, sources: Iterable[Source]) -> None:
        from twisted.internet import reactor

        groups: dict[str, list[Source]] = defaultdict(list)
        for source in sources:
            groups[urlsplit(source.list_urls[0]).hostname or ""].append(source)
        with Progress() as progress:
            reading = asyncio.gather(*(self._read_host(group, progress) for group in groups.values()))
            _, late = await asyncio.wait({reading}, timeout=self._time_limit)
            if late:
                logger.error("time limit of %s s reached: ending; see [run] time_limit", self._time_limit)
                self._over = True
                await self._process.stop()
                await asyncio.wait({reading}, timeout=GRACE)
        if reactor.running:
            reactor.stop()  # type: ignore[misc]

    async def _read_host(self, sources: Sequence[Source], progress: Progress) -> None:
        async with self._hosts:
            for source in sources:
                if self._over:
                    self._result.unread.append(source.id)
                else:
                    await self._read(source, progress)

    async def _read(self, source: Source, progress: Progress) -> None:
        began = datetime.now(UTC)
        crawler = self._process.create_crawler(source.id)
        progress.begin(source.name, crawler)
        error = ""
        try:
            await self._process.crawl(crawler)
        except Exception as exception:  # a failing source never stops another
            logger.exception("%s failed", source.id)
            error = f"{type(exception).__name__}: {exception}"
        outcome = judge(crawler, error)
        if crawler.stats and crawler.stats.get_value("finish_reason") == "shutdown":
            self.stopped = self.stopped or not self._over
            self._over = True
        self._result.read[source.id] = outcome
        self._store.source_done(self._run_id, source.id, began, datetime.now(UTC), outcome)
        progress.end(source.name)
        counts = " ".join(f"{name}={count}" for name, count in outcome["counts"].items())
        level = logging.INFO if outcome["outcome"] == "ok" else logging.ERROR
        logger.log(level, "%s %s %s%s", source.id, outcome["outcome"], counts, _because(outcome["reason"]))


COUNTED = {
    "lists": "fengxiang/read/list_pages",
    "unchanged": "fengxiang/read/lists_unchanged",
    "pages": "fengxiang/read/article_pages",
    "saved": "fengxiang/store/saved",
    "reprints": "fengxiang/dedupe/reprint",
    "duplicates": "item_dropped_reasons_count/Duplicate",
    "missing": "fengxiang/read/missing",
    "quarantined": "fengxiang/read/quarantined",
}


def judge(crawler: Crawler, error: str = "") -> dict[str, Any]:
    """Return outcome, reason and counts of one source; Scrapy itself calls every crawl a success."""
    stats = crawler.stats.get_stats() if crawler.stats else {}
    counts = {name: int(stats.get(key, 0)) for name, key in COUNTED.items() if stats.get(key)}
    problems = list(getattr(crawler.spider, "problems", ()))
    reason = error or "; ".join(problems[:3]) or None
    return {"outcome": "failed" if reason else "ok", "reason": reason, "counts": counts}


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""
