"""The process that sends for one channel: apprise inside, and beside it a witness that keeps what the vendor answered.

It reads JSON lines, the entry of the channels file and then one message after the other, and writes JSON lines: that it
is ready, each target of a message that took it, and what became of the message. Whoever started it may kill it at any
time; it holds nothing that is not in the store.
"""

import json
import logging
import sys
from typing import Any

from crawler.vendors.answers import short
from crawler.vendors.services import build, redacted, secrets_of
from crawler.vendors.wire import Witness, mark, watch_bus, watch_http, watch_mail

SILENT = {"NotifyMQTT": "PUBACK", "NotifyIRC": "PONG"}  # what an acknowledgement is called where it carries no words


class Words(logging.Handler):
    """Keeps the last complaint that apprise logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        self.last = record.getMessage()


def send(service: Any, witness: Witness, words: Words, order: dict[str, Any]) -> dict[str, Any]:
    """Send one message and return what became of it: accepted, words, missed, reached, retry_after."""
    from apprise import Apprise

    witness.begin(order["key"], order["reached"])
    _stamp(service, order["key"])
    words.last = ""
    apprise = Apprise()
    apprise.add(service)
    said = bool(apprise.notify(title=order["title"], body=order["body"], body_format=order["format"]))
    verdict = witness.verdict()
    missed = verdict.missed if verdict else ()
    if type(service).__name__ == "NotifyEmail":
        accepted, told = _judge_mail(witness, said)
    else:
        accepted = said and not witness.refusals and (verdict is None or verdict.accepted)
        # The vendor's own words before anything that apprise or we make of them.
        trouble = [*witness.refusals, *witness.faults[-1:]]
        candidates = [*(() if accepted else trouble), verdict.words if verdict else "", words.last]
        told = next(filter(None, candidates), "")
    if accepted and not told:
        told = SILENT.get(type(service).__name__, "accepted")
    waits = [answer.retry_after for answer in witness.answers if answer.retry_after and answer.status in {429, 503}]
    return {
        "accepted": accepted,
        "words": told or "not accepted; no reason given",
        "missed": list(missed),
        "reached": sorted(witness.reached),
        "retry_after": max(waits, default=None),
    }


def _stamp(service: Any, key: str) -> None:
    """Give a message the same identity in every try, where the vendor has a place for one."""
    name = type(service).__name__
    if name in {"NotifyJSON", "NotifyForm", "NotifyXML"}:
        service.headers["Idempotency-Key"] = key
    elif name == "NotifyBark" and not service.notification_id:
        service.notification_id = key  # the telephone replaces a notification of the same id
    elif name == "NotifyMatrix":
        # With a bare token apprise counts on with one transaction id, and the server drops all messages but the first.
        if service.access_token is None and service.password and not service.user:
            service.access_token = service.password
        service.transaction_id = int(mark(key)[:12], 16)


def _judge_mail(witness: Witness, said: bool) -> tuple[bool, str]:
    refused = [f"{address}: {verdict.words}" for address, verdict in witness.mail.items() if not verdict.accepted]
    taken = sorted({verdict.words for verdict in witness.mail.values() if verdict.accepted})
    return said and not refused, "; ".join(refused or witness.faults or taken)


def main() -> None:
    """Answer until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # a library that prints must not answer for us
    orders = (json.loads(line) for line in sys.stdin)
    setup = next(orders)
    service = build(setup["entry"], setup["format"])

    def say(**answer: Any) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    witness, words = Witness(service, lambda target: say(target=target)), Words()
    watch_http(witness)
    watch_mail(witness)
    if type(service).__name__ == "NotifyMQTT":
        watch_bus(witness, service.client)
    if type(service).__name__ == "NotifyIRC":
        from crawler.vendors.irc import watch_irc

        watch_irc(witness)
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)  # it logs addresses, tokens included, at DEBUG
    logger.propagate = False
    logger.addHandler(words)
    secrets = secrets_of(setup["entry"])
    say(ready=True)
    for order in orders:
        outcome = send(service, witness, words, order)
        outcome["words"] = short(redacted(outcome["words"], secrets))
        outcome["missed"] = [short(redacted(name, secrets)) for name in outcome["missed"]]
        say(**outcome)


if __name__ == "__main__":
    main()
