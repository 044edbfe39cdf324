"""Regions: provinces of names, chief province of a text, direction of industry transfer."""

import json
import os
from pathlib import Path

import pytest

from crawler.regions import AREAS, PROVINCES, locate, province_of

SHARED = Path(os.environ.get("FENGXIANG_SHARED") or Path(__file__).parents[1].parent / "shared")


@pytest.mark.parametrize(
    ("name", "province"),
    [
        ("甘肃", "甘肃"),
        ("甘肃省", "甘肃"),
        ("620000", "甘肃"),
        ("62", "甘肃"),
        ("620102", "甘肃"),
        ("甘", "甘肃"),
        ("陇", "甘肃"),
        ("兰州", "甘肃"),
        ("兰州市", "甘肃"),
        ("兰州新区", "甘肃"),
        ("积石山县", "甘肃"),
        ("黔南州", "贵州"),
        ("海南", "海南"),
        ("海南州", "青海"),
        ("察右后旗", "内蒙古"),
        ("新疆生产建设兵团", "新疆"),
        ("石河子", "新疆"),
        ("鼓楼区", None),  # in four provinces
        ("江东省", None),
        ("99", None),
        ("", None),
    ],
)
def test_province_of(name: str, province: str | None) -> None:
    assert province_of(name) == province


def test_names_are_complete_and_areas_name_provinces() -> None:
    names = {province.name for province in PROVINCES}
    assert len(names) == 34
    assert all(set(provinces) <= names for provinces in AREAS.values())
    assert all(province_of(province.full) == province.name for province in PROVINCES)


@pytest.mark.skipif(not (SHARED / "sets").is_dir(), reason="development sets absent")
def test_development_set() -> None:
    lines = (SHARED / "sets" / "topics.dev.jsonl").read_text("utf-8").splitlines()
    rows = [(row, locate(row["title"] or "", row["text"])) for row in map(json.loads, lines)]
    placed = [found.region == row["region"] for row, found in rows if row["region"]]
    directed = [found.direction == row["direction"] for row, found in rows if "industry_transfer" in row["labels"]]
    assert sum(placed) / len(placed) >= 0.90
    assert sum(directed) / len(directed) >= 0.85
