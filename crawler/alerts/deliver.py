"""One pass over the outbox: route, put into messages, send, and see to what did not arrive.

Every step is kept in the store before the next begins. A kill between sending and noting it doubles that one message
of a channel; nothing is ever lost.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from crawler.alerts.audience import Audience
from crawler.alerts.channels import Channels
from crawler.alerts.plan import Desk, heartbeat, heartbeat_key, notice, plan_channel
from crawler.alerts.routing import route
from crawler.alerts.subscribers import Subscribers
from crawler.dates.clock import next_at
from crawler.store import Failure, Store
from crawler.vendors.lanes import TIME_LIMIT, Lane, Order, Outcome, run_lanes

logger = logging.getLogger(__name__)
BACKOFF = (60, 300, 900, 3600, 6 * 3600)  # seconds after a failed try; the last one again and again
DEAD = 3  # failed tries in a row: the operator is told and the fallback takes over
TRIES = 12  # over about two days; then a message is a dead letter


@dataclass(slots=True)
class Delivery:
    """What one pass over the outbox did, per channel: alerts sent, messages that failed."""

    sent: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    words: dict[str, str] = field(default_factory=dict)  # a failed channel's last answer
    stuck: list[tuple[str, str, int, int]] = field(default_factory=list)  # channel, title, message, failed tries


def utc_now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


def deliver(
    store: Store,
    channels: Channels,
    topic_names: Mapping[str, str],
    *,
    audience: Audience | None = None,
    clock: Callable[[], datetime] = utc_now,
    time_limit: float = TIME_LIMIT,
    patience: float = 60.0,
    budget: float = 600.0,
) -> Delivery:
    """Route what is new and send what is due, each channel in its own process and time limit.

    time_limit: seconds a message may take; patience: seconds to wait for a vendor's pace; budget: seconds after which
    no further message begins. What is left stays in the store for the next pass.
    """
    desk = Desk(store=store, audience=audience or Audience(), names=topic_names)
    delivery = Delivery()
    limits = {"time_limit": time_limit, "patience": patience, "budget": budget}
    _route(desk, clock())
    _set_aside(desk, channels, delivery, clock())
    _plan(desk, channels, clock())
    _heartbeats(desk, channels, clock())
    _send(desk, channels, delivery, clock, limits)
    if _settle(desk, channels, delivery, clock()):
        _plan(desk, channels, clock())
        _send(desk, channels, delivery, clock, limits)
    return delivery


def _route(desk: Desk, now: datetime) -> None:
    hits = desk.store.hits()
    first = {channel: not desk.store.has_told(channel) for channel in {hit["channel"] for hit in hits}}
    last: dict[tuple[str, str], datetime | None] = {}

    def last_due(channel: str, cadence: str) -> datetime | None:
        if (channel, cadence) not in last:
            last[channel, cadence] = desk.store.last_due(channel, cadence)
        return last[channel, cadence]

    routes = [route(hit, desk.subscribers, now, last_due, first=first[hit["channel"]]) for hit in hits]
    desk.store.route_alerts(routes, now)


def _set_aside(desk: Desk, channels: Channels, delivery: Delivery, now: datetime) -> None:
    """Give up what waits for channels that are gone from the file, as soon as there is an operator to tell."""
    for name, (count, last) in desk.store.waiting_channels().items():
        if name in channels:
            continue
        _fail(delivery, name, f"no channel '{name}' in the channels file any more; see `fengxiang alerts retry`")
        if channels.operators(name):
            text = f"通道 {name} 已不在通道文件中，等待它的 {count} 条消息作废。"
            text += f"恢复该通道后可用 fengxiang alerts retry 重发；加 --channel {name} --to 可改由其他通道发送。"
            _tell_operators(desk, channels, name, text, now, "gone", str(last))
            desk.store.give_up_channel(name, delivery.words[name], now)


def _plan(desk: Desk, channels: Channels, now: datetime) -> None:
    due: dict[str, list[Any]] = defaultdict(list)
    for alert in desk.store.due_alerts(now):
        due[alert["channel"]].append(alert)
    for name, alerts in due.items():
        if name in channels:
            plan_channel(desk, channels[name], alerts, now)


def _heartbeats(desk: Desk, channels: Channels, now: datetime) -> None:
    for subscriber, channel, slot in heartbeats_due(desk.store, desk.subscribers, now):
        if channel in channels:
            heartbeat(desk, channels[channel], subscriber, slot, now)


def heartbeats_due(store: Store, subscribers: Subscribers, now: datetime) -> list[tuple[str, str, datetime]]:
    """Return subscriber, channel and moment of each brief that was wanted and not sent, as nothing was found."""
    found = []
    for subscriber in (one for one in subscribers.subscriber if one.heartbeat):
        clock, _ = subscriber.clock("morning")
        slot = next_at(clock, now) - timedelta(days=1)
        for channel in subscriber.channels:
            last = store.last_due(channel, "morning")
            if (last is None or last < slot) and not store.has_message(heartbeat_key(channel, subscriber.name, slot)):
                found.append((subscriber.name, channel, slot))
    return found


def _send(
    desk: Desk, channels: Channels, delivery: Delivery, clock: Callable[[], datetime], limits: Mapping[str, float]
) -> None:
    waiting: dict[str, list[Any]] = defaultdict(list)
    for message in desk.store.due_messages(clock()):
        if not delivery.failed[message["channel"]]:
            waiting[message["channel"]].append(message)
    lanes: list[Lane] = []
    rows: dict[int, Any] = {}
    for name, messages in waiting.items():
        rows |= {message["id"]: message for message in messages}
        vendor = channels[name].vendor
        take = partial(desk.store.take_token, name, vendor.pace.burst, vendor.pace.per_minute)
        orders = [_order(message) for message in messages]
        lanes.append(Lane(name, channels[name].setup, orders, lambda take=take: take(clock())))  # type: ignore[misc]

    desk.store.require_room()

    def note(lane: Lane, order: Order, outcome: Outcome) -> None:
        label = channels[lane.channel].vendor.label
        _note(desk.store, delivery, rows[order.message_id], label, outcome, clock())

    run_lanes(lanes, note, **limits)


def _order(message: Any) -> Order:
    text = (message["key"], message["title"], message["body"], message["format"])
    return Order(message["id"], *text, tuple(message["reached"]))


def _note(store: Store, delivery: Delivery, message: Any, label: str, outcome: Outcome, now: datetime) -> None:
    """Keep one outcome, in one transaction."""
    channel = message["channel"]
    if outcome.accepted:
        store.message_sent(message["id"], f"accepted by {label}: {outcome.words}", now, missed=outcome.missed)
        delivery.sent[channel] += max(1, message["told"])
        for recipient in outcome.missed:
            logger.error("channel %s: %s did not reach %s", channel, label, recipient)
        return
    attempts = message["attempts"] + 1
    pause = max(BACKOFF[min(attempts, len(BACKOFF)) - 1], outcome.retry_after or 0)
    failure = Failure(
        words=outcome.words,
        next_try=now + timedelta(seconds=pause),
        dead=attempts >= TRIES,
        reached=outcome.reached or tuple(message["reached"]),
    )
    store.message_failed(message["id"], failure, now)
    _fail(delivery, channel, outcome.words)
    if attempts == DEAD or failure.dead:
        delivery.stuck.append((channel, message["title"], message["id"], attempts))


def _fail(delivery: Delivery, channel: str, words: str) -> None:
    logger.error("channel %s did not take a message: %s", channel, words)
    delivery.failed[channel] += 1
    delivery.words[channel] = words


def _settle(desk: Desk, channels: Channels, delivery: Delivery, now: datetime) -> bool:
    """Tell the operator of dead channels and let their fallbacks take over; return whether there is more to send."""
    more = False
    for name in [name for name in delivery.failed if name in channels]:
        tries, last = desk.store.outage(name)
        if tries < DEAD:
            continue
        channel = channels[name]
        text = f"通道 {name}（{channel.vendor.label}）连续 {tries} 次未送达：{delivery.words[name]}。"
        if channel.fallback:
            moved = desk.store.move_messages(name, channel.fallback, now)
            logger.error("channel %s is dead: %d alerts go to %s", name, moved, channel.fallback)
            text += f"消息改由 {channel.fallback} 发送。"
        else:
            text += "请检查通道；恢复后自动补发。"
        more |= _tell_operators(desk, channels, name, text, now, str(last)) or bool(channel.fallback)
    for name, title, message_id, tries in delivery.stuck:
        if desk.store.outage(name)[0] < DEAD or tries >= TRIES:  # the channel takes others, or this one is given up
            end = "已放弃，可用 fengxiang alerts retry 重发" if tries >= TRIES else "仍在重试"
            text = f"通道 {name} 未接受一条消息：{title}。已试 {tries} 次，{end}：{delivery.words[name]}。"
            more |= _tell_operators(desk, channels, name, text, now, f"message {message_id}", str(tries))
    return more


def _tell_operators(desk: Desk, channels: Channels, name: str, text: str, now: datetime, *about: str) -> bool:
    """Queue a word to the operator, once for the same trouble; return whether it is new."""
    drafts = [notice(desk, channels[other], text, name, *about) for other in channels.operators(name)]
    return bool(desk.store.queue_messages(drafts, now))
