"""Is everything that a run needs in order? Looks at the machine and the files; fetches nothing and sends nothing."""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import make_url

from crawler.alerts import Channels, load_audience, load_channels
from crawler.config import Config
from crawler.dates import CST
from crawler.errors import FengxiangError
from crawler.schedule import Schedule
from crawler.sources import Catalogue, Source, catalogue_of
from crawler.store import Store
from crawler.topics import Topics, shared_topics

Verdict = Literal["ok", "warn", "fail"]
LEAST_FREE, LITTLE_FREE = 200 * 2**20, 2 * 2**30  # bytes: nothing can be kept; soon nothing can
SILENT = timedelta(days=1)  # without a run
SLACK = timedelta(minutes=5)  # that a clock may go wrong
SHOWN = 5  # sources that are due next


@dataclass(slots=True, frozen=True)
class Finding:
    """What one look found. `text` names the remedy where one is needed."""

    what: str
    verdict: Verdict
    text: str


def examine(
    config: Config, now: datetime, routes: Callable[[Topics, Channels], object], browsers: Iterable[str] = ()
) -> Iterator[Finding]:
    """Yield a finding for each thing that a run needs.

    routes: checks that topics name channels that exist; browsers: names that a browser may have on the PATH. A broken
    thing does not keep the others from being looked at.
    """
    catalogue = catalogue_of(config.sources)
    yield from _guarded("sources", lambda: _sources(catalogue))
    yield from _guarded("topics", lambda: _topics(config, routes))
    yield from _guarded("channels", lambda: _channels(config, catalogue))
    store: list[Store] = []
    yield from _guarded("store", lambda: _store(config, store))
    yield from _disk(config)
    yield _time_zone()
    if store:
        yield _clock(store[0], now)
        yield _job(store[0], now)
        yield from _delivery(store[0])
        yield _next_due(store[0], catalogue.sources, now)
        store[0].close()
    yield _browser(config, catalogue.sources, browsers)


def _guarded(what: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except FengxiangError as error:
        return [Finding(what, "fail", str(error))]


def _sources(catalogue: Catalogue) -> list[Finding]:
    broken = [Finding("sources", "fail", str(error)) for error in catalogue.errors]
    on = sum(source.enabled for source in catalogue.sources.values())
    verdict: Verdict = "ok" if on else "warn"
    return [*broken, Finding("sources", verdict, f"{len(catalogue.sources)}, of which {on} are on")]


def _topics(config: Config, routes: Callable[[Topics, Channels], object]) -> list[Finding]:
    topics = shared_topics(config.topics.folders, config.topics.shipped)
    routes(topics, load_channels(config.alerts.channels_file))
    return [Finding("topics", "ok", str(len(topics)))]


def _channels(config: Config, catalogue: Catalogue) -> list[Finding]:
    channels = load_channels(config.alerts.channels_file)
    topics = [topic.id for topic in shared_topics(config.topics.folders, config.topics.shipped)]
    sources = None if catalogue.errors else catalogue.sources
    load_audience(config.alerts, channels, topics=topics, sources=sources)
    if not channels:
        return [Finding("channels", "warn", f"none in {config.alerts.channels_file}: nobody is alerted")]
    operators = ", ".join(channels.operators(""))
    found = [Finding("channels", "ok", f"{len(channels)}; troubles are told to {operators}; nothing was sent")]
    mode = config.alerts.channels_file.stat().st_mode & 0o077
    if mode and os.name == "posix":
        text = f"{config.alerts.channels_file} holds secrets and others can read it: chmod 600 it"
        found.append(Finding("channels", "warn", text))
    return found


def _store(config: Config, opened: list[Store]) -> list[Finding]:
    store = Store(config.store.url)
    opened.append(store)
    with store.writing():  # begins a transaction as a run does; fails where nothing can be written
        pass
    return [Finding("store", "ok", f"{store.url}, {store.totals()['articles']} articles")]


def _disk(config: Config) -> Iterator[Finding]:
    url = make_url(config.store.url)
    paths = [config.run.lock_file.parent]
    if url.get_backend_name() == "sqlite" and url.database:
        paths.append(Path(url.database).parent)
    if config.export.file:
        paths.append(config.export.file.parent)
    for folder in dict.fromkeys(_existing(path) for path in paths):
        free = shutil.disk_usage(folder).free
        verdict: Verdict = "fail" if free < LEAST_FREE else "warn" if free < LITTLE_FREE else "ok"
        remedy = ": free some space" if verdict != "ok" else ""
        if not os.access(folder, os.W_OK):
            verdict, remedy = "fail", ": not writable, check its owner"
        yield Finding("disk", verdict, f"{folder} has {free / 2**30:.1f} GiB free{remedy}")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _time_zone() -> Finding:
    hours = -(time.altzone if time.localtime().tm_isdst > 0 else time.timezone) / 3600
    text = f"the machine's is {time.strftime('%Z')} (UTC{hours:+g})"
    if hours == 8:
        return Finding("time zone", "ok", text)
    return Finding(
        "time zone", "warn", f"{text}: Fengxiang goes by Beijing time all the same, but cron by the machine's"
    )


def _clock(store: Store, now: datetime) -> Finding:
    moments = [past.began for past in store.pasts().values()]
    newest = max(moments, default=now)
    when = f"{now.astimezone(CST):%Y-%m-%d %H:%M} in Beijing"
    if newest - now > SLACK:
        text = f"{when}, but a source was read at {newest.astimezone(CST):%Y-%m-%d %H:%M}: set the clock, keep NTP on"
        return Finding("clock", "fail", text)
    return Finding("clock", "ok", when)


def _job(store: Store, now: datetime) -> Finding:
    last = store.last_run()
    if last is None:
        return Finding("runs", "warn", "none has ended yet: see docs/operation.md for cron")
    began: datetime = last["started_at"]
    text = f"the last began {began.astimezone(CST):%m-%d %H:%M} and ended with exit code {last['exit_code']}"
    if now - began > SILENT:
        return Finding("runs", "fail", f"{text}; none since: does cron start us?")
    return Finding("runs", "warn" if last["exit_code"] else "ok", text)


def _delivery(store: Store) -> Iterator[Finding]:
    counts = store.message_counts()
    for state, remedy in (("queued", "they leave with the next run"), ("dead", "see `fengxiang alerts retry`")):
        waiting = {channel: count for (channel, of), count in counts.items() if of == state}
        if waiting:
            text = ", ".join(f"{count} for {channel}" for channel, count in sorted(waiting.items()))
            yield Finding("messages", "warn", f"{state}: {text}; {remedy}")


def _browser(config: Config, sources: Mapping[str, Source], names: Iterable[str]) -> Finding:
    rendered = [source.id for source in sources.values() if source.enabled and source.render]
    if not rendered:
        return Finding("browser", "ok", "not needed: no source is read with one")
    path = config.crawl.browser or next(filter(None, map(shutil.which, names)), None)
    if path and Path(path).exists():
        return Finding("browser", "ok", str(path))
    remedy = "apt-get install chromium, or see [crawl] browser"
    text = f"{path or 'none on the PATH'}: {len(rendered)} sources need one; {remedy}"
    return Finding("browser", "fail" if path else "warn", text)  # Playwright may have one of its own


def _next_due(store: Store, sources: Mapping[str, Source], now: datetime) -> Finding:
    schedule = Schedule(sources, store.pasts())
    due = [(schedule.due(source, now), source.id) for source in sources.values() if source.enabled]
    later = sorted(pair for pair in due if pair[0] > now)
    text = ", ".join(f"{name} {moment.astimezone(CST):%m-%d %H:%M}" for moment, name in later[:SHOWN])
    return Finding("next due", "ok", f"{len(due) - len(later)} now" + (f"; then {text}" if text else ""))
