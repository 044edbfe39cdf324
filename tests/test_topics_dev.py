"""The shipped packs on the labelled development set, where it is at hand."""

import json
import os
from pathlib import Path

import pytest

from crawler.topics import load_topics
from crawler.topics.trial import Scores, evaluate

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared")
RECORDS = SHARED / "sets" / "topics.dev.jsonl"

pytestmark = pytest.mark.skipif(not RECORDS.is_file(), reason="the development set is not here")


@pytest.fixture(scope="module")
def scores() -> dict[str, Scores]:
    records = [json.loads(line) for line in RECORDS.read_text("utf-8").splitlines()]
    return {tally.topic: tally for tally in evaluate(load_topics(), records)}


def test_industry_transfer(scores: dict[str, Scores]) -> None:
    assert scores["industry_transfer"].precision >= 0.93
    assert scores["industry_transfer"].recall >= 0.93


def test_macro_f1_of_the_seven(scores: dict[str, Scores]) -> None:
    assert sum(tally.f1 for tally in scores.values()) / len(scores) >= 0.85
