"""Real pages that lie beside the project, where they lie: the figures that extraction must reach on them."""

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawler.extract import extract_article, extract_list

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared")
pytestmark = pytest.mark.skipif(not (SHARED / "pages" / "gold.jsonl").exists(), reason="no shared pages")


def gold(folder: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SHARED / folder / "gold.jsonl").read_text("utf-8").splitlines() if line]


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_extraction", SHARED / "pages" / "score_extraction.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def share(results: list[dict[str, Any]], field: str) -> float:
    known = [float(result[field]) for result in results if result.get(field) is not None]
    return sum(known) / len(known)


def test_articles() -> None:
    module = scorer()
    results = []
    for page in gold("pages"):
        html = (SHARED / "pages" / "html" / f"{page['name']}.html").read_bytes()
        found = extract_article(html, page.get("url") or "")
        results.append(module.score(page, module.as_dict(found)))
    assert share(results, "F1") >= 0.985
    assert sum(result["F1"] >= 0.95 for result in results) >= 0.95 * len(results)
    assert share(results, "title") >= 0.98
    assert share(results, "date") >= 0.985
    assert share(results, "minute") >= 0.95
    assert share(results, "source") >= 0.9
    assert share(results, "author") >= 0.85
    assert share(results, "source_fp") <= 0.05
    assert share(results, "author_fp") <= 0.05


def test_lists() -> None:
    for page in gold("lists"):
        found = extract_list((SHARED / "lists" / page["file"]).read_bytes(), page["url"])
        listed, wanted = {link.url for link in found.links}, {link["href"] for link in page["links"]}
        assert len(listed & wanted) >= 0.95 * len(listed)
        assert len(listed & wanted) >= 0.95 * len(wanted)


@pytest.mark.parametrize("name", ["gbk", "mirrored"])
def test_seed_article(name: str) -> None:
    wanted = json.loads((SHARED / "samples" / "cehome_article.expected.json").read_text("utf-8"))
    html = (SHARED / "samples" / f"cehome_article_{name}.html").read_bytes()
    found = extract_article(html, "https://www.example.cn/news/20250122/359001.shtml")
    assert found.publish_time is not None
    assert found.publish_time.isoformat() == wanted["publish_time"]
    assert len(found.body.split("\n")) == len(wanted["body"])
    for furniture in ("语音播报", "語音播報", "声明", "聲明", "相关文章", "我要評論", "公眾微信", "責編"):
        assert furniture not in found.body
    if name == "gbk":
        assert (found.title, found.source, found.author) == (wanted["title"], wanted["source"], wanted["author"])
        assert found.body.split("\n") == wanted["body"]
