"""Whether a vendor took a message, by its own answer: apprise calls a refusal with HTTP 200 a success.

Pure. What is not the answer that the vendor's contract promises is a refusal: a login page, an empty body, a redirect.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 200  # characters of a vendor's words that are kept


@dataclass(slots=True, frozen=True)
class Answer:
    """What an HTTP service answered."""

    status: int
    body: str = ""
    content_type: str = ""
    retry_after: float | None = None  # seconds that the service asks for
    url: str = ""


@dataclass(slots=True, frozen=True)
class Verdict:
    """Whether the message was taken, in the vendor's words. `missed` names recipients that it was not taken for."""

    accepted: bool
    words: str
    missed: tuple[str, ...] = ()


def judge(service: str, answer: Answer) -> Verdict:
    """Return what the answer of a service (apprise's class name) means."""
    if not 200 <= answer.status < 300:
        kind = ": a redirect, not followed" if 300 <= answer.status < 400 else ""
        return Verdict(False, short(f"HTTP {answer.status}{kind} {_message(answer)}"))
    return _JUDGES.get(service, _webhook)(answer)


def short(words: str) -> str:
    """Return the words on one line, without control characters, cut to a length for a ledger."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _values(answer: Answer) -> Mapping[str, Any]:
    try:
        values = json.loads(answer.body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _message(answer: Answer) -> str:
    values = _values(answer)
    told = next((values[key] for key in ("errmsg", "description", "error", "msg", "message") if values.get(key)), "")
    return str(told) if values else ("an HTML page" if _is_html(answer) else answer.body)


def _is_html(answer: Answer) -> bool:
    return "html" in answer.content_type or answer.body.lstrip()[:14].lower().startswith(("<!doctype html", "<html"))


def _odd(answer: Answer, wanted: str) -> Verdict:
    """Return the refusal for an answer that the vendor never gives when it took the message."""
    got = "an HTML page" if _is_html(answer) else f"'{answer.body[:80]}'" if answer.body.strip() else "an empty body"
    return Verdict(False, short(f"HTTP {answer.status}, {got} instead of {wanted}"))


def _code(*keys: str, good: int, words: tuple[str, ...]) -> Callable[[Answer], Verdict]:
    """Return a judge for services that answer with a number under one of the keys, and words for people."""

    def by_code(answer: Answer) -> Verdict:
        values = _values(answer)
        codes = {key: values[key] for key in keys if key in values}
        if not codes:
            return _odd(answer, f"'{keys[0]}'")
        accepted = all(not isinstance(code, bool) and str(code) == str(good) for code in codes.values())
        key, code = next((pair for pair in codes.items() if str(pair[1]) != str(good)), next(iter(codes.items())))
        told = next((str(values[word]) for word in words if values.get(word)), "")
        return Verdict(accepted, short(f"{key} {code} {told}"), _missed(values))

    return by_code


def _missed(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the recipients that WeCom and WxPusher name as not reached in an answer that is otherwise good."""
    named = [str(values[key]) for key in ("invaliduser", "invalidparty", "invalidtag") if values.get(key)]
    rows = values.get("data")
    if isinstance(rows, list):
        bad = [row for row in rows if isinstance(row, dict) and row.get("code", 1000) != 1000]
        named += [f"{row.get('uid') or row.get('topicId')}: {row.get('status')}" for row in bad]
    return tuple(short(name) for name in named)


def _server_chan(answer: Answer) -> Verdict:
    verdict = _code("code", good=0, words=("message", "info"))(answer)
    told = _values(answer).get("data")
    data = told if isinstance(told, dict) else {}
    inner = data.get("errno", 0)
    return verdict if not inner else Verdict(False, short(f"errno {inner} {data.get('error', '')}"))


def _telegram(answer: Answer) -> Verdict:
    values = _values(answer)
    if "ok" not in values:
        return _odd(answer, "'ok'")
    return Verdict(values["ok"] is True, "ok" if values["ok"] is True else short(f"refused {_message(answer)}"))


def _slack(answer: Answer) -> Verdict:
    if answer.body.strip() == "ok":
        return Verdict(True, "ok")
    return _telegram(answer) if _values(answer) else _odd(answer, "'ok'")


def _discord(answer: Answer) -> Verdict:
    if answer.status == 204:
        return Verdict(True, "HTTP 204")
    return _with_id("id")(answer)


def _with_id(key: str) -> Callable[[Answer], Verdict]:
    """Return a judge for services that answer with the id of the message they keep."""

    def by_id(answer: Answer) -> Verdict:
        value = _values(answer).get(key)
        return Verdict(True, short(f"{key} {value}")) if value else _odd(answer, f"'{key}'")

    return by_id


def _webhook(answer: Answer) -> Verdict:
    """Judge a webhook of no known vendor: any 2xx, unless its JSON says no or a page for people came back."""
    values = _values(answer)
    if _is_html(answer):
        return _odd(answer, "a webhook's answer")
    for key in ("errcode", "StatusCode", "errno"):
        if values.get(key, 0) not in (0, "0", None):
            return Verdict(False, short(f"{key} {values[key]} {_message(answer)}"))
    for key in ("ok", "success"):
        if values.get(key) is False:
            return Verdict(False, short(f"{key} false {_message(answer)}"))
    if values.get("error") or values.get("errors"):
        return Verdict(False, short(f"error {values.get('error') or values.get('errors')}"))
    code = values.get("code")
    if isinstance(code, int) and code not in (0, 1, 200, 1000) and not 200 <= code < 300:
        return Verdict(False, short(f"code {code} {_message(answer)}"))
    return Verdict(True, short(f"HTTP {answer.status} {answer.body}"))


_ERRCODE = _code("errcode", good=0, words=("errmsg",))
_STATUS_CODE = _code("code", "StatusCode", good=0, words=("msg", "StatusMessage"))

_JUDGES: Mapping[str, Callable[[Answer], Verdict]] = {
    "NotifyDingTalk": _ERRCODE,
    "NotifyWeComBot": _ERRCODE,
    "NotifyWeChat": _ERRCODE,
    "NotifyFeishu": _STATUS_CODE,
    "NotifyLark": _STATUS_CODE,
    "NotifyServerChan": _server_chan,
    "NotifyPushplus": _code("code", good=200, words=("msg",)),
    "NotifyWxPusher": _code("code", good=1000, words=("msg",)),
    "NotifyBark": _code("code", good=200, words=("message",)),
    "NotifyTelegram": _telegram,
    "NotifySlack": _slack,
    "NotifyDiscord": _discord,
    "NotifyNtfy": _with_id("id"),
    "NotifyMatrix": _with_id("event_id"),
}
