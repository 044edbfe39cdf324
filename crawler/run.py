"""One scheduled pass: crawl what is due, deliver the outbox, export, and say by the exit code how it went.

Heavy libraries are imported once there is something to do: cron starts this often.
"""

import hashlib
import logging
import platform
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.alerts import (
    Audience,
    Channels,
    Delivery,
    deliver,
    heartbeats_due,
    load_audience,
    load_channels,
    load_subscribers,
)
from crawler.config import Config
from crawler.depth import SWEEP, Depth, last_turn, reaching_back
from crawler.desk.client import needs_desk, shared_desk
from crawler.errors import UsageError
from crawler.lock import run_lock
from crawler.schedule import Schedule
from crawler.sources import Source, catalogue_of
from crawler.store import Selection, Store, shared_store
from crawler.tomlfile import FileError

if TYPE_CHECKING:
    from crawler.topics import Topics

logger = logging.getLogger("fengxiang.run")
TRIAL = "sqlite://"  # a store in memory


@dataclass(slots=True, frozen=True, kw_only=True)
class Options:
    """What a run is asked to do; with nothing named it reads the sources that are due."""

    sources: tuple[str, ...] = ()  # read these, due or not
    region: str | None = None
    kind: str | None = None
    everything: bool = False  # due or not
    dry_run: bool = False  # keep nothing, mark nothing as seen, tell nobody
    since: date | None = None  # read past known articles back to this day, due or not
    pages: int | None = None  # with `since`: list pages with something new that are read of a list


@dataclass(slots=True)
class Result:
    """What a run did."""

    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)  # source: {"outcome", "reason", "counts"}
    unread: list[str] = field(default_factory=list)  # due, but the time was over
    stopped: bool = False  # by a signal
    delivery: Delivery = field(default_factory=Delivery)
    broken: list[FileError] = field(default_factory=list)  # source files
    slow_topics: list[str] = field(default_factory=list)  # switched off in this run

    @property
    def failed(self) -> list[str]:
        """Sources that were not read as they should be."""
        return [source for source, outcome in self.outcomes.items() if outcome["outcome"] != "ok"]

    @property
    def exit_code(self) -> int:
        """0 if all went well, else 1."""
        troubles = (self.failed, self.unread, self.stopped, self.delivery.failed, self.broken, self.slow_topics)
        return int(any(troubles))


def run(config: Config, options: Options) -> Result:
    """Do one pass. Raises FengxiangError, whose exit code tells why, when it could not begin."""
    if options.dry_run:
        return _pass(config, options, TRIAL)
    with run_lock(config.run.lock_file):
        return _pass(config, options, config.store.url)


def _pass(config: Config, options: Options, store_url: str) -> Result:
    catalogue = catalogue_of(config.sources)
    for error in catalogue.errors:
        logger.error("%s", error)
    result = Result(broken=catalogue.errors)
    store = shared_store(store_url)
    began = datetime.now(UTC)
    sources = chosen(catalogue.sources, options, store, began)
    subscribers = load_subscribers(config.alerts.subscribers_file)
    if not sources and not store.has_due(began) and not heartbeats_due(store, subscribers, began):
        _measure(config, options, store, catalogue.sources)
        return result
    store.require_room()
    store.require_soundness(began)
    if needs_desk(store, len(sources)):
        shared_desk(store_url).begin()
    from crawler.topics import shared_topics

    topics = shared_topics(config.topics.folders, config.topics.shipped)
    channels = Channels() if options.dry_run else load_channels(config.alerts.channels_file)
    routes = {} if options.dry_run else routes_of(topics, channels)
    known: dict[str, Any] = {
        "topics": [topic.id for topic in topics],
        "sources": None if catalogue.errors else catalogue.sources,
    }
    audience = None if options.dry_run else load_audience(config.alerts, channels, **known)
    run_id = store.begin_run(_manifest(config, topics, sources), began)
    if sources:
        from crawler.crawl import crawl

        depths = depths_of(config, options, store, sources, began)
        if options.since:
            sources = [reaching_back(source, options.since, config.backfill.articles, began) for source in sources]
        crawled = crawl(config, store_url, routes, sources, run_id, depths=depths)
        result.outcomes, result.unread, result.stopped = crawled.outcomes, crawled.unread, crawled.stopped
        result.slow_topics = list(topics.disabled)
    if audience is not None:
        _judge(store, catalogue.sources, result, began, channels, audience)
    if not result.stopped and not options.dry_run:
        result.delivery = deliver(store, channels, {topic.id: topic.name for topic in topics}, audience=audience)
        if config.export.file:
            _export(store, config.export.file, run_id)
    if not options.dry_run:
        _retain(config, store, result.outcomes, began)
    store.end_run(run_id, result.exit_code, datetime.now(UTC))
    _measure(config, options, store, catalogue.sources)
    return result


def _measure(config: Config, options: Options, store: Store, sources: dict[str, Source]) -> None:
    if config.health.prometheus_file and not options.dry_run:
        from crawler.health.figures import report
        from crawler.health.prometheus import write_metrics

        write_metrics(report(store, sources, datetime.now(UTC)), config.health.prometheus_file)


def _retain(config: Config, store: Store, read: Collection[str], began: datetime) -> None:
    """Let go what is old, as little at a time as a run brings."""
    if config.store.keep_bodies:
        store.empty_bodies(began - config.store.keep_bodies)
    if config.store.keep_readings:
        store.drop_readings(began - config.store.keep_readings, read)


def _export(store: Store, file: Path, run_id: int) -> None:
    from crawler.export import ExportError, export_articles, format_of

    try:
        export_articles(store, file, selection=Selection(), file_format=format_of(file))
    except ExportError:
        store.end_run(run_id, ExportError.exit_code, datetime.now(UTC))
        raise


def _judge(
    store: Store, sources: dict[str, Source], result: Result, began: datetime, channels: Channels, audience: Audience
) -> None:
    from crawler.health import judge, tell_day

    judge(store, sources, result.outcomes, began, channels, audience)
    tell_day(store, sources, channels, audience, datetime.now(UTC))


def routes_of(topics: "Topics", channels: Channels) -> dict[str, tuple[str, ...]]:
    """Return for each topic the channels that hear of it: those its file names, else all."""
    for topic in topics:
        for name in topic.channels:
            if name not in channels:
                raise UsageError(f"{topic.path}: key 'channels': no channel '{name}' in the channels file; add it")
    return {topic.id: tuple(topic.channels or channels) for topic in topics}


def named(sources: dict[str, Source], name: str) -> Source:
    """Return a source by its id, or raise UsageError with the nearest one."""
    if name not in sources:
        near = get_close_matches(name, sources, n=1)
        raise UsageError(f"no source '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
    return sources[name]


def _must_be(what: str, wanted: str | None, there: Collection[str | None]) -> None:
    """Raise UsageError for a word that no source has: a slip would be a run that reads nothing and says nothing."""
    if wanted is not None and wanted not in there:
        known = sorted(filter(None, there))
        near = get_close_matches(wanted, known, n=1, cutoff=0.5)
        raise UsageError(
            f"no source of {what} '{wanted}'; " + (f"did you mean '{near[0]}'?" if near else ", ".join(known))
        )


def chosen(sources: dict[str, Source], options: Options, store: Store, now: datetime) -> list[Source]:
    """Return the sources that this run reads."""
    if options.sources:
        return [named(sources, name) for name in dict.fromkeys(options.sources)]
    _must_be("region", options.region, {source.region for source in sources.values()})
    _must_be("kind", options.kind, {source.kind for source in sources.values()})
    schedule = Schedule(sources, store.pasts())
    due = [
        source
        for source in sources.values()
        if source.enabled
        and options.region in {None, source.region}
        and options.kind in {None, source.kind}
        and (options.everything or options.since or schedule.is_due(source, now))
    ]
    # Where the time is too short for all, the next run goes on with those that waited longest.
    return sorted(due, key=schedule.last)


def depths_of(
    config: Config, options: Options, store: Store, sources: Sequence[Source], now: datetime
) -> dict[str, Depth]:
    """Return how deep those sources are read that are not read as usual."""
    if options.since:
        depth = Depth(past_known=True, since=options.since, pages=options.pages or config.backfill.pages)
        return {source.id: depth for source in sources}
    if not config.crawl.monthly_sweep:
        return {}
    return {source.id: SWEEP for source in sources if not store.swept_since(source.id, last_turn(source.id, now))}


def _manifest(config: Config, topics: "Topics", sources: Sequence[Source]) -> dict[str, Any]:
    return {
        "versions": {name: version(name) for name in ("fengxiang", "scrapy", "apprise", "selectolax", "opencc")},
        "python": platform.python_version(),
        "config": config.digest(),
        "topics": {topic.id: hashlib.sha256(topic.path.read_bytes()).hexdigest()[:12] for topic in topics},
        "sources": [source.id for source in sources],
    }
