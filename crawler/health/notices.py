"""Words to the operator about sources: one message for a trouble and one for its end, many at once in one message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from crawler.alerts import Channels
from crawler.alerts.channels import Channel
from crawler.alerts.items import shortened
from crawler.alerts.neutral import neutral
from crawler.alerts.plan import FEW, NAME, key_of
from crawler.alerts.render import Templates
from crawler.alerts.split import Block, numbered, split
from crawler.dates import CST
from crawler.health.causes import CAUSES
from crawler.health.states import OURS, Change, Health
from crawler.store import Draft, Store

TITLES = {"down": "来源故障", "quiet": "来源久无更新", "recovered": "来源恢复", "gap": "采集缺口"}
LONGEST_REASON = 160  # characters


@dataclass(slots=True, frozen=True)
class News:
    """Something that the operator is told. `old` is the trouble that a recovery ends; `gap` a row of the store."""

    kind: Change | Literal["gap"]
    health: Health
    name: str = ""  # of the source
    old: Health | None = None
    gap: Mapping[str, Any] | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Return what is the same for the same news, so that nobody is told twice."""
        if self.gap:
            return ("gap", self.health.source, self.gap["list_url"], self.gap["after_url"])
        begun = self.old.since if self.kind == "recovered" and self.old else self.health.since
        return (self.kind, self.health.source, begun.isoformat())

    @property
    def who(self) -> str:
        """Return the source's name with its id."""
        return f"{self.name}（{self.health.source}）" if self.health.source != OURS else "本机网络"

    @property
    def summary(self) -> str:
        """Return a line for the log."""
        cause = (self.old or self.health).cause if self.kind == "recovered" else self.health.cause
        what = "gap of unknown size" if self.gap else f"{self.kind} ({cause})"
        return f"{self.health.source or 'our own network'} {what}"

    def text(self, now: datetime) -> str:
        """Return the whole, in Chinese, for people."""
        if self.gap:
            return (
                f"{self.who} 可能漏文：列表 {self.gap['list_url']} 读到最后一页仍未遇到已知文章，"
                f"{self.gap['after_url']} 与 {self.gap['before_url']} 之间有大小不明的缺口。请加大 pages 或缩短 every。"
            )
        if self.kind == "recovered":
            return self._recovered(now)
        if self.kind == "quiet":
            usual, last = self.health.rhythm.usual, self.health.last_new
            assert usual is not None
            assert last is not None
            return (
                f"{self.who} 久无更新：平常约 {span(usual)} 有新文章，现已 {span(now - last)} 没有"
                f"（上一篇 {clock(last)}）。{CAUSES['quiet'].remedy}。"
            )
        cause = CAUSES[self.health.cause or "internal"]
        status = f"，HTTP {self.health.status}" if self.health.status else ""
        reason = f"详情：{shortened(self.health.reason, LONGEST_REASON)}。" if self.health.reason else ""
        return f"{self.who} 采集失败：{cause.label}{status}。自 {clock(self.health.since)} 起。{reason}{cause.remedy}。"

    def _recovered(self, now: datetime) -> str:
        if not self.old or self.old.source == OURS:
            return f"{self.who} 已恢复。"
        if self.old.state == "quiet":
            return f"{self.who} 又有新文章了。"
        cause = CAUSES[self.old.cause or "internal"].label
        return f"{self.who} 已恢复，中断 {span(now - self.old.since)}（{cause}）。"


def queue_news(store: Store, channels: Channels, templates: Templates, news: Sequence[News], now: datetime) -> None:
    """Queue the news for the operator's channels: alone while they are few, else together."""
    groups = [[item] for item in news] if len(news) <= FEW else [list(news)]
    drafts = [
        draft
        for name in channels.operators("")
        for group in groups
        if group
        for draft in _drafts(channels[name], templates, group, now)
    ]
    store.queue_messages(drafts, now)


def _drafts(channel: Channel, templates: Templates, news: Sequence[News], now: datetime) -> list[Draft]:
    alone = len(news) == 1
    text = f"{TITLES[news[0].kind]}：{news[0].who}" if alone else f"来源状态变化：{len(news)} 条"
    lines = [item.text(now) for item in news]
    return drafts_of(channel, templates, text, lines, *(part for item in news for part in item.key))


def drafts_of(channel: Channel, templates: Templates, title: str, lines: Sequence[str], *about: str) -> list[Draft]:
    """Return the messages that say some lines; `about` makes their keys."""
    form = channel.vendor.format
    longest = channel.vendor.title_limit - len(numbered("", 88, 88))
    whole = neutral(shortened(f"【{NAME}】{title}", longest), "markdown" if form == "markdown" else "text")
    short = 200  # characters of a line that has to fit beside others
    blocks = [
        Block("", (partial(templates.line, line, form), partial(templates.line, shortened(line, short), form)))
        for line in lines
    ]
    return [
        Draft(
            key=key_of_part(channel.name, about, number),
            channel=channel.name,
            kind="operator",
            title=part.title,
            body=part.body,
            format=form,
            detail=f"word to the operator about {about[0]}",
        )
        for number, part in enumerate(split(whole, blocks, channel.vendor), 1)
    ]


def key_of_part(channel: str, about: Sequence[str], number: int) -> str:
    """Return the key of one part of a message."""
    return key_of("operator", channel, "health", *about, str(number))


def clock(moment: datetime) -> str:
    """Return a moment in Beijing time."""
    return moment.astimezone(CST).strftime("%m-%d %H:%M")


def span(length: timedelta) -> str:
    """Return a length of time in the largest unit that fits, such as 3 天."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{round(minutes / 60)} 小时" if minutes < 48 * 60 else f"{round(minutes / 1440)} 天"
