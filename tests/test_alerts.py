"""Delivery with real servers and real processes: once, in time, whatever one channel does, and on record."""

import asyncio
import logging
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from alerts_desk import NAMES, BadServer, Clock, channels_of, hang, save, trickle, warm
from conftest import NOW

from crawler.alerts import Channels, deliver
from crawler.alerts.deliver import DEAD, TRIES
from crawler.sample.server import Page, Request
from crawler.sample.sinks import SmtpSink, WebhookSink
from crawler.store import Placement, Routed, Store


@pytest.fixture
def mail() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def hook() -> Iterator[WebhookSink]:
    with WebhookSink() as sink:
        yield sink


def mailto(sink: SmtpSink, to: str = "desk@example.com") -> str:
    return f"mailto://127.0.0.1:{sink.port}?from=fengxiang@example.com&to={to}"


def json(sink: WebhookSink) -> str:
    return f"json://{sink.url.removeprefix('http://')}"


def nowhere() -> str:
    """Return the address of a webhook on a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"json://127.0.0.1:{server.getsockname()[1]}/secrettoken77"


def events(store: Store, channel: str) -> list[str]:
    return [row["event"] for row in store.ledger(channel=channel)]


def test_alert_says_what_happened_where_and_who_told_it(
    store: Store, tmp_path: Path, hook: WebhookSink, mail: SmtpSink
) -> None:
    channels = channels_of(tmp_path, chat=json(hook), desk=mailto(mail))
    story = save(store, 1, ("chat", "desk"), topics=("transfer", "market"), source_name="示例日报")
    for number in (2, 3):
        save(store, number, (), placement=Placement((story,), 0.9, "same text"), now=NOW + timedelta(hours=number))
    delivery = deliver(store, channels, NAMES, clock=Clock())
    assert (dict(delivery.sent), dict(delivery.failed)) == ({"chat": 2, "desk": 2}, {})
    (posted,) = hook.messages
    assert posted["title"] == "【风向·承接产业转移、市场数据】某县召开第1次会议"
    assert posted["message"].splitlines() == [
        "2026-11-20 09:30 首发：示例日报 甘肃（承接） 【承接产业转移、市场数据】",
        "某县第1次会议提出「承接产业转移」。",
        "另有 2 家转载",
        "http://example.org/a/1.html",
    ]
    (letter,) = mail.messages
    assert letter["Subject"] == posted["title"]
    html, plain = (text(letter, kind) for kind in ("html", "plain"))
    assert "<b>承接产业转移</b>" in html
    assert 'href="http://example.org/a/1.html"' in html
    assert "某县第1次会议提出承接产业转移。" in plain
    assert "<" not in plain


def text(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def test_ledger_tells_each_step_and_the_vendors_words(store: Store, tmp_path: Path, hook: WebhookSink) -> None:
    channels = channels_of(tmp_path, chat=json(hook))
    story = save(store, 1, ("chat",))
    hook.refuse_next(1, status=200, reply={"errcode": 310000, "errmsg": "keywords not in content"})
    clock = Clock()
    assert deliver(store, channels, NAMES, clock=clock).failed["chat"] == 1
    clock.pass_(minutes=2)
    deliver(store, channels, NAMES, clock=clock)
    rows = store.ledger(story_id=story)
    assert [(row["event"], row["detail"]) for row in rows] == [
        ("hit", ""),
        ("routed", "for everybody, now, due 11-20 09:30"),
        ("queued", "alone, for webhook"),
        ("failed", "errcode 310000 keywords not in content"),
        ("sent", 'accepted by webhook: HTTP 200 {"errcode": 0, "errmsg": "ok"}'),
    ]
    assert rows[-1]["at"] == clock.now


def test_first_run_is_one_message_and_the_second_run_is_silent(
    store: Store, tmp_path: Path, hook: WebhookSink, mail: SmtpSink
) -> None:
    channels = channels_of(tmp_path, chat=json(hook), desk=mailto(mail))
    for number in range(60):
        save(store, number, ("chat", "desk"), publish_time=NOW - timedelta(days=number))
    clock = Clock()
    deliver(store, channels, NAMES, clock=clock)
    assert (len(hook.messages), len(mail.messages)) == (1, 1)
    assert hook.messages[0]["title"] == "【风向】首次运行：已存 60 条"
    assert "承接产业转移 · 甘肃：60 条" in hook.messages[0]["message"]
    assert "另有 50 条" in hook.messages[0]["message"]
    clock.pass_(days=1)
    assert deliver(store, channels, NAMES, clock=clock).sent.total() == 0
    assert (len(hook.messages), len(mail.messages)) == (1, 1)
    assert store.alert_counts() == {"sent": 20, "counted": 100}


def test_many_at_once_become_one_digest_by_topic_and_region(store: Store, tmp_path: Path, hook: WebhookSink) -> None:
    channels = channels_of(tmp_path, chat=json(hook))
    warm(store, "chat")
    for number, region in enumerate(["甘肃", "青海", "甘肃", None], 1):
        save(store, number, ("chat",), region=region, direction=None)
    deliver(store, channels, NAMES, clock=Clock())
    (posted,) = hook.messages
    assert posted["title"] == "【风向】新消息 11-20：4 条"
    headings = [line for line in posted["message"].splitlines() if line.startswith("■")]
    assert headings == ["■ 承接产业转移 · 甘肃", "■ 承接产业转移 · 青海", "■ 承接产业转移 · 全国"]


def test_every_recipient_gets_it_once_though_one_is_refused(store: Store, tmp_path: Path, mail: SmtpSink) -> None:
    channels = channels_of(tmp_path, desk=mailto(mail, "a@example.com,b@example.com") + "&cc=c@example.com")
    save(store, 1, ("desk",))
    mail.refuse_recipient("b@example.com")
    clock = Clock()
    deliver(store, channels, NAMES, clock=clock)
    assert store.ledger(channel="desk")[-1]["detail"] == "b@example.com: 550 5.1.1 no such user here"
    mail._unknown.clear()
    clock.pass_(minutes=2)
    deliver(store, channels, NAMES, clock=clock)
    assert Counter(recipient for (recipient,) in mail.recipients) == {
        "a@example.com": 1,
        "b@example.com": 1,
        "c@example.com": 1,
    }
    assert len({letter["Message-ID"] for letter in mail.messages}) == 1
    assert store.ledger(channel="desk")[-1]["detail"] == "accepted by e-mail: 250 2.0.0 OK"


def test_recipients_before_a_hang_do_not_get_it_again(
    store: Store, tmp_path: Path, mail: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes the first recipient's mail and hangs at the second: the process is ended, the first is known."""
    channels = channels_of(tmp_path, desk=mailto(mail, "a@example.com,b@example.com"))
    save(store, 1, ("desk",))
    take, hanging = mail.handle_RCPT, [True]

    async def slow(server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address == "b@example.com" and hanging:
            await asyncio.sleep(8)
        return await take(server, session, envelope, address, options)

    monkeypatch.setattr(mail, "handle_RCPT", slow)
    clock = Clock()
    deliver(store, channels, NAMES, clock=clock, time_limit=2)
    hanging.clear()
    clock.pass_(minutes=2)
    deliver(store, channels, NAMES, clock=clock)
    assert mail.recipients == [["a@example.com"], ["b@example.com"]]


@pytest.mark.parametrize("serve", [hang, trickle])
def test_a_channel_that_hangs_delays_no_other(store: Store, tmp_path: Path, hook: WebhookSink, serve: object) -> None:
    with BadServer(serve) as bad:  # type: ignore[arg-type]
        channels = channels_of(tmp_path, aaa=f"json://127.0.0.1:{bad.port}/", chat=json(hook))
        for number in range(3):
            save(store, number, ("aaa", "chat"))
        began = time.monotonic()
        delivery = deliver(store, channels, NAMES, clock=Clock(), time_limit=6)
        assert time.monotonic() - began < 12
    assert (delivery.sent["chat"], delivery.failed["aaa"]) == (3, 1)
    last = store.ledger(channel="aaa")[-1]
    assert (last["event"], last["detail"]) == ("failed", "no answer within 6 s; it may have arrived")


def test_lost_acknowledgement_doubles_one_message_at_the_most(
    store: Store, tmp_path: Path, hook: WebhookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes the message and answers when nobody listens any more."""
    channels = channels_of(tmp_path, chat=json(hook))
    for number in range(3):
        save(store, number, ("chat",))
    answer = hook._answer
    late = [True]

    def slow(request: Request) -> Page:
        page = answer(request)
        if late:
            late.pop()
            time.sleep(4)
        return page

    monkeypatch.setattr(hook._server, "answer", slow)
    clock = Clock()
    deliver(store, channels, NAMES, clock=clock, time_limit=3)
    clock.pass_(minutes=2)
    deliver(store, channels, NAMES, clock=clock)
    titles = Counter(message["title"] for message in hook.messages)
    assert sorted(titles.values()) == [1, 1, 2]


def test_dead_channel_is_reported_once_and_its_fallback_takes_over(
    store: Store, tmp_path: Path, hook: WebhookSink, mail: SmtpSink
) -> None:
    channels = channels_of(
        tmp_path, team=f"{nowhere()}|fallback: chat", chat=json(hook), desk=f"{mailto(mail)}|operator: true"
    )
    warm(store, "team", "chat", "desk")
    clock = Clock()
    save(store, 1, ("team", "chat"))
    save(store, 2, ("team",))
    for _ in range(DEAD):
        deliver(store, channels, NAMES, clock=clock)
        clock.pass_(hours=1)
    titles = Counter(message["title"] for message in hook.messages)
    assert titles == {"【风向·承接产业转移】某县召开第1次会议": 1, "【风向·承接产业转移】某县召开第2次会议": 1}
    (letter,) = mail.messages
    assert "通道 team（webhook）连续 3 次未送达" in text(letter, "plain")
    assert "secrettoken77" not in text(letter, "html")
    save(store, 3, ("team",))
    deliver(store, channels, NAMES, clock=clock)
    assert len(hook.messages) == 3
    assert len(mail.messages) == 1
    assert events(store, "team").count("moved") == 3


def test_two_dead_channels_that_stand_in_for_each_other_lose_nothing(
    store: Store, tmp_path: Path, hook: WebhookSink
) -> None:
    channels = channels_of(tmp_path, a=f"{nowhere()}|fallback: b", b=f"{nowhere()}|fallback: a")
    warm(store, "a", "b")
    clock = Clock()
    save(store, 1, ("a",))
    for _ in range(3 * DEAD):
        deliver(store, channels, NAMES, clock=clock)
        clock.pass_(hours=7)
    channels = channels_of(tmp_path, a=f"{json(hook)}|fallback: b", b=f"{nowhere()}|fallback: a")
    for _ in range(DEAD):
        deliver(store, channels, NAMES, clock=clock)
        clock.pass_(hours=7)
    told = [message["title"] for message in hook.messages if "通道故障" not in message["title"]]
    assert told == ["【风向·承接产业转移】某县召开第1次会议"]


def test_given_up_message_is_a_dead_letter_and_can_be_revived(store: Store, tmp_path: Path, hook: WebhookSink) -> None:
    channels = channels_of(tmp_path, chat=json(hook))
    story = save(store, 1, ("chat",))
    deliver(store, channels, NAMES, clock=Clock(), budget=0)
    (message,) = store.due_messages(NOW)
    from crawler.store import Failure

    for _ in range(TRIES - 1):
        store.message_failed(message["id"], Failure(words="no", next_try=NOW), NOW)
    hook.refuse_next(1)
    deliver(store, channels, NAMES, clock=Clock())
    assert store.alert_counts() == {"dead": 1}
    assert deliver(store, channels, NAMES, clock=Clock(NOW + timedelta(days=3))).sent.total() == 0
    assert store.revive_messages(NOW) == 1
    deliver(store, channels, NAMES, clock=Clock())
    assert store.alert_counts() == {"sent": 1}
    assert [row["event"] for row in store.ledger(story_id=story)][-4:] == ["failed", "dead", "revived", "sent"]


def test_message_that_one_channel_refuses_again_and_again_is_told_to_the_operator(
    store: Store, tmp_path: Path, hook: WebhookSink, mail: SmtpSink
) -> None:
    """The channel takes other messages: it is not dead, and still somebody must hear of the one it does not take."""
    channels = channels_of(tmp_path, chat=json(hook), desk=mailto(mail))
    warm(store, "chat", "desk")
    clock = Clock()
    for number in range(DEAD):
        save(store, 1, ("chat",)) if not number else save(store, 10 + number, ("chat",))
        hook.refuse_next(1, status=200, reply={"errcode": 40058, "errmsg": "content refused"})
        deliver(store, channels, NAMES, clock=clock)
        clock.pass_(hours=1)
    (letter,) = mail.messages
    assert "通道 chat 未接受一条消息" in text(letter, "plain")
    assert "40058" in text(letter, "plain")
    assert len(hook.messages) == DEAD - 1


def test_channel_that_is_gone_keeps_its_alerts(store: Store, tmp_path: Path, hook: WebhookSink) -> None:
    save(store, 1, ("chat",))
    assert deliver(store, Channels(), NAMES, clock=Clock()).failed["chat"] == 1
    assert deliver(store, channels_of(tmp_path, chat=json(hook)), NAMES, clock=Clock()).sent["chat"] == 1


def test_channel_that_was_removed_is_told_once_and_its_alerts_are_set_aside(
    store: Store, tmp_path: Path, hook: WebhookSink
) -> None:
    clock = Clock()
    warm(store, "old", "desk")
    both = channels_of(tmp_path, old=nowhere(), desk=json(hook))
    save(store, 1, ("old",))
    deliver(store, both, NAMES, clock=clock)  # a message that waits
    save(store, 2, ("old",))
    store.route_alerts([Routed(alert_id=store.hits()[0]["id"], state="queued", due=NOW + timedelta(days=1))], NOW)
    clock.pass_(minutes=1)
    left = channels_of(tmp_path, desk=json(hook))
    assert deliver(store, left, NAMES, clock=clock).failed == {"old": 1}
    assert deliver(store, left, NAMES, clock=clock).failed == {}
    [told] = hook.messages
    assert "通道 old 已不在通道文件中，等待它的 2 条消息作废" in told["message"]
    assert [row["detail"] for row in store.ledger(channel="old") if row["event"] == "dead"] == [
        "no channel 'old' in the channels file any more; see `fengxiang alerts retry`"
    ] * 2
    assert store.alert_counts() == {"dead": 2}
    assert store.move_messages("old", "desk", clock(), dead=True) == 2
    assert deliver(store, left, NAMES, clock=clock).sent["desk"] == 2
    assert store.alert_counts() == {"moved": 2, "sent": 2}
    assert store.revive_messages(clock(), "old") == 0


def test_alerts_of_a_removed_channel_come_when_it_is_back(store: Store, tmp_path: Path, hook: WebhookSink) -> None:
    warm(store, "old", "desk")
    for number in (1, 2):
        save(store, number, ("old",))
    deliver(store, channels_of(tmp_path, desk=json(hook)), NAMES, clock=Clock())
    assert store.revive_messages(NOW) == 2
    with WebhookSink() as back:
        both = channels_of(tmp_path, old=json(back), desk=json(hook))
        assert deliver(store, both, NAMES, clock=Clock()).sent["old"] == 2
        assert len(back.messages) == 2


def test_pace_survives_the_process(tmp_path: Path) -> None:
    """20 a minute for the vendor, 5 at once for us; a clock set back gives no more, and does not stop it for long."""
    url = f"sqlite:///{tmp_path / 'fx.db'}"
    waits = []
    for step in range(7):
        store = Store(url)
        waits.append(store.take_token("team", 5, 14, NOW + timedelta(seconds=step / 100)))
        store.close()
    assert waits[:5] == [0, 0, 0, 0, 0]
    assert waits[5] == pytest.approx(60 / 14, abs=0.1)
    store = Store(url)
    back = NOW - timedelta(hours=1)
    assert store.take_token("team", 5, 14, back) > 0
    assert store.take_token("team", 5, 14, back + timedelta(seconds=5)) == 0
    store.close()


def test_addition_to_a_story_is_told_and_a_reprint_is_not(store: Store, tmp_path: Path, hook: WebhookSink) -> None:
    channels = channels_of(tmp_path, chat=json(hook))
    story = save(store, 1, ("chat",))
    deliver(store, channels, NAMES, clock=Clock())
    save(store, 2, ("chat",), placement=Placement((story,), 0.9, "shared text"))
    assert deliver(store, channels, NAMES, clock=Clock()).sent.total() == 0
    news = Placement((story,), 0.8, "shared text", {"material": True, "added": ["补助上限提高到五百万元。"]})
    save(store, 3, ("chat",), placement=news)
    assert deliver(store, channels, NAMES, clock=Clock()).sent["chat"] == 1
    posted = hook.messages[-1]
    assert posted["title"].startswith("【更新】")
    assert "新增：补助上限提高到五百万元。" in posted["message"]


def test_no_secret_is_shown(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, hook: WebhookSink) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["hooktoken1234", "mailpass1234", "dingtoken1234", "hookpass1234"]
    channels = channels_of(
        tmp_path,
        a=f"{nowhere().replace('secrettoken77', secrets[0])}",
        b=f"mailto://user:{secrets[1]}@127.0.0.1:1?from=a@example.com&to=b@example.com",
        d=f"json://user:{secrets[3]}@127.0.0.1:1/{secrets[0]}?+X-Token={secrets[2]}",
    )
    save(store, 1, ("a", "b", "d"))
    deliver(store, channels, NAMES, clock=Clock())
    shown = caplog.text + repr(channels) + repr([channels[name] for name in channels])
    shown += "".join(str(dict(row)) for row in store.ledger())
    assert [secret for secret in secrets if secret in shown] == []
    words = {row["channel"]: row["detail"] for row in store.ledger() if row["event"] == "failed"}
    assert set(words) == {"a", "b", "d"}
    assert all(re.search("refused", word) for word in words.values()), words
