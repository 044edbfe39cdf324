"""What goes over the wire while apprise sends: every answer of HTTP services, mail servers and MQTT brokers.

Kept word for word. Wraps requests and smtplib in the process that sends, and in no other.
"""

import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from crawler.vendors.answers import Answer, Verdict, judge, short
from crawler.vendors.services import TIMEOUT

KEPT = 65_536  # characters of an answer that are looked at
POSTS = {"NotifyMatrix": "/send/"}  # of several requests, the one whose answer counts; elsewhere it is the last


class Witness:
    """What was answered on the wire while apprise sent one message."""

    def __init__(self, service: Any, tell: Callable[[str], None] = lambda _: None) -> None:
        self._tell = tell  # hears of each target that took the message, at once
        self._name = type(service).__name__
        self.answers: list[Answer] = []
        self.faults: list[str] = []
        self.mail: dict[str, Verdict] = {}
        self.key = ""
        self.reached: set[str] = set()
        self.refusals: list[str] = []
        self._refused = ""
        service.is_delivered = self._is_delivered
        service.mark_delivered = self._mark_delivered

    def begin(self, key: str, reached: Sequence[str]) -> None:
        """Forget the last message. `reached` names the targets that took this one in an earlier try."""
        self.answers, self.faults, self.refusals, self.mail = [], [], [], {}
        self.key, self.reached, self._refused = key, set(reached), ""

    def refuse(self, words: str) -> None:
        """Keep that the target under way refuses the message, whatever apprise believes."""
        self._refused = words

    def verdict(self) -> Verdict | None:
        """Return what the vendor's last answer means; None where nothing was asked over HTTP."""
        wanted = POSTS.get(self._name, "")
        posts = [answer for answer in self.answers if wanted in answer.url]
        return judge(self._name, posts[-1]) if posts else None

    def _is_delivered(self, key: Any, per_message: bool = False) -> bool:  # noqa: ARG002  # called by apprise
        return mark(key) in self.reached

    def _mark_delivered(self, key: Any, per_message: bool = False) -> None:  # noqa: ARG002
        """Called by apprise when it believes that a target took the message."""
        if type(key) is object:  # its mark for all targets together, by which a retry would send to none
            return
        verdict = self.verdict()
        if self._refused or (verdict and not verdict.accepted):
            self.refusals.append(self._refused or (verdict.words if verdict else ""))
            self._refused = ""
        else:
            self.reached.add(mark(key))
            self._tell(mark(key))


def mark(key: Any) -> str:
    """Return what stands for a target in the store; the target itself may be a token."""
    return hashlib.sha256(repr(key).encode()).hexdigest()[:16]


def watch_http(witness: Witness) -> None:
    """Keep a copy of every answer that requests gets in this process."""
    import requests

    send = requests.Session.send

    def watched(session: Any, request: Any, **options: Any) -> Any:
        try:
            response = send(session, request, **options)
        except requests.RequestException as error:
            witness.faults.append(_fault(error))
            raise
        body = "" if options.get("stream") else response.content[:KEPT].decode("utf-8", "replace")
        wait = response.headers.get("Retry-After", "")
        answer = Answer(
            response.status_code,
            body,
            response.headers.get("Content-Type", "").lower(),
            float(wait) if wait.isdigit() else None,
            request.url or "",
        )
        witness.answers.append(answer)
        return response

    requests.Session.send = watched  # type: ignore[assignment,method-assign]


def watch_mail(witness: Witness) -> None:
    """Keep the server's reply for every recipient, and give a message the same Message-ID in every try."""
    sendmail, data = smtplib.SMTP.sendmail, smtplib.SMTP.data
    replies: list[str] = []

    def watched_data(connection: smtplib.SMTP, text: Any) -> Any:
        code, reply = data(connection, text)
        replies.append(f"{code} {reply.decode('utf-8', 'replace')}")
        return code, reply

    def watched(connection: smtplib.SMTP, sender: str, to: Any, text: Any, *options: Any, **more: Any) -> Any:
        (address,) = to
        message_id = f"Message-ID: <{witness.key}@{sender.rpartition('@')[2]}>"
        text = re.sub(r"^Message-ID:.*(?:\r?\n[ \t].*)*", message_id, text, count=1, flags=re.MULTILINE | re.IGNORECASE)
        replies.clear()
        try:
            refused = sendmail(connection, sender, to, text, *options, **more)
        except (OSError, smtplib.SMTPException) as error:
            witness.mail[address] = Verdict(False, _smtp_words(error))
            raise
        witness.mail[address] = Verdict(not refused, short(replies[-1] if replies else "accepted"))
        return refused

    smtplib.SMTP.sendmail = watched  # type: ignore[method-assign,assignment]
    smtplib.SMTP.data = watched_data  # type: ignore[assignment,method-assign]
    for name in ("connect", "starttls", "login"):
        setattr(smtplib.SMTP, name, _noting(getattr(smtplib.SMTP, name), witness))


def watch_bus(witness: Witness, client: Any) -> None:
    """Keep why an MQTT broker refused the connection or a message, or went away."""

    def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            hint = "; add version=v3.1.1 to its address" if "protocol version" in str(reason) else ""
            witness.faults.append(short(f"CONNACK {reason.value} {reason}{hint}"))

    def published(_client: Any, _data: Any, _message: int, reason: Any, _properties: Any) -> None:
        if reason.is_failure:  # apprise takes every PUBACK for a yes
            witness.refuse(short(f"PUBACK {reason.value} {reason}"))

    def disconnected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure and not witness.faults:
            witness.faults.append(short(f"the connection was lost: {reason}"))

    client.on_connect, client.on_publish, client.on_disconnect = connected, published, disconnected


def _noting(method: Any, witness: Witness) -> Any:
    """Return the method of a mail connection so that the witness hears why it failed."""

    def noting(*arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        except (OSError, smtplib.SMTPException) as error:
            witness.faults.append(_smtp_words(error))
            raise

    return noting


def _smtp_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return short(f"{code} {reply.decode('utf-8', 'replace')}")
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error
        return short(f"{error.smtp_code} {told.decode('utf-8', 'replace') if isinstance(told, bytes) else told}")
    if isinstance(error, TimeoutError):
        return f"no reply within {TIMEOUT:g} s; it may have arrived"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server closed the connection; it may have arrived"
    if isinstance(error, smtplib.SMTPException):  # ours to read: what the server cannot do
        return short(str(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the server's certificate was not accepted"
    if isinstance(error, ssl.SSLError):
        return "no TLS with this server"
    return short(f"no connection: {getattr(error, 'strerror', None) or type(error).__name__}")


def _fault(error: Exception) -> str:
    """Return a network error in words. The library's own words hold the address, token included."""
    import requests

    names = (
        (requests.exceptions.ConnectTimeout, f"no connection within {TIMEOUT:g} s"),
        (requests.exceptions.ReadTimeout, f"no answer within {TIMEOUT:g} s; it may have arrived"),
        (requests.exceptions.SSLError, "the server's certificate was not accepted"),
        (requests.exceptions.ProxyError, "the proxy did not let it through"),
    )
    if words := next((words for kind, words in names if isinstance(error, kind)), ""):
        return words
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return short(f"no connection: {cause.strerror}")
        inner = [arg for arg in cause.args if isinstance(arg, BaseException)]
        reason = getattr(cause, "reason", None)
        cause = reason if isinstance(reason, BaseException) else inner[0] if inner else cause.__context__
    return f"no connection: {type(error).__name__}"
