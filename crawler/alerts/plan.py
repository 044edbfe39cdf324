"""From due alerts to messages: alone while they are few, else a digest by topic and region; a first run is one message.

A message is rendered once and kept, so that every retry sends the same under the same key.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from crawler.alerts.audience import Audience
from crawler.alerts.channels import Channel
from crawler.alerts.items import NOWHERE, Item, item_of, shortened
from crawler.alerts.neutral import neutral
from crawler.alerts.quota import within_quota
from crawler.alerts.render import Templates
from crawler.alerts.split import Block, Part, numbered, split
from crawler.alerts.subscribers import Subscribers
from crawler.dates import CST
from crawler.store import Draft, Store

NAME = "风向"  # stands in every title: chat robots can be told to take only messages with a keyword
FEW = 3  # stories that are told one by one when they come at the same time
MANY = 20  # stories of an archive from which on they are counted, not listed
NEWEST = 10  # of those are listed nevertheless
SECTIONS = 20  # lines of counts
TITLES = {
    "first": "首次运行",
    "now": "新消息",
    "held": "静默时段的消息",
    "morning": "晨报",
    "weekly": "周报",
    "archive": "旧文",
}


@dataclass(slots=True, frozen=True, kw_only=True)
class Desk:
    """What messages are made with."""

    store: Store
    audience: Audience
    names: Mapping[str, str]  # topics by id

    @property
    def subscribers(self) -> Subscribers:
        """Return who hears what."""
        return self.audience.subscribers

    @property
    def templates(self) -> Templates:
        """Return the words of messages."""
        return self.audience.templates


def plan_channel(desk: Desk, channel: Channel, alerts: Sequence[Any], now: datetime) -> int:
    """Put the due alerts of a channel into messages, in one transaction; return how many messages."""
    fresh = [alert for alert in alerts if alert["state"] == "queued"]
    returning = [alert["id"] for alert in alerts if alert["state"] == "over"]
    first = not desk.store.has_told(channel.name)
    whole = first and _stories(fresh) > FEW  # an archive is one message, whatever the quota
    told, counted, over = within_quota(
        desk.store, Subscribers() if whole else desk.subscribers, channel.name, fresh, now
    )
    groups = [("first", told)] if whole else _by_cadence(told)
    drafts: list[Draft] = []
    for cadence, group in groups:
        if cadence in {"first", "archive"} and _stories(group) > MANY:
            drafts.append(_baseline(desk, channel, TITLES[cadence], group))
        elif cadence == "now" and _stories(group) <= FEW:
            drafts += [_alone(desk, channel, rows) for rows in _by_story(group)]
        else:
            drafts += _digest(desk, channel, TITLES[cadence], group, now)
    drafts = _with_tail(desk, channel, drafts, [*returning, *counted])
    return desk.store.queue_messages(drafts, now, over)


def heartbeat(desk: Desk, channel: Channel, name: str, slot: datetime, now: datetime) -> int:
    """Queue the brief that says that there is nothing to tell; return 1 if it was not there yet."""
    line = desk.templates.line("没有新消息；监测在正常运行。", channel.vendor.format)
    title = f"【{NAME}】{TITLES['morning']} {slot.astimezone(CST):%m-%d}"
    draft = Draft(
        key=heartbeat_key(channel.name, name, slot),
        channel=channel.name,
        kind="heartbeat",
        title=title,
        body=line,
        format=channel.vendor.format,
        detail=f"heartbeat for {name}",
    )
    return desk.store.queue_messages([draft], now)


def heartbeat_key(channel: str, name: str, slot: datetime) -> str:
    """Return the key of a subscriber's empty brief for a moment."""
    return key_of("heartbeat", channel, name, slot.isoformat())


def notice(desk: Desk, channel: Channel, text: str, *about: str) -> Draft:
    """Return a word to the operator. `about` makes its key: the same trouble is told once."""
    form = channel.vendor.format
    return Draft(
        key=key_of("operator", channel.name, *about),
        channel=channel.name,
        kind="operator",
        title=f"【{NAME}】通道故障",
        body=desk.templates.line(text, form),
        format=form,
        detail=f"word to the operator about {about[0]}",
    )


def key_of(*parts: object) -> str:
    """Return the key that stands for a message, always the same for the same parts."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _stories(alerts: Iterable[Any]) -> int:
    return len({alert["story_id"] for alert in alerts})


def _by_story(alerts: Iterable[Any]) -> list[list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for alert in alerts:
        found[alert["story_id"]].append(alert)
    return list(found.values())


def _by_cadence(alerts: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Return the groups that make one digest each. A story that is in two is told in the first."""
    found: dict[str, list[Any]] = defaultdict(list)
    home: dict[int, str] = {}
    for alert in alerts:
        found[home.setdefault(alert["story_id"], alert["cadence"])].append(alert)
    return list(found.items())


def _alone(desk: Desk, channel: Channel, rows: Sequence[Any]) -> Draft:
    item = item_of(rows, desk.store.story_members(rows[0]["story_id"]), desk.names)
    mark = "【紧急】" if item.urgent else "【更新】" if item.added else ""
    whole = f"{mark}【{NAME}·{item.topics}】{item.title}"
    title = shortened(whole, channel.vendor.title_limit)
    block = _block(desk, channel, item, section=False, titled=title != whole)
    (part,) = split(neutral(title, _title_form(channel)), [block], channel.vendor)
    return _draft(channel, "alert", part, item.alerts, detail=f"alone, for {channel.vendor.label}")


def _digest(desk: Desk, channel: Channel, name: str, alerts: Sequence[Any], now: datetime) -> list[Draft]:
    items = [item_of(rows, desk.store.story_members(rows[0]["story_id"]), desk.names) for rows in _by_story(alerts)]
    items.sort(key=lambda item: (item.topics, item.region == NOWHERE, item.region, item.when))
    blocks = [_block(desk, channel, item, section=True, titled=True) for item in items]
    parts = split(_title(channel, f"{name} {now.astimezone(CST):%m-%d}：{len(items)} 条"), blocks, channel.vendor)
    return [
        _draft(channel, "digest", part, part.alerts, detail=f"{name} of {len(items)}, part {number}/{len(parts)}")
        for number, part in enumerate(parts, 1)
    ]


def _baseline(desk: Desk, channel: Channel, name: str, alerts: Sequence[Any]) -> Draft:
    """Return the one message that stands for an archive: counts, the newest, and how many more there are."""
    stories = sorted(_by_story(alerts), key=_appeared, reverse=True)
    counts = Counter((desk.names.get(a["topic"], a["topic"]), a["region"] or NOWHERE) for a in alerts)
    lines = [f"{topic} · {region}：{count} 条" for (topic, region), count in counts.most_common(SECTIONS)]
    form, link = channel.vendor.format, desk.audience.archive_url
    title = _title(channel, f"{name}：已存 {len(stories)} 条")
    summary = Block("", (lambda: "\n".join(desk.templates.line(line, form) for line in lines),))
    for listed in (NEWEST, 3, 1, 0):
        newest = stories[:listed]
        items = [item_of(rows, desk.store.story_members(rows[0]["story_id"]), desk.names) for rows in newest]
        blocks = [summary, *(_block(desk, channel, item, section=False, titled=True) for item in items)]
        rest = len(stories) - listed
        parts = split(title, blocks, channel.vendor, tail=desk.templates.more(rest, link, form) if rest else "")
        if len(parts) == 1:
            break
    counted = tuple(alert["id"] for rows in stories[listed:] for alert in rows)
    detail = f"one message for {len(stories)} stories, {listed} of them listed"
    return _draft(channel, "baseline", parts[0], parts[0].alerts, detail=detail, counted=counted)


def _appeared(rows: Sequence[Any]) -> datetime:
    """Return when a story came, by what its page says unless that lies in the future."""
    fetched: datetime = rows[0]["fetched_at"]
    return min(rows[0]["publish_time"] or fetched, fetched)


def _with_tail(desk: Desk, channel: Channel, drafts: list[Draft], counted: Sequence[int]) -> list[Draft]:
    """Return the drafts with 'and 14 more' as a last message of its own line, if any are only counted."""
    if not counted:
        return drafts
    more = desk.templates.more(len(counted), desk.audience.archive_url, channel.vendor.format)
    part = Part(_title(channel, f"已达每日上限，另有 {len(counted)} 条"), more, ())
    detail = f"{len(counted)} more than the quota"
    return [*drafts, _draft(channel, "quota", part, (), detail=detail, counted=tuple(counted))]


def _block(desk: Desk, channel: Channel, item: Item, *, section: bool, titled: bool) -> Block:
    """Return an item that is never divided, with shorter and shorter ways to say it."""
    form = channel.vendor.format
    heading = desk.templates.section(f"{item.topics} · {item.region}", form) if section else ""
    shorter = (
        item,
        replace(item, quotes=item.quotes[:1], added=item.added[:1]),
        replace(item, quotes=(), added=()),
        replace(item, quotes=(), added=(), title=shortened(item.title, 40), topics=shortened(item.topics, 40), url=""),
    )
    variants = tuple(partial(desk.templates.item, one, form, titled=titled) for one in shorter)
    return Block(heading, variants, item.alerts)


def _title(channel: Channel, text: str) -> str:
    longest = channel.vendor.title_limit - len(numbered("", 88, 88))
    return neutral(shortened(f"【{NAME}】{text}", longest), _title_form(channel))


def _title_form(channel: Channel) -> str:
    return "markdown" if channel.vendor.format == "markdown" else "text"


def _draft(
    channel: Channel, kind: str, part: Part, alerts: tuple[int, ...], *, detail: str, counted: tuple[int, ...] = ()
) -> Draft:
    return Draft(
        key=key_of(channel.name, kind, part.title, *alerts, "+", *counted),
        channel=channel.name,
        kind=kind,
        title=part.title,
        body=part.body,
        format=channel.vendor.format,
        alerts=alerts,
        counted=counted,
        detail=detail,
    )
