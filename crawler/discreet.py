"""What must not be seen: secrets in logs, tracebacks and messages, and characters that steer a terminal.

Secrets are known by what the operator's files hold, and by their shape wherever they come from. The rule for logs is
laid where records are made, so it holds for every logger, level and handler, those of libraries too.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any

HIDDEN = "***"
SHORTEST = 6  # characters: a shorter secret would hide words of the language with itself
_SECRETS: set[str] = set()
_SHAPES = (
    re.compile(r"(?<=://)[^/\s@'\"]+(?=@)"),  # name and password in an address
    re.compile(r"(?i)(?<![A-Za-z])(?:authorization|cookie|set-cookie)['\"]?\s*[:=]\s*(?:\[?b?['\"])?([^'\"\n]+)"),
    re.compile(r"(?i)[?&;](?:access_?token|token|api_?key|key|secret|sign|password|passwd|pwd|auth)=([^&\s'\"<>]+)"),
    re.compile(r"(?<![A-Za-z0-9])\d{6,}:[A-Za-z0-9_-]{30,}"),  # Telegram's
)
# ESC and the other controls of C0 and C1, marks of reading direction, line separators that only some programs know,
# halves of characters. Tabs and line ends are told by who writes them.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def keep_secret(parts: Iterable[str | None]) -> None:
    """Let no log line and no message of this process show any of the texts."""
    _SECRETS.update(part for part in parts if part and len(part) >= SHORTEST)


def discreet(text: str) -> str:
    """Return the text without anything secret."""
    for secret in sorted((part for part in _SECRETS if part in text), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for shape in _SHAPES:
        text = shape.sub(_hidden, text)
    return text


def harmless(text: str) -> str:
    r"""Return the text with what would steer a terminal written out as JSON writes it: \u001b."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def guard_logs() -> None:
    """From now on log records and tracebacks of this process are discreet and harmless."""
    logging.setLogRecordFactory(_record)
    sys.excepthook = _last_words


def _hidden(found: re.Match[str]) -> str:
    if not found.re.groups:
        return HIDDEN
    return found[0][: found.start(1) - found.start()] + HIDDEN


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """Make a record whose text is fixed at once; what follows a line end is indented, so that no line can be forged."""
    record = logging.LogRecord(*args, **kwargs)
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):  # logging itself complains of arguments that do not fit
        return record
    record.msg, record.args = _safe(text), ()
    if record.exc_info and record.exc_info[1]:
        record.exc_text = _safe("".join(traceback.format_exception(record.exc_info[1])).rstrip("\n"))
    return record


def _safe(text: str) -> str:
    return harmless(discreet(text)).replace("\n", "\n  ")


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(harmless(discreet("".join(traceback.format_exception(kind, error, trace)))))
