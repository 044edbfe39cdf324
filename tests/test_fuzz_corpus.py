"""The kept inputs of the fuzzer, replayed: what once broke a rule, and what leads into every corner of the readers."""

import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz"
sys.path.append(str(FUZZ))
from fuzz_pages import check  # noqa: E402


@pytest.mark.parametrize("path", sorted((FUZZ / "corpus").iterdir()), ids=lambda path: path.name)
def test_kept_input(path: Path) -> None:
    check(path.read_bytes())
