"""Where alerts go in the demo and in the tests: a real mail server and a real webhook on free loopback ports.

Needs the extra `demo` (aiosmtpd). Both can be told to refuse, since what matters is what a sender does then.
"""

import asyncio
import json
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from crawler.sample.server import Page, Request, Server


class SmtpSink:
    """A mail server that keeps what it takes: `messages`, and in the same order the `recipients` it took them for."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self._unknown: set[str] = set()
        self._refusals: list[str] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"smtp:{self.port}")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def refuse_recipient(self, address: str) -> None:
        """Answer 550 to every RCPT for this address."""
        with self._lock:
            self._unknown.add(address)

    def refuse_next(self, times: int = 1, *, reply: str = "554 5.7.1 message refused") -> None:
        """Answer the next messages with this line, after their text was sent. A 4xx reply means: try again later."""
        with self._lock:
            self._refusals = [reply] * times

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse a recipient; aiosmtpd calls it."""
        with self._lock:
            if address in self._unknown:
                return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse a message; aiosmtpd calls it."""
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        with self._lock:
            if self._refusals:
                return self._refusals.pop()
            self.messages.append(message)
            self.recipients.append(list(envelope.rcpt_tos))
        return "250 2.0.0 OK"

    async def _listen(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="mail.sample.invalid", enable_SMTPUTF8=True), "127.0.0.1", 0
        )

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class WebhookSink:
    """A webhook that keeps the JSON it takes, and answers as the chat services do."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.url = ""
        self._refusals: list[Page] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = Server(self._answer, lambda _request, _status: None)
        self.url = f"http://{self._server.address}/hook"
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def refuse_next(self, times: int = 1, *, status: int = 500, reply: dict[str, Any] | None = None) -> None:
        """Answer the next posts with this status and JSON, and keep nothing of them.

        Chat services refuse with status 200 and an error code in the JSON: give both.
        """
        page = Page(json.dumps(reply or {}).encode(), "application/json", status)
        with self._lock:
            self._refusals = [page] * times

    def _answer(self, request: Request) -> Page:
        if request.method != "POST":
            return Page(b"", status=405, headers={"Allow": "POST"})
        with self._lock:
            if self._refusals:
                return self._refusals.pop()
            try:
                self.messages.append(json.loads(request.body))
            except ValueError:
                return Page(b'{"errcode": 400, "errmsg": "no JSON"}', "application/json", 400)
        return Page(b'{"errcode": 0, "errmsg": "ok"}', "application/json")
