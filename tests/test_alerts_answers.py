"""The vendor's own answer decides: refusals with HTTP 200, pages for people, empty bodies, redirects: on the wire."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from alerts_vendors import CHANNELS, Reply, Vendors

from crawler.vendors.sender import Words, send
from crawler.vendors.services import build
from crawler.vendors.table import vendor_of
from crawler.vendors.wire import Witness, watch_http

HTML = Reply("<!DOCTYPE html><title>登录</title>", content_type="text/html; charset=utf-8")
# For every channel at least twelve; those of the other vendors stand for codes that a vendor may add.
REFUSALS = {
    "dingtalk keyword": Reply({"errcode": 310000, "errmsg": "keywords not in content"}),
    "dingtalk sign": Reply({"errcode": 310000, "errmsg": "sign not match"}),
    "dingtalk pace": Reply({"errcode": 130101, "errmsg": "send too fast"}),
    "dingtalk title": Reply({"errcode": 400402, "errmsg": "miss param"}),
    "feishu token": Reply({"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}),
    "feishu keyword": Reply({"code": 19024, "msg": "Key Words Not Found"}),
    "feishu form": Reply({"code": 9499, "msg": "Bad Request", "data": {}}),
    "feishu pace": Reply({"code": 11232, "msg": "frequency limited psm"}),
    "feishu old": Reply({"StatusCode": 19001, "StatusMessage": "no"}),
    "wecom key": Reply({"errcode": 93000, "errmsg": "invalid webhook url"}),
    "wecom pace": Reply({"errcode": 45009, "errmsg": "api freq out of limit"}),
    "wecom length": Reply({"errcode": 40058, "errmsg": "content exceed max length"}),
    "bark": Reply({"code": 400, "message": "device key is empty", "timestamp": 1}),
    "telegram": Reply({"ok": False, "error_code": 403, "description": "bot was kicked"}),
    "matrix": Reply({"errcode": "M_FORBIDDEN", "error": "not in room"}, 403),
    "html": HTML,
    "redirect": Reply("", 302, headers={"Location": "https://hook.example.org/elsewhere"}),
    "server": Reply({"error": "boom"}, 500),
    "gateway": Reply("<html><h1>502 Bad Gateway</h1></html>", 502, "text/html"),
    "pace": Reply("", 429, headers={"Retry-After": "120"}),
}
CONTRACT = {  # nothing that a webhook of no known vendor must not answer, but none of these vendors ever does
    "empty": Reply(""),
    "empty json": Reply("{}"),
    "list": Reply("[]"),
    "words": Reply("success", content_type="text/plain"),
    "cut off": Reply('{"errcode": 0, "errm'),
}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with Vendors(tmp_path_factory.mktemp("vendors")) as running:
        yield running


@pytest.fixture
def sending(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a function that sends through a channel as the sending process does."""
    for name, value in vendors.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(requests.Session, "send", requests.Session.send)  # whatever is put there goes again

    def sender(channel: str, key: str = "k1", reached: tuple[str, ...] = ()) -> dict[str, Any]:
        entry = {CHANNELS[channel]: {"tag": channel}}
        form = vendor_of(build(entry)).format
        service = build(entry, form)
        witness = Witness(service)
        with monkeypatch.context() as patch:
            patch.setattr(requests.Session, "send", requests.Session.send)
            watch_http(witness)
            order = {"key": key, "title": "【风向】题", "body": "正文", "format": form, "reached": reached}
            return send(service, witness, Words(), order)

    yield sender
    vendors.refusal = None


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_taken_message_is_sent(sending: Any, vendors: Vendors, channel: str) -> None:
    outcome = sending(channel, key=f"take {channel}")
    assert outcome["accepted"], outcome
    assert vendors.taken[channel]


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_refusal_counts_as_delivered(sending: Any, vendors: Vendors, channel: str) -> None:
    refusals = REFUSALS if channel == "webhook" else REFUSALS | CONTRACT
    delivered = []
    for name, reply in refusals.items():
        vendors.refusal = reply
        outcome = sending(channel)
        if outcome["accepted"] or not outcome["words"]:
            delivered.append((name, outcome))
    assert len(refusals) >= 12
    assert delivered == []


def test_a_plain_webhook_may_say_nothing(sending: Any, vendors: Vendors) -> None:
    vendors.refusal = CONTRACT["empty"]
    assert sending("webhook")["accepted"]


def test_words_are_the_vendors(sending: Any, vendors: Vendors) -> None:
    vendors.refusal = REFUSALS["dingtalk keyword"]
    assert sending("dingtalk")["words"] == "errcode 310000 keywords not in content"
    vendors.refusal = HTML
    assert sending("wecom")["words"] == "HTTP 200, an HTML page instead of 'errcode'"
    vendors.refusal = REFUSALS["pace"]
    outcome = sending("discord")
    assert (outcome["words"], outcome["retry_after"]) == ("HTTP 429", 120.0)


def test_recipients_that_wecom_did_not_reach_are_named(sending: Any, vendors: Vendors) -> None:
    vendors.refusal = Reply({"errcode": 0, "errmsg": "ok", "invaliduser": "user1|user2"})
    outcome = sending("wecom_app")
    assert (outcome["accepted"], outcome["missed"]) == (True, ["user1|user2"])


def test_a_retry_keeps_its_identity(sending: Any, vendors: Vendors) -> None:
    """Matrix drops the second of two equal transactions; a webhook is told the key."""
    before = len(vendors.taken["matrix"])
    for key in ("one", "one", "two"):
        assert sending("matrix", key=key)["accepted"]
        assert sending("webhook", key=key)["accepted"]
    assert len(vendors.taken["matrix"]) == before + 2
    keys = [post.headers["idempotency-key"] for post in vendors.posts if post.host == "hook.example.org"]
    assert keys[-3:] == ["one", "one", "two"]


def test_targets_that_took_it_are_left_out_of_a_retry(sending: Any, vendors: Vendors, tmp_path: Path) -> None:
    first = sending("bark")
    posts = len(vendors.posts)
    assert sending("bark", reached=tuple(first["reached"]))["accepted"]
    assert len(vendors.posts) == posts
    assert "barkdevicekey0001" not in "".join(first["reached"])
