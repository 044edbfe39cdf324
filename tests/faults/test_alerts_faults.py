"""One channel down, hung, trickling or acknowledging late: nothing lost, nothing doubled on the others.

DELIVERY_ALERTS=1000 runs it at full size; benchmarks/delivery.py does so and measures the delays.
"""

import os
from pathlib import Path

import pytest
from alerts_faults import CHANNELS, FAULTS, trial

pytestmark = pytest.mark.slow  # `make test-slow`

ALERTS = int(os.environ.get("DELIVERY_ALERTS", "10"))


@pytest.mark.parametrize(
    ("fault", "faulty"), [*zip(FAULTS, ("mail", "bus", "hook", "mail"), strict=True), ("late", "bus"), ("late", "hook")]
)
def test_others_get_everything_once_and_the_faulty_one_catches_up(tmp_path: Path, fault: str, faulty: str) -> None:
    found = trial(tmp_path, fault, faulty, ALERTS, max(5, ALERTS // 10))
    assert (found.lost, found.doubled_elsewhere) == (0, 0)
    assert found.failures > 0
    assert found.doubled <= found.failures
    assert fault in {"late", "trickling"} or found.doubled == 0  # those two take it, and nobody hears of it
    assert set(found.delays) == set(CHANNELS) - {faulty}
