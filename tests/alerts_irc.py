"""A real IRC server with rooms of each kind, and a reader who sits in some and keeps what arrives."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from alerts_desk import free_port, server_program, serving, wait_for

PASSWORD = "secret001"
ROOMS = {"#news": "+n", "#outside": "", "#invited": "+in", "#moderated": "+mn", "#keyed": "+kn key00001"}


@contextmanager
def irc_server(folder: Path, penalty: int = 0) -> Iterator[int]:
    """Give the port of an ngircd on the loopback that asks for a password.

    penalty: seconds, at the most, that it lets somebody wait who says much; -1 for as many as it likes.
    """
    program, port = server_program("ngircd"), free_port()
    settings = f"""[Global]
Name = irc.sample.invalid
Info = x
MotdPhrase = x
Listen = 127.0.0.1
Ports = {port}
Password = {PASSWORD}
[Limits]
MaxConnectionsIP = 0
MaxPenaltyTime = {penalty}
[Options]
PAM = no
DNS = no
Ident = no
IncludeDir = {folder}
"""
    settings += "".join(f"[Channel]\nName = {name}\nModes = {modes}\n" for name, modes in ROOMS.items())
    (folder / "ngircd").write_text(settings)
    with serving(port, program, "-n", "-f", folder / "ngircd"):
        yield port


class Reader:
    """A plain connection that sits in rooms; `texts` has what was said, `lines` all that arrived."""

    def __init__(self, port: int, nick: str, *rooms: str) -> None:
        self.lines: list[bytes] = []
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.say(f"PASS {PASSWORD}", f"NICK {nick}", f"USER {nick} 0 * :{nick}", *(f"JOIN {room}" for room in rooms))
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        self.settle()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.say("QUIT")
        self._thread.join()
        self._connection.close()

    def say(self, *commands: str) -> None:
        self._connection.sendall("".join(f"{command}\r\n" for command in commands).encode())

    def settle(self) -> None:
        """Return when all that the server had for us has been read."""
        token = f"settled{len(self.lines)}"
        self.say(f"PING :{token}")
        wait_for(lambda: any(b" PONG " in line and line.endswith(token.encode()) for line in self.lines))

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Return whom or which room each text was for, and the text."""
        said = [line.decode().partition(" PRIVMSG ")[2] for line in self.lines if b" PRIVMSG " in line]
        return [(target, text) for target, _, text in (line.partition(" :") for line in said)]

    def commands(self) -> set[str]:
        """Return what others did."""
        return {line.split(b" ")[1].decode() for line in self.lines if b"!" in line.split(b" ")[0]}

    def _read(self) -> None:
        for line in self._connection.makefile("rb"):
            if line.startswith(b"PING"):
                self._connection.sendall(b"PONG" + line[4:])
            self.lines.append(line.rstrip(b"\r\n"))
