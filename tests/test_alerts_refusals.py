"""Mail servers and MQTT brokers that refuse at each step, or go away: nothing counts as delivered."""

import getpass
import logging
import shutil
import smtplib
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alerts_desk import wait_for
from alerts_refusers import GONE, Broker, RefusingMail
from test_alerts_channels import _listens

from crawler.vendors.sender import Words, send
from crawler.vendors.services import build
from crawler.vendors.wire import Witness, watch_bus, watch_mail

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
DISCONNECT = b"\xe0\x02\x89\x00"  # MQTT 5: server busy


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def sent(url: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, reached: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what came of a message, sent as the sending process does; nobody is waited for longer than a moment."""
    for name in ("sendmail", "data", "connect", "starttls", "login"):
        monkeypatch.setattr(smtplib.SMTP, name, getattr(smtplib.SMTP, name))  # whatever is put there goes again
    service = build({url: {"tag": "a"}}, "text")
    service.socket_read_timeout = service.socket_connect_timeout = 0.3
    witness = Witness(service)
    with monkeypatch.context():
        if url.startswith("mqtt"):
            watch_bus(witness, service.client)
            stack.callback(service.client.loop_stop)
            stack.callback(service.client.disconnect)
        else:
            watch_mail(witness)
        order = {"key": "k1", "title": "题", "body": "正文", "format": "text", "reached": reached}
        words, logger = Words(), logging.getLogger("apprise")
        stack.callback(logger.removeHandler, words)
        logger.addHandler(words)
        logger.setLevel(logging.WARNING)
        outcome = send(service, witness, words, order)
    monkeypatch.undo()
    return outcome


# name: the replies of the server, and what the ledger says
MAIL: dict[str, tuple[dict[str, str], str]] = {
    "closed at EHLO": ({"EHLO": GONE}, "closed"),
    "unavailable": ({"EHLO": "421 4.3.2 shutting down"}, "421"),
    "MAIL 4xx": ({"MAIL": "451 4.7.1 greylisted"}, "451 4.7.1 greylisted"),
    "MAIL 5xx": ({"MAIL": "550 5.7.1 sender rejected"}, "550 5.7.1 sender rejected"),
    "closed at MAIL": ({"MAIL": GONE}, "closed"),
    "RCPT 4xx": ({"RCPT": "450 4.2.1 mailbox busy"}, "450 4.2.1 mailbox busy"),
    "RCPT 5xx": ({"RCPT": "550 5.1.1 no such user"}, "550 5.1.1 no such user"),
    "closed at RCPT": ({"RCPT": GONE}, "closed"),
    "DATA 4xx": ({"DATA": "451 4.3.0 try later"}, "451 4.3.0 try later"),
    "DATA 5xx": ({"DATA": "554 5.5.1 no valid recipients"}, "554 5.5.1 no valid recipients"),
    "after the text 4xx": ({"TEXT": "452 4.3.1 out of space"}, "452 4.3.1 out of space"),
    "after the text 5xx": ({"TEXT": "554 5.7.1 spam"}, "554 5.7.1 spam"),
    "after the text 552": ({"TEXT": "552 5.3.4 too big"}, "552 5.3.4 too big"),
    "closed after the text": ({"TEXT": GONE}, "closed"),
}


@pytest.mark.parametrize("kind", MAIL)
def test_no_refusal_of_a_mail_server_counts_as_delivered(
    kind: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies, words = MAIL[kind]
    mail = stack.enter_context(RefusingMail(replies))
    outcome = sent(f"mailto://127.0.0.1:{mail.port}?from=a@example.com&to=b@example.com", stack, monkeypatch)
    assert (outcome["accepted"], outcome["reached"]) == (False, [])
    assert words in outcome["words"], outcome
    assert mail.messages == []


def test_one_of_several_recipients_that_is_refused_is_not_delivered_and_the_others_get_it_once(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = stack.enter_context(RefusingMail({}))
    mail.refuse_recipient("c@example.com")
    url = f"mailto://127.0.0.1:{mail.port}?from=a@example.com&to=b@example.com,c@example.com,d@example.com"
    first = sent(url, stack, monkeypatch)
    again = sent(url, stack, monkeypatch, tuple(first["reached"]))
    for outcome in (first, again):
        assert (outcome["accepted"], len(outcome["reached"])) == (False, 2)
        assert outcome["words"] == "c@example.com: 550 5.1.1 no such user here"
    assert sorted(mail.recipients) == [["b@example.com"], ["d@example.com"]]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mailtos://127.0.0.1:{port}?from=a@example.com&to=b@example.com&mode=starttls", "STARTTLS"),
        ("mailtos://127.0.0.1:{port}?from=a@example.com&to=b@example.com&mode=ssl", "no TLS with this server"),
        ("mailto://user:wrong@127.0.0.1:{port}?from=a@example.com&to=b@example.com", "535"),
    ],
)
def test_mail_server_without_tls_and_one_that_refuses_the_login(
    address: str, words: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = stack.enter_context(RefusingMail({}))
    outcome = sent(address.format(port=mail.port), stack, monkeypatch)
    assert not outcome["accepted"]
    assert words in outcome["words"], outcome
    assert mail.messages == []


# name: the broker, and what the ledger says
BUS: dict[str, tuple[Broker, str]] = {
    "bad credentials": (Broker(connack=134), "CONNACK 134 Bad user name or password"),
    "not authorised": (Broker(connack=135), "CONNACK 135 Not authorized"),
    "protocol error": (Broker(connack=130), "CONNACK 130 Protocol error"),
    "old broker": (Broker(connack=132), "CONNACK 132 Unsupported protocol version; add version=v3.1.1"),
    "unavailable": (Broker(connack=136), "CONNACK 136 Server unavailable"),
    "banned": (Broker(connack=138), "CONNACK 138 Banned"),
    "no MQTT at all": (Broker(connack=b"HTTP/1.1 400 Bad Request\r\n\r\n"), "could not be delivered"),
    "closed at CONNECT": (Broker(connack=GONE), "the connection was lost"),
    "no CONNACK": (Broker(connack=None), "could not be delivered"),
    "no PUBACK": (Broker(puback=None), "could not be delivered"),
    "closed in place of PUBACK": (Broker(puback=GONE), "the connection was lost"),
    "disconnected in place of PUBACK": (Broker(puback=DISCONNECT), "the connection was lost: Server busy"),
    "message not authorised": (Broker(puback=135), "PUBACK 135 Not authorized"),
    "topic refused": (Broker(puback=144), "PUBACK 144 Topic name invalid"),
    "quota": (Broker(puback=151), "PUBACK 151 Quota exceeded"),
    "unspecified": (Broker(puback=128), "PUBACK 128 Unspecified error"),
}


@pytest.mark.parametrize("kind", BUS)
def test_no_refusal_of_a_broker_counts_as_delivered(
    kind: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")
    broker, words = BUS[kind]
    server = stack.enter_context(broker.server())
    outcome = sent(f"mqtt://127.0.0.1:{server.port}/fengxiang/alerts", stack, monkeypatch)
    assert (outcome["accepted"], outcome["reached"]) == (False, [])
    assert words in outcome["words"], outcome


def test_every_row_is_there_and_a_yes_is_a_yes(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert min(len(MAIL), len(BUS)) >= 12
    mail = stack.enter_context(RefusingMail({}))
    assert sent(f"mailto://127.0.0.1:{mail.port}?from=a@example.com&to=b@example.com", stack, monkeypatch)["accepted"]
    assert len(mail.messages) == 1
    pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")
    broker = Broker()
    server = stack.enter_context(broker.server())
    outcome = sent(f"mqtt://127.0.0.1:{server.port}/fengxiang/alerts", stack, monkeypatch)
    assert (outcome["accepted"], outcome["words"], len(broker.published)) == (True, "PUBACK", 1)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[int]:
    """Give the port of a real broker with a password and rights for one topic."""
    paths = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin:/opt/homebrew/bin"
    program, passwords = shutil.which("mosquitto", path=paths), shutil.which("mosquitto_passwd", path=paths)
    if program is None or passwords is None:
        pytest.skip("mosquitto is not installed")
    pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    folder = tmp_path / "broker"
    folder.mkdir()
    (folder / "users").write_text("desk:secret001\n")
    subprocess.run([passwords, "-U", folder / "users"], check=True)
    (folder / "rights").write_text("user desk\ntopic write alerts/#\n")
    # Started by root, it would read them as somebody else.
    lines = [f"user {getpass.getuser()}", f"listener {port} 127.0.0.1", "allow_anonymous false"]
    lines += [f"password_file {folder / 'users'}", f"acl_file {folder / 'rights'}"]
    (folder / "conf").write_text("\n".join(lines) + "\n")
    with subprocess.Popen([program, "-c", str(folder / "conf")], stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: _listens(port))
        yield port
        process.terminate()


@pytest.mark.parametrize(
    ("address", "accepted", "words"),
    [
        ("desk:secret001@127.0.0.1:{port}/alerts/a", True, "PUBACK"),
        ("desk:secret001@127.0.0.1:{port}/others/a", False, "PUBACK 135 Not authorized"),
        ("desk:wrong@127.0.0.1:{port}/alerts/a", False, "CONNACK 135 Not authorized"),
        ("127.0.0.1:{port}/alerts/a", False, "CONNACK 135 Not authorized"),
    ],
)
def test_real_broker_with_rights(
    guarded: int, address: str, accepted: bool, words: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = sent(f"mqtt://{address.format(port=guarded)}", stack, monkeypatch)
    assert (outcome["accepted"], outcome["words"]) == (accepted, words)
