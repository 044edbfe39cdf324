"""Mail servers, MQTT brokers and IRC servers that refuse at each step, or go away: nothing counts as delivered."""

import getpass
import logging
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alerts_desk import free_port, server_program, serving
from alerts_refusers import GONE, Broker, Chat, RefusingMail
from apprise.plugins.irc import base

from crawler.vendors import irc
from crawler.vendors.sender import Words, send
from crawler.vendors.services import build
from crawler.vendors.wire import Witness, watch_bus, watch_mail

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
DISCONNECT = b"\xe0\x02\x89\x00"  # MQTT 5: server busy


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def sent(
    url: str,
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    reached: tuple[str, ...] = (),
    body: str = "正文",
    patience: float = 0.3,
) -> dict[str, Any]:
    """Return what came of a message, sent as the sending process does; nobody is waited for longer than `patience`."""
    for name in ("sendmail", "data", "connect", "starttls", "login"):
        monkeypatch.setattr(smtplib.SMTP, name, getattr(smtplib.SMTP, name))  # whatever is put there goes again
    service = build({url: {"tag": "a"}}, "text")
    service.socket_read_timeout = service.socket_connect_timeout = patience
    witness = Witness(service)
    with monkeypatch.context():
        if url.startswith("irc"):
            monkeypatch.setattr(base, "IRCClient", base.IRCClient)
            service.irc_register_timeout = min(service.irc_register_timeout, irc.PATIENCE)
            irc.watch_irc(witness)
        elif url.startswith("mqtt"):
            watch_bus(witness, service.client)
            stack.callback(service.client.loop_stop)
            stack.callback(service.client.disconnect)
        else:
            watch_mail(witness)
        order = {"key": "k1", "title": "题", "body": body, "format": "text", "reached": reached}
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
    # apprise waits to the end of its patience for a broker that has refused: long enough to hear what it said.
    patience = 0.3 if "could not be delivered" in words else 1.0
    outcome = sent(f"mqtt://127.0.0.1:{server.port}/fengxiang/alerts", stack, monkeypatch, patience=patience)
    assert (outcome["accepted"], outcome["reached"]) == (False, [])
    assert words in outcome["words"], outcome


# name: the server, and what the ledger says
NOT_IN = ":irc.example 404 desk #news :Cannot send to channel"
CHAT: dict[str, tuple[Chat, str]] = {
    "closed at once": (Chat({"NICK": GONE}), "the server closed the connection"),
    "not let in in time": (Chat({"USER": ""}), "IRC registration timeout"),
    "password": (Chat({"USER": ":irc.example 464 desk :Password incorrect"}), "464 Password incorrect"),
    "banned": (Chat({"USER": ":irc.example 465 desk :You are banned"}), "465 You are banned"),
    "too many": (Chat({"USER": "ERROR :Closing Link: Throttled"}), "ERROR Closing Link: Throttled"),
    "no nick is free": (Chat({"NICK": ":irc.example 433 * desk :Nickname is already in use"}), "433 desk Nickname"),
    "full": (Chat({"JOIN": ":irc.example 471 desk #news :Cannot join channel (+l)"}), "471 #news Cannot join"),
    "invited only": (Chat({"JOIN": ":irc.example 473 desk #news :Cannot join channel (+i)"}), "473 #news Cannot join"),
    "banned from it": (Chat({"JOIN": ":irc.example 474 desk #news :Cannot join channel (+b)"}), "474 #news Cannot"),
    "key": (Chat({"JOIN": ":irc.example 475 desk #news :Cannot join channel (+k)"}), "475 #news Cannot join"),
    "sent elsewhere": (Chat({"JOIN": ":irc.example 470 desk #news ##news :Forwarding"}), "470 #news ##news Forward"),
    "closed at JOIN": (Chat({"JOIN": GONE}), "the server closed the connection"),
    "moderated": (Chat({"PRIVMSG": NOT_IN}), "404 #news Cannot send to channel"),
    "line too long": (Chat({"PRIVMSG": ":irc.example 417 desk :Input line was too long"}), "417 Input line was too"),
    "flood": (Chat({"PRIVMSG": "ERROR :Closing Link: Excess Flood"}), "ERROR Closing Link"),
    "closed at the text": (Chat({"PRIVMSG": GONE}), "the server closed the connection; it may have arrived"),
    "closed in place of PONG": (Chat({"PING": GONE}, late=True), "the server closed the connection; it may have"),
    "no PONG": (Chat({"PING": ""}), "no answer within 1 s; it may have arrived"),
    "another's PONG": (Chat({"PING": ":irc.example PONG irc.example :other"}), "no answer within 1 s"),
}


@pytest.mark.parametrize("kind", CHAT)
def test_no_refusal_of_an_irc_server_counts_as_delivered(
    kind: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(irc, "PATIENCE", 1.0)
    chat, words = CHAT[kind]
    server = stack.enter_context(chat.server())
    outcome = sent(f"irc://desk@127.0.0.1:{server.port}/#news", stack, monkeypatch)
    assert (outcome["accepted"], outcome["reached"]) == (False, [])
    assert words in outcome["words"], outcome


def test_an_irc_server_that_is_not_there(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = sent(f"irc://desk@127.0.0.1:{free_port()}/#news", stack, monkeypatch)
    assert (outcome["accepted"], outcome["words"]) == (False, "no connection: Connection refused")


def test_of_several_rooms_one_that_refuses_costs_the_others_nothing(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Chat({"JOIN #b": ":irc.example 473 desk #b :Cannot join channel (+i)"})
    server = stack.enter_context(chat.server())
    url = f"irc://desk@127.0.0.1:{server.port}/#a/#b/@somebody"
    first = sent(url, stack, monkeypatch)
    assert (first["accepted"], first["words"], len(first["reached"])) == (False, "473 #b Cannot join channel (+i)", 2)
    assert sent(url, stack, monkeypatch, tuple(first["reached"]))["accepted"] is False
    assert chat.heard("PRIVMSG") == ["#a :题", "#a :正文", "somebody :题", "somebody :正文"]


def test_a_nick_is_made_known_to_the_services_before_its_first_word(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """apprise 2.3 forgets the password that its mode for this is there to send."""
    monkeypatch.setattr(irc, "SERVICES", 0.1)
    chat = Chat({})
    server = stack.enter_context(chat.server())
    assert sent(f"irc://desk:word0001@127.0.0.1:{server.port}/#news?mode=nickserv", stack, monkeypatch)["accepted"]
    assert chat.heard("PRIVMSG")[0] == "NickServ :IDENTIFY word0001"
    assert chat.heard("PASS") == []


def test_every_row_is_there_and_a_yes_is_a_yes(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert min(len(MAIL), len(BUS), len(CHAT)) >= 12
    mail = stack.enter_context(RefusingMail({}))
    assert sent(f"mailto://127.0.0.1:{mail.port}?from=a@example.com&to=b@example.com", stack, monkeypatch)["accepted"]
    assert len(mail.messages) == 1
    chat = Chat({})
    talking = stack.enter_context(chat.server())
    outcome = sent(f"irc://desk@127.0.0.1:{talking.port}/#news", stack, monkeypatch)
    assert (outcome["accepted"], outcome["words"]) == (True, "PONG")
    assert chat.heard("PRIVMSG") == ["#news :题", "#news :正文"]
    pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")
    broker = Broker()
    server = stack.enter_context(broker.server())
    outcome = sent(f"mqtt://127.0.0.1:{server.port}/fengxiang/alerts", stack, monkeypatch)
    assert (outcome["accepted"], outcome["words"], len(broker.published)) == (True, "PUBACK", 1)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[int]:
    """Give the port of a real broker with a password and rights for one topic."""
    program, passwords, port = server_program("mosquitto"), server_program("mosquitto_passwd"), free_port()
    pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed")
    folder = tmp_path / "broker"
    folder.mkdir()
    (folder / "users").write_text("desk:secret001\n")
    subprocess.run([passwords, "-U", folder / "users"], check=True)
    (folder / "rights").write_text("user desk\ntopic write alerts/#\n")
    # Started by root, it would read them as somebody else.
    lines = [f"user {getpass.getuser()}", f"listener {port} 127.0.0.1", "allow_anonymous false"]
    lines += [f"password_file {folder / 'users'}", f"acl_file {folder / 'rights'}"]
    (folder / "conf").write_text("\n".join(lines) + "\n")
    with serving(port, program, "-c", folder / "conf"):
        yield port


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
