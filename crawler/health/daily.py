"""The day in one line, once a day, for the channels that are marked `operator`."""

from collections.abc import Mapping
from datetime import datetime, time

from crawler.alerts import Audience, Channels
from crawler.dates import CST
from crawler.health.figures import Report, report
from crawler.health.notices import drafts_of, key_of_part
from crawler.sources import Source
from crawler.store import Store

DUE = time(8)  # Beijing time; the first run after it tells
NAMED = 10  # sources named at the most


def tell_day(
    store: Store, sources: Mapping[str, Source], channels: Channels, audience: Audience, now: datetime
) -> None:
    """Queue the line where it is due and not there yet."""
    local = now.astimezone(CST)
    about = ("daily", f"{local:%Y-%m-%d}")
    marked = [channel for channel in channels.values() if channel.operator]
    waiting = [channel for channel in marked if not store.has_message(key_of_part(channel.name, about, 1))]
    if local.time() < DUE or not waiting:
        return
    line = chinese(report(store, sources, now))
    title = f"采集日报 {local:%m-%d}"
    drafts = [draft for one in waiting for draft in drafts_of(one, audience.templates, title, [line], *about)]
    store.queue_messages(drafts, now)


def chinese(found: Report) -> str:
    """Return the day in one line, with the sources that are down or late."""
    line = f"检查了 {found.checked} 个来源，{found.late} 个比自身规律偏晚，{found.fresh_gaps} 处缺口。"
    for what, rows in (
        ("故障", [row for row in found.sources if row["state"] == "down"]),
        ("偏晚", [row for row in found.sources if row["late"]]),
    ):
        if rows:
            rest = f"等 {len(rows)} 个" if len(rows) > NAMED else ""
            line += f"{what}：{'、'.join(row['name'] for row in rows[:NAMED])}{rest}。"
    return line
