"""Messages that vendors take whole: every item in one piece, every part within the limit, numbered and headed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
import requests
from alerts_desk import NAMES, Clock, save
from alerts_vendors import CHANNELS, Vendors
from conftest import NOW
from hypothesis import given
from hypothesis import strategies as st

from crawler.alerts import Channels, deliver
from crawler.alerts.channels import Channel
from crawler.alerts.split import Block, room, split
from crawler.store import Store
from crawler.vendors.sender import Words, send
from crawler.vendors.services import build
from crawler.vendors.table import VENDORS, vendor_of
from crawler.vendors.wire import Witness, watch_http

TEXT = st.text("汉字ab\U0001f600é", min_size=1, max_size=700)


def block(number: int, text: str, section: str = "") -> Block:
    return Block(section, (lambda: f"<{number}>{text}</{number}>", lambda: f"<{number}></{number}>"), (number,))


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=list(VENDORS))
@given(texts=st.lists(st.tuples(TEXT, st.sampled_from(["甲", "乙", ""])), min_size=1, max_size=12), tail=st.booleans())
def test_items_stay_whole_and_parts_within_the_limit(vendor: object, texts: list[tuple[str, str]], tail: bool) -> None:
    assert hasattr(vendor, "size")
    blocks = [block(number, text, section) for number, (text, section) in enumerate(texts)]
    parts = split("【风向】晨报", blocks, vendor, tail="另有 14 条" if tail else "")  # type: ignore[arg-type]
    assert [alert for part in parts for alert in part.alerts] == list(range(len(texts)))
    for part in parts:
        assert vendor.size(part.body) <= room(vendor, part.title)  # type: ignore[arg-type]
        for number in part.alerts:
            assert part.body.count(f"<{number}>") == part.body.count(f"</{number}>") == 1
            if section := texts[number][1]:
                assert section in part.body[: part.body.index(f"<{number}>")]
    if len(parts) > 1:
        assert [part.title for part in parts] == [
            f"【风向】晨报（{number}/{len(parts)}）" for number in range(1, len(parts) + 1)
        ]
    assert not tail or parts[-1].body.endswith("另有 14 条")


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with Vendors(tmp_path_factory.mktemp("vendors")) as running:
        yield running


LONG = "某" * 300 + '<at user_id="all">@all'
STORIES = [
    {"title": LONG, "body": "承接产业转移" * 400, "source_name": LONG},
    {"title": "短题", "body": "承接产业转移。", "url": "https://example.org/" + "路径/" * 300},
    *({"title": f"第{number}号" + "题" * 30, "body": f"承接产业转移{'话' * 200}。" * 3} for number in range(40)),
]


@pytest.mark.parametrize("channel", CHANNELS)
def test_vendor_refuses_no_message_for_its_form(
    store: Store, vendors: Vendors, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    """The worst that stories can be, alone, as digest, as baseline, to a server with the vendor's own limits."""
    for name, value in vendors.environment.items():
        monkeypatch.setenv(name, value)
    entry = {CHANNELS[channel]: {"tag": channel}}
    vendor = vendor_of(build(entry))
    channels = Channels({channel: Channel(name=channel, vendor=vendor, entry=entry)})
    clock = Clock()
    for number, values in enumerate(STORIES):
        save(store, number, (channel,), region=["甘肃", "青海", None][number % 3], **values)
    deliver(store, channels, NAMES, clock=clock, budget=0)  # the baseline
    for number, values in enumerate(STORIES[:2], 100):
        save(store, number, (channel,), **values)
    deliver(store, channels, NAMES, clock=clock, budget=0)  # alone
    for number, values in enumerate(STORIES, 200):
        save(store, number, (channel,), topics=("transfer", "market"), **values)
    deliver(store, channels, NAMES, clock=clock, budget=0)  # a digest
    service = build(entry, vendor.format)
    witness = Witness(service)
    monkeypatch.setattr(requests.Session, "send", requests.Session.send)
    watch_http(witness)
    messages = store.due_messages(NOW)
    assert {message["kind"] for message in messages} == {"baseline", "alert", "digest"}
    vendors.refused.clear()
    vendors.forget_pace()
    for number, message in enumerate(messages):
        if number % 15 == 14:
            vendors.forget_pace()
        order = {"key": message["key"], "title": message["title"], "body": message["body"]}
        outcome = send(service, witness, Words(), order | {"format": message["format"], "reached": []})
        assert outcome["accepted"], (message["title"], outcome["words"])
    assert vendors.refused == []
    assert len(vendors.taken[channel]) >= len(messages)
    assert not any(re.search("@all|<at ", text) for text in vendors.taken[channel])


def test_pace_of_the_table_stays_within_the_vendors(store: Store) -> None:
    """Whatever the moment: in no 60 seconds more than DingTalk, WeCom and Telegram allow."""
    pace = VENDORS["NotifyDingTalk"].pace
    take = partial(store.take_token, "team", pace.burst, pace.per_minute)
    sent: list[float] = []
    at = 0.0
    while at < 180:
        wait = take(NOW + timedelta(seconds=at))
        if wait:
            at += wait + 0.001
        else:
            sent.append(at)
    assert len(sent) > 40
    assert max(sum(begin <= moment < begin + 60 for moment in sent) for begin in sent) <= 20
