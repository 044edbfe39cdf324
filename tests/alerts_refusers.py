"""A mail server, an MQTT broker and an IRC server that refuse at any step, or go away. What they took is kept."""

import asyncio
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from alerts_desk import BadServer, hang

from crawler.sample.sinks import SmtpSink

GONE = "the connection is closed"


class _Refusing(SMTP):
    """Answers a command by `replies`, if it is there. The names of the methods are aiosmtpd's."""

    def __init__(self, sink: "RefusingMail", **options: Any) -> None:
        self._sink = sink
        super().__init__(sink, hostname="mail.sample.invalid", **options)

    async def _refused(self, command: str) -> bool:
        reply = self._sink.replies.get(command)
        if reply == GONE:
            self.transport.close()
        elif reply:
            await self.push(reply)
        return reply is not None

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        await self._refused("EHLO") or await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        await self._refused("EHLO") or await super().smtp_HELO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        await self._refused("MAIL") or await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        await self._refused("RCPT") or await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self._refused("DATA") or await super().smtp_DATA(arg)


class RefusingMail(SmtpSink):
    """`replies` says what is answered to EHLO, MAIL, RCPT, DATA and TEXT (after the text) in place of a yes."""

    def __init__(self, replies: dict[str, str], tls: Path | None = None) -> None:
        super().__init__()
        self.replies = replies
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._tls and tls:
            self._tls.load_cert_chain(tls)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.replies.get("TEXT") == GONE:
            server.transport.close()
        return self.replies.get("TEXT") or await super().handle_DATA(server, session, envelope)

    async def _listen(self) -> asyncio.Server:
        login = {"authenticator": lambda *_: AuthResult(success=False, handled=False), "auth_require_tls": False}
        return await asyncio.get_running_loop().create_server(
            lambda: _Refusing(self, tls_context=self._tls, **login), "127.0.0.1", 0
        )


@dataclass
class Broker:
    """What a broker of MQTT 5 answers: a reason code, bytes, GONE, or None for nothing at all."""

    connack: int | bytes | str | None = 0
    puback: int | bytes | str | None = 0
    published: list[bytes] = field(default_factory=list)

    def server(self) -> BadServer:
        return BadServer(self._serve)

    def _serve(self, connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(5)
        while True:
            kind, payload = _packet(connection)
            answer: int | bytes | str | None = b""
            if kind == 1:
                answer = self.connack
                if isinstance(answer, int):
                    answer = bytes((0x20, 3, 0, answer, 0))
            elif kind == 3:
                self.published.append(payload)
                answer = self.puback
                if isinstance(answer, int):
                    at = 2 + int.from_bytes(payload[:2])  # behind the topic
                    answer = b"\x40\x04" + payload[at : at + 2] + bytes((answer, 0))
            if isinstance(answer, str):
                return
            if answer is None:
                hang(connection, over)
                return
            connection.sendall(answer)


@dataclass
class Chat:
    """An IRC server. `replies` says what is answered to what begins so: a line, "" for nothing, or GONE.

    After ERROR it goes. late: all this only from the first text on.
    """

    replies: dict[str, str]
    late: bool = False
    commands: list[str] = field(default_factory=list)

    def server(self) -> BadServer:
        return BadServer(self._serve)

    def heard(self, command: str) -> list[str]:
        """Return what stood behind each command of a name."""
        return [line.removeprefix(f"{command} ") for line in self.commands if line.startswith(f"{command} ")]

    def _serve(self, connection: socket.socket, _over: threading.Event) -> None:
        connection.settimeout(5)
        replies = {} if self.late else self.replies
        for data in connection.makefile("rb"):
            line = data.decode().rstrip("\r\n")
            self.commands.append(line)
            name, _, rest = line.partition(" ")
            if name == "PRIVMSG":
                replies = self.replies
            known = {"USER": ":irc.example 001 desk :Welcome\r\n:irc.example 422 desk :No MOTD"}
            known |= {"JOIN": f":desk!~desk@host JOIN {rest}", "PING": f":irc.example PONG irc.example {rest}"}
            reply = next((replies[begin] for begin in replies if line.startswith(begin)), known.get(name, ""))
            if reply == GONE:
                return
            if reply:
                connection.sendall(f"{reply}\r\n".encode())
            if reply.startswith("ERROR"):
                return


def _packet(connection: socket.socket) -> tuple[int, bytes]:
    """Return kind and content of the next packet; OSError at the end."""
    kind = _exactly(connection, 1)[0] >> 4
    length = shift = 0
    while True:
        (byte,) = _exactly(connection, 1)
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return kind, _exactly(connection, length)


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionResetError
        data += more
    return data
