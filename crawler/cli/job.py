"""The job: settings, runs, checks and the demo."""

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli.common import read_config
from crawler.errors import FengxiangError, UsageError

LIBRARIES = {"scrapy", "twisted", "asyncio", "apprise", "alembic", "urllib3"}
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

app = typer.Typer()


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to put the files.")] = Path()) -> None:
    """Write a commented settings file and a channels file, without touching files that are there."""
    from crawler.alerts.channels import TEMPLATE as CHANNELS
    from crawler.alerts.subscribers import TEMPLATE as SUBSCRIBERS
    from crawler.config import FILE_NAME, TEMPLATE

    folder.mkdir(parents=True, exist_ok=True)
    files = ((FILE_NAME, TEMPLATE, 0o644), ("channels.yaml", CHANNELS, 0o600), ("subscribers.toml", SUBSCRIBERS, 0o644))
    for name, text, mode in files:
        path = folder / name
        if path.exists():
            print(f"{path} is there already: left as it is")
            continue
        path.touch(mode)
        path.write_text(text, "utf-8")
        print(f"wrote {path}")


@app.command()
def run(
    source: Annotated[list[str] | None, typer.Option(help="Read this source, due or not; may be repeated.")] = None,
    region: Annotated[str | None, typer.Option(help="Only sources of this province, such as 甘肃.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only sources of this kind, such as daily.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Read sources that are not due, too.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Keep nothing, mark nothing as seen, tell nobody.")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Fill the archive back to this day; see --pages.")
    ] = None,
    pages: Annotated[
        int | None, typer.Option(min=1, max=1000, help="With --since: list pages with something new, of each list.")
    ] = None,
) -> None:
    """Read the sources that are due, store and flag their articles, deliver alerts. Safe to start every ten minutes.

    Exit codes: 0 all well, 1 something failed, 2 usage or configuration, 3 another run is going on.
    """
    from crawler.run import Options
    from crawler.run import run as run_once

    if pages and not since:
        raise UsageError("--pages says how far --since reads; name a day with --since, too")
    config = read_config()
    _log_to(config.run.log_file)
    options = Options(
        sources=tuple(source or ()),
        region=region,
        kind=kind,
        everything=everything,
        dry_run=dry_run,
        since=since and since.date(),
        pages=pages,
    )
    result = run_once(config, options)
    saved, untold = (
        sum(outcome["counts"].get(name, 0) for outcome in result.outcomes.values()) for name in ("saved", "untold")
    )
    print(
        f"{len(result.outcomes)} sources read, {saved} new articles, {result.delivery.sent.total()} alerts sent"
        + (f"; failed: {', '.join(result.failed)}" if result.failed else "")
        + (f"; not read: {', '.join(result.unread)}" if result.unread else "")
        + ("; stopped by a signal" if result.stopped else "")
        + (f"; {len(result.broken)} broken source files" if result.broken else "")
        + (f"; topics switched off: {', '.join(result.slow_topics)}" if result.slow_topics else "")
        + (f"; {untold} flagged ones are old: counted, not sent" if untold else "")
        + (f"; alerts not accepted by: {', '.join(result.delivery.failed)}" if result.delivery.failed else "")
    )
    for name, outcome in result.outcomes.items():
        for stopped in outcome.get("unfinished", ()):
            print(f"{name} stopped at {stopped}; the same command goes on from there")
    raise typer.Exit(result.exit_code)


def _log_to(file: Path | None) -> None:
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    handler.addFilter(_is_wanted)
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, handlers=[handler])


def _is_wanted(record: logging.LogRecord) -> bool:
    """Keep the libraries quiet, late since Scrapy turns its own loggers up; and say an error of ours in one line."""
    if record.exc_info and isinstance(error := record.exc_info[1], FengxiangError):
        record.msg, record.args, record.exc_info = "%s", (error,), None
    return record.levelno >= logging.WARNING or record.name.split(".")[0] not in LIBRARIES


@app.command()
def check() -> None:
    """Check settings, sources, topics, channels and the store without fetching or sending anything."""
    from crawler.alerts import load_audience, load_channels
    from crawler.loader import SourceLoader
    from crawler.run import routes_of
    from crawler.store import Store
    from crawler.topics import shared_topics

    config = read_config()
    loader = SourceLoader(config)
    topics = shared_topics(config.topics.folders, config.topics.shipped)
    channels = load_channels(config.alerts.channels_file)
    routes_of(topics, channels)
    known: dict[str, Any] = {"topics": [topic.id for topic in topics]}
    known["sources"] = None if loader.errors else loader.sources
    audience = load_audience(config.alerts, channels, **known)
    Store(config.store.url).close()
    for error in loader.errors:
        print(f"fengxiang: {error}", file=sys.stderr)
    readers = len(audience.subscribers.subscriber)
    print(f"{len(loader.sources)} sources, {len(topics)} topics, {len(channels)} channels, {readers} subscribers")
    raise typer.Exit(2 if loader.errors else 0)


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Option(help="Where to leave store and export; a new one by default.")] = None,
) -> None:
    """Run the main job twice on the bundled sample web: no internet, no keys. Needs the extra `demo`."""
    from crawler.sample.demo import run_demo

    raise typer.Exit(run_demo(folder))
