"""Delivery at full size: 1,000 alerts over mail, MQTT and a webhook with one of them in trouble; a first run of 5,000.

    python benchmarks/delivery.py [alerts]

Prints, for each trouble: lost and doubled alerts, and the median delay from the hit to the sink on the two channels
without trouble, as ratio to the same with no trouble at all. The trouble lasts for all runs but the last three.
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "faults"))

from alerts_desk import NAMES, channels_of, save
from alerts_faults import CHANNELS, FAULTS, Trial, trial

from crawler.alerts import deliver
from crawler.sample.sinks import SmtpSink, WebhookSink
from crawler.store import Store


def delay(found: Trial) -> float:
    """Return the median delay in seconds over the healthy channels."""
    return statistics.median(moment for moments in found.delays.values() for moment in moments)


def measured(fault: str, faulty: str, alerts: int) -> Trial:
    """Return the outcome of one trial, a twentieth of the alerts a run."""
    with tempfile.TemporaryDirectory() as folder:
        return trial(Path(folder), fault, faulty, alerts, max(5, alerts // 20))


def first_run(articles: int) -> None:
    """Tell an archive to two channels that never heard anything, twice."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        mail, hook = stack.enter_context(SmtpSink()), stack.enter_context(WebhookSink())
        channels = channels_of(
            folder,
            mail=f"mailto://127.0.0.1:{mail.port}?from=a@example.com&to=b@example.com",
            hook=f"json://{hook.url.removeprefix('http://')}",
        )
        store = Store(f"sqlite:///{folder / 'first.db'}")
        for number in range(articles):
            save(store, number, ("mail", "hook"), now=now - timedelta(hours=number))
        began = time.perf_counter()
        deliver(store, channels, NAMES)
        seconds = time.perf_counter() - began
        first = len(mail.messages), len(hook.messages)
        deliver(store, channels, NAMES)
        second = len(mail.messages) - first[0], len(hook.messages) - first[1]
        store.close()
    print(f"first run of {articles}: {first} messages by mail and webhook in {seconds:.1f} s; second run: {second}")


def main() -> None:
    """Print the figures."""
    alerts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    calm = measured("", "mail", alerts)
    reference = delay(calm)
    print(f"no trouble: {calm.lost} lost, {calm.doubled + calm.doubled_elsewhere} doubled, median {reference:.2f} s")
    for number, fault in enumerate(FAULTS):
        faulty = CHANNELS[number % len(CHANNELS)]
        found = measured(fault, faulty, alerts)
        print(
            f"{faulty} {fault}: {found.lost} lost, {found.doubled_elsewhere} doubled on the others, "
            f"{found.doubled} messages doubled on {faulty} after {found.failures} failed tries; "
            f"median {delay(found):.2f} s = {delay(found) / reference:.2f} of no trouble"
        )
    first_run(5 * alerts)


if __name__ == "__main__":
    main()
