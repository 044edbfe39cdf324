"""IRC, which acknowledges nothing: apprise takes a text for delivered as soon as it is written to the connection.

A server works off the lines of a connection in order and answers each that it refuses with a number, so a PONG to the
PING that follows a text, and no refusal before it, says that the server took the whole text. It does not say that
anybody was in the channel. Numbers and limits: RFC 2812, sections 2.3 and 5.2.
"""

import secrets
import time
from collections.abc import Iterator
from typing import Any, ClassVar

from apprise.plugins.irc import base
from apprise.plugins.irc.client import IRCClient
from apprise.plugins.irc.protocol import is_ping, parse_irc_line, ping_payload
from apprise.utils.socket import AppriseSocketError

from crawler.vendors.answers import short
from crawler.vendors.services import TIMEOUT
from crawler.vendors.wire import Witness

PATIENCE = 2 * TIMEOUT  # seconds: servers that slow down who says much take up to two a line
LINE = 510  # bytes of a line without its end
SERVICES = 2.0  # seconds for NickServ, which answers in words of its own, before we join
SENDER = 120  # bytes that a server puts before a line when it passes it on: nick, user and host of who sent it
CLOSED = "the server closed the connection"
NO_MOTD = 422  # the one number of the range that refuses nothing
NOT_HEARD = 716  # a person who hears only whom they have let in


class Client(IRCClient):
    """apprise's client, except that it waits for the server's answer and keeps what it refuses."""

    witness: ClassVar[Witness]
    pump_interval = 0.1  # seconds between two looks whether the server has let us in

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._password: str | None = options.get("password")
        self._refused = ""  # the server's last word against us
        self._barred = ""  # why the channel did not let us in

    def connect(self) -> None:
        """Called by apprise."""
        try:
            super().connect()
        except AppriseSocketError as error:
            cause = error.__cause__
            self.witness.faults.append(short(f"no connection: {getattr(cause, 'strerror', None) or cause}"))
            raise

    def register(self, timeout: float, prefix: str) -> None:
        """Called by apprise. A nick that is taken is no refusal: another one is made of ours."""
        try:
            super().register(timeout, prefix)
        except (AppriseSocketError, TimeoutError) as error:
            # An ended connection is told in two ways: as its end, and as a reset where that overtook what we wrote.
            words = short(str(error)) if isinstance(error, TimeoutError) else CLOSED
            self.witness.faults.append(self._refused or words)
            raise

    def identify(self, timeout: float) -> None:
        """Called by apprise, which has forgotten the password by then."""
        self.sm.ctx.password = self._password
        self.pump_interval = SERVICES
        super().identify(timeout)

    def join(self, channel: str, timeout: float, prefix: str, key: str | None = None) -> None:  # noqa: ARG002
        """Called by apprise."""
        self._barred = self._ask([f"JOIN {channel} {key or ''}".rstrip()])

    def privmsg(self, target: str, message: str, timeout: float) -> None:  # noqa: ARG002
        """Called by apprise, which takes the text for delivered unless the witness hears of a refusal."""
        room = LINE - SENDER - len(f"PRIVMSG {target} :".encode())
        refused = self._barred or self._ask([f"PRIVMSG {target} :{line}" for line in lines(message, room)])
        self._barred = ""
        if refused:
            self.witness.refuse(refused)

    def _ask(self, commands: list[str]) -> str:
        """Send commands and wait until the server has worked them off; return its refusal, or "" if there is none."""
        self._refused, token = "", secrets.token_hex(4)
        deadline = time.monotonic() + PATIENCE
        try:
            # At once: a write to a server that has gone away meanwhile would hide what it said before.
            self._write("\r\n".join((*commands, f"PING :{token}")), deadline)
            while (line := self._read(deadline)) is not None:
                message = parse_irc_line(line)
                if is_ping(message):
                    self._write(f"PONG :{ping_payload(message)}", deadline)
                elif message.command == "PONG" and token in {*message.params, message.trailing}:
                    return self._refused
        except (AppriseSocketError, TimeoutError):
            self.witness.faults.append(self._refused or f"{CLOSED}; it may have arrived")
            raise
        return self._refused or f"no answer within {PATIENCE:g} s; it may have arrived"

    def _read(self, deadline: float) -> str | None:
        line = super()._read(deadline)
        if line is not None:
            message = parse_irc_line(line)
            number = message.numeric or 0
            if message.command == "ERROR" or number == NOT_HEARD or (400 <= number < 600 and number != NO_MOTD):
                # The first parameter of a number is our own nick.
                about = " ".join(message.params[1:] if number else message.params)
                self._refused = short(f"{message.command} {about} {message.trailing or ''}")
        return line


def lines(text: str, room: int) -> Iterator[str]:
    """Give the text in lines of at most `room` bytes, cut behind a mark or a space where there is one, losing nothing.

    A line that is longer than IRC's would be cut by the server, or end the connection.
    """
    for line in text.splitlines():
        rest = line
        while rest.strip():
            head = rest.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
            cut = max(head.rfind(mark) for mark in "，。；、！？ ") + 1
            if len(head) < len(rest) and 2 * cut > len(head):
                head = head[:cut]
            yield rest[: len(head)]
            rest = rest[len(head) :]


def watch_irc(witness: Witness) -> None:
    """Let apprise speak IRC through our client, in this process."""
    Client.witness = witness
    vars(base)["IRCClient"] = Client
