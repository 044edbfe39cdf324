"""Article pages of our own writing, one per page shape; what is expected stands in pages/gold.jsonl."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import Extracted, extract_article

PAGES = Path(__file__).parent / "pages"
GOLD = [json.loads(line) for line in (PAGES / "gold.jsonl").read_text("utf-8").splitlines()]


def read(name: str, url: str, **options: Any) -> Extracted:
    return extract_article((PAGES / f"{name}.html").read_bytes(), url, **options)


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["name"])
def test_page_shapes(gold: dict[str, Any]) -> None:
    found = read(gold["name"], gold["url"])
    for field, wanted in gold.items():
        if field in {"name", "url"}:
            continue
        value = getattr(found, field)
        if field == "publish_time":
            value = value and value.isoformat()
        elif field == "attachments":
            value = list(value)
        elif field == "document":
            value = {key: value[key] for key in wanted}
        assert value == wanted, field
    assert not found.missing
    assert not found.encoding_doubt
