"""The channels file: errors with file and line, no address in any of them, MQTT's proof from a real broker."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from alerts_desk import NAMES, Clock, channels_of, free_port, save, server_program, serving, wait_for, warm

from crawler.alerts import deliver
from crawler.alerts.channels import SendError
from crawler.store import Store
from crawler.tomlfile import FileError
from crawler.vendors.services import build, secrets_of


@pytest.mark.parametrize(
    ("addresses", "line", "message"),
    [
        ({"a": "nosuch://secrettoken77"}, 3, "not one address that apprise understands"),
        ({"a": "dingtalk://"}, 3, "not one address that apprise understands"),
        ({"a": "json://example.org/x|fallback: b"}, 3, "key 'fallback': no other channel 'b' in this file"),
        ({"a": "json://example.org/x|fallback: a"}, 3, "key 'fallback': no other channel 'a' in this file"),
        ({"a": "json://example.org/x|operator: 3"}, 3, "key 'fallback' takes a channel's name, key 'operator'"),
        ({"a": "json://example.org/secrettoken77", "b": "json://example.org/secrettoken77"}, 5, "the same address"),
    ],
)
def test_mistake_is_named_without_the_address(
    tmp_path: Path, addresses: dict[str, str], line: int, message: str
) -> None:
    with pytest.raises(FileError) as caught:
        channels_of(tmp_path, **addresses)
    assert str(caught.value).startswith(f"{tmp_path / 'channels.yaml'}:{line}: {message}")
    assert "secrettoken77" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "service"),
    [
        ("dingtalk://dingtoken0001", "NotifyDingTalk"),
        ({"mailto://a:b@example.org": {"tag": "x"}}, "NotifyEmail"),
        ({"mailto://a:b@example.org": [{"tag": "x", "to": "c@example.org"}]}, "NotifyEmail"),
        (
            {"https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ": {"tag": "x"}},
            "NotifySlack",
        ),
        ({"gotifys://example.org/secrettoken77aa": {"tag": "x"}}, "NotifyGotify"),
    ],
)
def test_every_form_of_apprise_is_understood(entry: object, service: str) -> None:
    found = build(entry)
    assert type(found).__name__ == service
    assert (found.request_rate_per_sec, found.redirects, found.retry) == (0, False, 0)


@pytest.mark.parametrize(
    "address",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "matrix://bot:word0001@example.org/#news:example.org",
        "irc://desk@example.org/#news/#desk:key00001",
    ],
)
def test_the_rooms_of_an_address_are_those_that_apprise_reads_in_it(address: str) -> None:
    found, wanted = build({address: {"tag": "x"}}), build({address: {"tag": "x", "retry": 0}})
    assert found.url().partition("?")[0] == wanted.url().partition("?")[0]
    assert "/#" in unquote(found.url())


@pytest.mark.parametrize(
    ("entry", "hidden", "kept"),
    [
        ("dingtalk://SECabc@token12345", ["SECabc", "token12345"], []),
        ("mailtos://user:pa55word@smtp.example.com?to=desk@example.com", ["pa55word"], ["smtp.example.com", "desk"]),
        ({"jsons://example.org/a/hooktoken?+X-Key=key12345": {"tag": "x"}}, ["hooktoken", "key12345"], ["example.org"]),
        ({"tgram://123456789:AAbbccddeeff/-1001": {"tag": "x"}}, ["AAbbccddeeff", "-1001"], []),
        ({"mailto://a:b@example.org": [{"tag": "x", "pass": "yamlpass1"}]}, ["yamlpass1"], ["example.org"]),
        ("jsons://user:%70a%2Fss99@example.org/", ["%70a%2Fss99", "pa/ss99"], []),
    ],
)
def test_secrets_of_an_address(entry: object, hidden: list[str], kept: list[str]) -> None:
    found = secrets_of(entry)
    assert set(hidden) <= found
    assert not set(kept) & found


def test_trial_shows_the_vendors_words(tmp_path: Path) -> None:
    channels = channels_of(tmp_path, a=f"json://127.0.0.1:{free_port()}/secrettoken77")
    with pytest.raises(SendError, match=r"^a \(webhook\) did not accept it: no connection: Connection refused$"):
        channels.send("a", "题", "文")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """Give the port of a real broker."""
    program, port = server_program("mosquitto"), free_port()
    pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")
    (tmp_path / "broker.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with serving(port, program, "-c", tmp_path / "broker.conf"):
        yield port


def test_mqtt_is_sent_when_the_broker_acknowledged_it(store: Store, tmp_path: Path, broker: int) -> None:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    heard: list[str] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: heard.append(message.payload.decode())
    client.connect("127.0.0.1", broker)
    client.subscribe("fengxiang/alerts", qos=1)
    client.loop_start()
    channels = channels_of(tmp_path, bus=f"mqtt://127.0.0.1:{broker}/fengxiang/alerts?qos=0")
    warm(store, "bus")
    for number in range(3):
        save(store, number, ("bus",))
    assert deliver(store, channels, NAMES, clock=Clock()).sent["bus"] == 3
    wait_for(lambda: len(heard) == 3)
    client.disconnect()
    client.loop_stop()
    assert {row["detail"] for row in store.ledger() if row["event"] == "sent" and row["story_id"]} == {
        "accepted by MQTT: PUBACK"
    }
