"""The shipped topics, and regions, on texts of our own. Floors lie a little under the figures of docs/topics.md."""

from pathlib import Path
from typing import NamedTuple

import pytest

from crawler.regions import locate
from crawler.topics import Topics, load_topics

FLOORS = {  # precision, recall
    "industry_transfer": (0.98, 0.96),
    "investment_promotion": (0.97, 0.95),
    "park_development": (0.97, 0.92),
    "infrastructure": (0.97, 0.92),
    "market_data": (0.97, 0.84),
    "business_environment": (0.97, 0.90),
    "equipment_policy": (0.97, 0.95),
}


class Text(NamedTuple):
    batch: str
    topic: str  # with - before it: only looks so
    region: str
    direction: str
    title: str
    body: str


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    lines = (Path(__file__).parent / "topics_texts.tsv").read_text("utf-8").splitlines()
    return [Text(*line.split("\t")) for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def topics() -> Topics:
    return load_topics()


def flagged(topics: Topics, texts: list[Text], topic: str) -> int:
    return sum(any(flag.topic == topic for flag in topics.match(text.title, text.body)) for text in texts)


@pytest.mark.parametrize("topic", FLOORS)
def test_precision_and_recall(topics: Topics, texts: list[Text], topic: str) -> None:
    on_it = [text for text in texts if text.topic == topic]
    right = flagged(topics, on_it, topic)
    wrong = flagged(topics, [text for text in texts if text.topic == f"-{topic}"], topic)
    precision, recall = FLOORS[topic]
    assert right / (right + wrong) >= precision
    assert right / len(on_it) >= recall


def test_chief_province_and_direction(texts: list[Text]) -> None:
    transfers = (text for text in texts if text.topic == "industry_transfer")
    on_it = [text for text in transfers if text.batch not in "4567"]  # written for the topics alone
    moving = [(text, locate(text.title, text.body)) for text in on_it]
    assert sum((place.region or "") == text.region for text, place in moving) / len(moving) >= 0.96
    assert sum((place.direction or "") == text.direction for text, place in moving) / len(moving) >= 0.95
