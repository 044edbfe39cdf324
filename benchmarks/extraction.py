"""Score article extractors side by side, and measure them against a bare lxml parse of the same pages.

    python benchmarks/extraction.py [module:function ...] [--repeat N]

`function(html: bytes, url: str)` returns an object or a mapping with title, body, publish_time, source and author.
Ours runs always; trafilatura, readability-lxml, newspaper4k and GNE run when they can be imported: install them by
hand into an environment of their own. Pages and scorer of ../shared/pages are used where they lie, else tests/pages.
Speed is CPU time of one process, the best of the repeats for each page, as a ratio to `lxml.html.fromstring`, to the
same on the pages that it reads to their end, and to the same parse told that the page is UTF-8: untold, libxml2 stops
early on pages whose meta tag names a false encoding.
"""

import argparse
import collections
import importlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from itertools import compress
from pathlib import Path
from typing import Any

import lxml.html

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SHARED_DATA") or ROOT.parent / "shared") / "pages"
OWN = ROOT / "tests" / "pages"
FIELDS = ("title", "publish_time", "author", "source", "body")
SHARES = ("F1", "title", "date", "minute", "source", "source_fp", "author", "author_fp")
Extractor = Callable[[bytes, str], Any]


def trafilatura() -> Extractor:
    """Return trafilatura with metadata."""
    from trafilatura import bare_extraction

    def extract(html: bytes, url: str) -> dict[str, Any]:
        found = bare_extraction(html, url=url or None, with_metadata=True)
        found = found.as_dict() if hasattr(found, "as_dict") else found or {}
        return {"title": found.get("title"), "body": found.get("text"), "publish_time": found.get("date")} | {
            "author": found.get("author")
        }

    return extract


def readability() -> Extractor:
    """Return readability-lxml."""
    from readability import Document

    def extract(html: bytes, _: str) -> dict[str, Any]:
        document = Document(html.decode("utf-8", "replace"))
        return {"title": document.short_title(), "body": lxml.html.fromstring(document.summary()).text_content()}

    return extract


def newspaper() -> Extractor:
    """Return newspaper4k, set to Chinese."""
    from newspaper import Article

    def extract(html: bytes, url: str) -> dict[str, Any]:
        article = Article(url or "https://www.example.cn/", language="zh", fetch_images=False)
        article.download(input_html=html.decode("utf-8", "replace"))
        article.parse()
        return {
            "title": article.title,
            "body": article.text,
            "author": article.authors,
            "publish_time": article.publish_date,
        }

    return extract


def gne() -> Extractor:
    """Return GNE."""
    from gne import GeneralNewsExtractor

    extractor = GeneralNewsExtractor()

    def extract(html: bytes, _: str) -> dict[str, Any]:
        found = extractor.extract(html.decode("utf-8", "replace"))
        return {"title": found["title"], "body": found["content"], "author": found["author"]} | {
            "publish_time": found["publish_time"]
        }

    return extract


PEERS = {"trafilatura": trafilatura, "readability": readability, "newspaper": newspaper, "gne": gne}


def is_whole(html: bytes) -> bool:
    """Return whether the plain parse reads about as much of the page as the one that is told its encoding."""
    told = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))
    return len(lxml.html.fromstring(html).text_content()) >= 0.9 * len(told.text_content())


def parse_only(html: bytes, _: str) -> dict[str, Any]:
    """Parse as lxml.html does and extract nothing: the reference of speed."""
    lxml.html.fromstring(html)
    return {}


def parse_told(html: bytes, _: str) -> dict[str, Any]:
    """Parse with the encoding given."""
    lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))
    return {}


def named(target: str) -> Extractor:
    """Return the function that `module:function` names."""
    module, _, function = target.partition(":")
    found: Extractor = getattr(importlib.import_module(module), function)
    return found


def extractors(targets: list[str]) -> dict[str, Extractor]:
    """Return name → extractor: ours, those named, and the peers that are installed."""
    chosen = {target: named(target) for target in ["crawler.extract:extract_article", *targets]}
    for name, build in PEERS.items():
        if importlib.util.find_spec(name) is not None:
            chosen[name] = build()
    return chosen


def scorer() -> Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]:
    """Return the shared scorer, or a plain one where it is absent."""
    if (SHARED / "score_extraction.py").exists():
        sys.path.insert(0, str(SHARED))
        found: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] = importlib.import_module(
            "score_extraction"
        ).score
        return found
    return plain_score


def plain_score(gold: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return the scores of one page against its gold, by equality and 4-grams of the body."""
    wanted, got = grams(gold["body"]), grams(str(found.get("body") or ""))
    both = sum((wanted & got).values())
    time_found = str(found.get("publish_time") or "").replace(" ", "T")
    return {
        "F1": 2 * both / max(1, sum(wanted.values()) + sum(got.values())),
        "title": gold["title"] == found.get("title"),
        "date": time_found[:10] == gold["publish_time"][:10],
        "minute": time_found[:16] == gold["publish_time"][:16] if gold.get("precision") != "day" else None,
        "source": gold["source"] == found.get("source") if gold["source"] else None,
        "source_fp": bool(found.get("source")) if not gold["source"] else None,
        "author": gold["author"] == found.get("author") if gold["author"] else None,
        "author_fp": bool(found.get("author")) if not gold["author"] else None,
    }


def grams(text: str, size: int = 4) -> collections.Counter[str]:
    """Return how often each run of characters occurs, white space aside."""
    text = "".join(text.split())
    return collections.Counter(text[start : start + size] for start in range(max(1, len(text) - size + 1)))


def run(extract: Extractor, html: bytes, url: str) -> tuple[dict[str, Any], float]:
    """Return what was extracted and the CPU seconds it took."""
    started = time.process_time()
    try:
        found = extract(html, url)
    except Exception as error:  # noqa: BLE001 - a peer that fails on a page scores nothing there
        found = {"title": type(error).__name__}
    spent = time.process_time() - started
    if not isinstance(found, dict):
        found = {field: getattr(found, field, None) for field in FIELDS}
    return found, spent


def mean(values: list[Any]) -> float:
    """Return the mean of the values that are known."""
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known else float("nan")


def main() -> None:
    """Score, measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    folder = SHARED if (SHARED / "gold.jsonl").exists() else OWN
    gold = [json.loads(line) for line in (folder / "gold.jsonl").read_text("utf-8").splitlines() if line]
    pages = [next(folder.rglob(f"{page['name']}.html")).read_bytes() for page in gold]
    chosen = {"lxml.html parse": parse_only, "lxml.html parse, told utf-8": parse_told, **extractors(arguments.targets)}
    score = scorer()
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    least = {name: [float("inf")] * len(pages) for name in chosen}
    for turn in range(arguments.repeat):  # all take their turn, for the machine has other users
        for name, extract in chosen.items():
            for number, (page, html) in enumerate(zip(gold, pages, strict=True)):
                found, seconds = run(extract, html, page.get("url") or "")
                least[name][number] = min(least[name][number], seconds)
                if turn == 0 and extract not in (parse_only, parse_told):
                    results[name].append(score(page, found))
    whole = [is_whole(html) for html in pages]
    spent = {name: (sum(seconds), sum(compress(seconds, whole))) for name, seconds in least.items()}
    print(f"{len(pages)} pages of {folder}; the plain parse reads {sum(whole)} of them to their end")
    columns = [
        *(f"{share:>10}" for share in ("≥0.95", *SHARES, "pages/s")),
        f"{'× lxml':>8}{'× whole':>8}{'× told':>8}",
    ]
    print(f"{'extractor':32}" + "".join(columns))
    plain, told = list(spent.values())[:2]
    for name, (seconds, on_whole) in spent.items():
        good = mean([result["F1"] >= 0.95 for result in results[name]])
        shares = [good, *(mean([result.get(share) for result in results[name]]) for share in SHARES)]
        cells = "".join(f"{share:>10.3f}" if results[name] else f"{'':10}" for share in shares)
        ratios = (plain[0] / seconds, plain[1] / on_whole, told[0] / seconds)
        print(f"{name:32}{cells}{len(pages) / seconds:>10.0f}" + "".join(f"{ratio:>8.3f}" for ratio in ratios))


if __name__ == "__main__":
    main()
