"""Channels and what became of alerts."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from crawler.cli.common import read_config
from crawler.errors import UsageError

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command("test")
def test(channel: Annotated[str, typer.Argument(help="Name of the channel: its tag in the file.")]) -> None:
    """Send a test message through one channel."""
    from crawler.alerts import load_channels

    config = read_config()
    channels = load_channels(config.alerts.channels_file)
    if channel not in channels:
        known = f"known: {', '.join(channels)}" if channels else "the file has none yet"
        raise UsageError(f"{config.alerts.channels_file}: no channel '{channel}'; {known}")
    words = channels.send(channel, "【风向】测试", "这是一条测试消息：通道可用。")
    print(f"{channel} accepted the message: {words}")


@app.command("ledger")
def ledger(
    story: Annotated[int | None, typer.Option(help="Only this story.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
) -> None:
    """Print what became of alerts."""
    from crawler.dates import CST
    from crawler.store import Store

    for entry in Store(read_config().store.url).ledger(story_id=story, channel=channel):
        when = entry["at"].astimezone(CST).isoformat(timespec="seconds")
        about = f"story {entry['story_id']} {entry['topic']}" if entry["story_id"] else "operator"
        place = f"{about} {entry['channel']}"
        print(f"{when}  {place}  {entry['event']} {entry['detail']}".rstrip())


@app.command()
def retry(
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    to: Annotated[str | None, typer.Option(help="Through this channel instead; with --channel.")] = None,
) -> None:
    """Queue once more what was given up; the next run sends it."""
    from crawler.alerts import load_channels
    from crawler.store import Store

    config = read_config()
    if to is not None:
        channels = load_channels(config.alerts.channels_file)
        if channel is None or to not in channels or to == channel:
            raise UsageError(f"--to takes another channel than --channel; known: {', '.join(channels) or 'none'}")
        count = Store(config.store.url).move_messages(channel, to, datetime.now(UTC), dead=True)
        print(f"{count} alerts go to {to}")
        return
    count = Store(config.store.url).revive_messages(datetime.now(UTC), channel)
    print(f"{count} messages queued again")
