"""The command `fengxiang`. Thin: each command calls one function of the house and prints what it gave."""

import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler import __version__
from crawler.errors import FengxiangError, UsageError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
alerts_app = typer.Typer(no_args_is_help=True, help="Channels and what became of alerts.")
app.add_typer(alerts_app, name="alerts")
LIBRARIES = {"scrapy", "twisted", "asyncio", "apprise", "alembic", "urllib3"}
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

Config = Annotated[Path | None, typer.Option("--config", "-c", help="The settings file; ./fengxiang.toml by default.")]


def main() -> None:
    """Run the command; errors of ours become one line on standard error and their exit code."""
    try:
        app()
    except FengxiangError as error:
        sys.exit(_complain(error))
    except BrokenPipeError:  # `fengxiang export | head`
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        sys.exit(0)


def _complain(error: FengxiangError) -> int:
    print(f"fengxiang: {error}", file=sys.stderr)
    return error.exit_code


def _config() -> Any:
    from crawler.settings import read_config

    return read_config()


@app.callback(invoke_without_command=True)
def _options(
    config: Config = None, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        print(f"fengxiang {__version__}")
        raise typer.Exit
    if config:
        if not config.is_file():
            raise UsageError(f"{config}: no such settings file; `fengxiang init` writes one")
        os.environ["FENGXIANG_CONFIG"] = str(config)  # where the settings module, which Scrapy imports by name, looks


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
) -> None:
    """Read the sources that are due, store and flag their articles, deliver alerts. Safe to start every ten minutes.

    Exit codes: 0 all well, 1 something failed, 2 usage or configuration, 3 another run is going on.
    """
    from crawler.run import Options
    from crawler.run import run as run_once

    config = _config()
    _log_to(config.run.log_file)
    options = Options(sources=tuple(source or ()), region=region, kind=kind, everything=everything, dry_run=dry_run)
    result = run_once(config, options)
    saved = sum(outcome["counts"].get("saved", 0) for outcome in result.outcomes.values())
    print(
        f"{len(result.outcomes)} sources read, {saved} new articles, {result.delivery.sent.total()} alerts sent"
        + (f"; failed: {', '.join(result.failed)}" if result.failed else "")
        + (f"; not read: {', '.join(result.unread)}" if result.unread else "")
        + (f"; alerts not accepted by: {', '.join(result.delivery.failed)}" if result.delivery.failed else "")
    )
    raise typer.Exit(result.exit_code)


def _log_to(file: Path | None) -> None:
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    # Scrapy turns its own loggers up when it starts, so the libraries are kept quiet here.
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.split(".")[0] not in LIBRARIES)
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, handlers=[handler])


@app.command()
def extract(
    file: Annotated[Path, typer.Argument(help="A saved page.", exists=True, dir_okay=False)],
    url: Annotated[str, typer.Option(help="The address that it was saved from.")],
) -> None:
    """Print title, time, source, text and topics of a saved page as one JSON object."""
    from dataclasses import asdict

    import orjson

    from crawler.extract import extract_article
    from crawler.text import clean
    from crawler.topics import shared_topics

    config = _config()
    found = extract_article(file.read_bytes(), url)
    title, body = clean(found.title), clean(found.body)
    topics = shared_topics(config.topics.folders, config.topics.shipped)
    record = asdict(found) | {
        "url": url,
        "title": title.text,
        "body": body.text,
        "source": found.source and clean(found.source).text,
        "author": found.author and clean(found.author).text,
        "section": found.section and clean(found.section).text,
        "text_form": body.form,
        "repairs": body.repairs,
        "topics": [asdict(flag) for flag in topics.match(title.text, body.text)],
    }
    sys.stdout.buffer.write(orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _moment(value: str | None) -> datetime | None:
    """Return the moment meant by "2026-11-01", "2026-11-01T08:00" or "7d"; Beijing time where no offset is given."""
    import re

    from dateutil import parser

    from crawler.dates import CST

    if value is None:
        return None
    if span := re.fullmatch(r"(\d+)([hd])", value):
        hours = int(span[1]) * (24 if span[2] == "d" else 1)
        return datetime.now(CST) - timedelta(hours=hours)
    try:
        moment = parser.isoparse(value)
    except ValueError:
        raise UsageError(f"'{value}' is no date; write 2026-11-01, 2026-11-01T08:00 or a span such as 7d") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CST)


@app.command()
def export(
    since: Annotated[str | None, typer.Option(help="Fetched at or after: 2026-11-01 or a span such as 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="Fetched before.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only stories flagged with this topic.")] = None,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    region: Annotated[str | None, typer.Option(help="Only sources of this province.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="The file; - for standard output.")] = "-",
    file_format: Annotated[str, typer.Option("--format", help="jsonl, jsonl.gz or csv.")] = "jsonl",
) -> None:
    """Hand stored articles out as JSONL or CSV."""
    from crawler.export import FORMATS, export_articles
    from crawler.store import Selection, Store

    if file_format not in FORMATS:
        raise UsageError(f"--format {file_format}: one of {', '.join(FORMATS)}")
    target = None if output == "-" else Path(output)
    if target is None and file_format == "jsonl.gz":
        raise UsageError("--format jsonl.gz needs a file: -o FILE")
    selection = Selection(since=_moment(since), until=_moment(until), topic=topic, source=source, region=region)
    count = export_articles(Store(_config().store.url), target, selection=selection, file_format=file_format)
    if target:
        print(f"{count} articles in {target}")


@app.command()
def sources() -> None:
    """List the sources and what is wrong with source files."""
    from crawler.loader import SourceLoader

    loader = SourceLoader(_config())
    for source in loader.sources.values():
        state = "on" if source.enabled else "off"
        checked = "verified" if source.verified else "not verified"
        print(f"{source.id}\t{state}\t{checked}\t{source.region or '全国'}\t{source.kind}\t{source.name}")
    for error in loader.errors:
        print(f"fengxiang: {error}", file=sys.stderr)
    raise typer.Exit(2 if loader.errors else 0)


@app.command()
def check() -> None:
    """Check settings, sources, topics, channels and the store without fetching or sending anything."""
    from crawler.alerts import load_audience, load_channels
    from crawler.loader import SourceLoader
    from crawler.run import routes_of
    from crawler.store import Store
    from crawler.topics import shared_topics

    config = _config()
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


@alerts_app.command("test")
def alerts_test(channel: Annotated[str, typer.Argument(help="Name of the channel: its tag in the file.")]) -> None:
    """Send a test message through one channel."""
    from crawler.alerts import load_channels

    config = _config()
    channels = load_channels(config.alerts.channels_file)
    if channel not in channels:
        known = f"known: {', '.join(channels)}" if channels else "the file has none yet"
        raise UsageError(f"{config.alerts.channels_file}: no channel '{channel}'; {known}")
    words = channels.send(channel, "【风向】测试", "这是一条测试消息：通道可用。")
    print(f"{channel} accepted the message: {words}")


@alerts_app.command("ledger")
def alerts_ledger(
    story: Annotated[int | None, typer.Option(help="Only this story.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
) -> None:
    """Print what became of alerts."""
    from crawler.dates import CST
    from crawler.store import Store

    for entry in Store(_config().store.url).ledger(story_id=story, channel=channel):
        when = entry["at"].astimezone(CST).isoformat(timespec="seconds")
        about = f"story {entry['story_id']} {entry['topic']}" if entry["story_id"] else "operator"
        place = f"{about} {entry['channel']}"
        print(f"{when}  {place}  {entry['event']} {entry['detail']}".rstrip())


@alerts_app.command("retry")
def alerts_retry(channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None) -> None:
    """Queue messages once more that were given up; the next run sends them."""
    from crawler.store import Store

    count = Store(_config().store.url).revive_messages(datetime.now(UTC), channel)
    print(f"{count} messages queued again")


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Option(help="Where to leave store and export; a new one by default.")] = None,
) -> None:
    """Run the main job twice on the bundled sample web: no internet, no keys. Needs the extra `demo`."""
    from crawler.sample.demo import run_demo

    raise typer.Exit(run_demo(folder))


if __name__ == "__main__":
    main()
