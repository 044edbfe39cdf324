"""What joining one more article to its story costs, beside datasketch's MinHash LSH.

    python benchmarks/stories.py [--articles 100000] [--joins 400] [--folder DIR]

Fills a SQLite file (WAL) with the index of synthetic news, a quarter of it notices on a few templates, then times how
further articles join: prepare, keys, lookup, reading and judging the candidates, insert. The table is the store's; the
commit is not synced, for in the store it is the article's own. datasketch (`pip install datasketch`, not among our
dependencies) does what it does in memory: shingles, 128 permutations, query at Jaccard 0.5, insert.
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from synthetic_news import News

from crawler.stories import POSTINGS, judge, keys, prepare, rank

SCHEMA = """
CREATE TABLE texts.articles (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE story_keys (key BIGINT, article_id INTEGER, PRIMARY KEY (key, article_id)) WITHOUT ROWID;
"""
Spent = tuple[float, float]
PEER_LIMIT = 100_000  # some 10 kB an article stay in memory


class Index:
    """The store's lookup, in plain SQL."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "index.sqlite3"
        self.connection = sqlite3.connect(self.path, isolation_level=None)
        self.connection.execute("ATTACH ? AS texts", (str(folder / "texts.sqlite3"),))
        for name in ("main", "texts"):
            self.connection.execute(f"PRAGMA {name}.journal_mode = WAL")
            self.connection.execute(f"PRAGMA {name}.synchronous = NORMAL")
        self.connection.executescript(SCHEMA)

    def fill(self, numbered: Iterator[tuple[int, str]]) -> None:
        """Store articles without looking for their stories; with a large cache, which joining does not have."""
        self.connection.execute("PRAGMA main.cache_size = -1000000")
        while batch := list(islice(numbered, 20_000)):
            self.connection.execute("BEGIN")
            for article, text in batch:
                self._insert(article, text, keys(prepare(text)))
            self.connection.execute("COMMIT")
        self.connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
        self.connection.execute("PRAGMA main.cache_size = -65536")

    def join(self, article: int, text: str) -> tuple[list[int], int]:
        """Store one more article; return the articles that tell its story and how many were compared."""
        prepared = prepare(text)
        found = keys(prepared)
        postings = {key: self._postings(key) for key in found}
        candidates = rank(postings)
        same = [other for other in candidates if judge(prepare(self.text(other)), prepared).same]
        self.connection.execute("BEGIN IMMEDIATE")
        self._insert(article, text, found)
        self.connection.execute("COMMIT")
        return same, len(candidates)

    def _postings(self, key: int) -> list[int]:
        query = "SELECT article_id FROM story_keys WHERE key = ? ORDER BY article_id DESC LIMIT ?"
        return [row[0] for row in self.connection.execute(query, (key, POSTINGS))]

    def text(self, article: int) -> str:
        """Return the text of a stored article."""
        return str(self.connection.execute("SELECT body FROM articles WHERE id = ?", (article,)).fetchone()[0])

    def _insert(self, article: int, text: str, found: tuple[int, ...]) -> None:
        self.connection.execute("INSERT INTO articles VALUES (?, ?)", (article, text))
        self.connection.executemany("INSERT INTO story_keys VALUES (?, ?)", [(key, article) for key in found])


class Peer:
    """datasketch: the same texts, cleaned the same way, in four-character shingles."""

    def __init__(self) -> None:
        from datasketch import MinHash, MinHashLSH

        self._minhash = MinHash
        self._lsh = MinHashLSH(threshold=0.5, num_perm=128)

    def join(self, article: str, text: str) -> list[Any]:
        """Store one more article; return the articles alike."""
        marked = prepare(text).marked
        signature = self._minhash(num_perm=128)
        signature.update_batch({marked[place : place + 4].encode() for place in range(max(1, len(marked) - 3))})
        alike = self._lsh.query(signature)
        self._lsh.insert(article, signature)
        return list(alike)

    def fill(self, articles: int, random: Any) -> None:
        """Store signatures drawn at random: as good as real ones for time and memory, and made in no time."""
        for article in range(articles):
            values = random.integers(0, 2**32, 128, dtype="uint32")
            self._lsh.insert(f"r{article}", self._minhash(num_perm=128, hashvalues=values, scheme="affine32"))


def sample(news: News, index: Index, articles: int, joins: int) -> list[tuple[str, str, int]]:
    """Return what is to join: kind, text, and of a reprint the article it was made from, else 0."""
    random = Random(2)
    chosen = []
    for _ in range(joins):
        kind, text = news.any()
        original = random.randint(1, articles)
        stored = index.text(original)
        if random.random() < 0.2 and stored.count("\n") > 3:
            kind, text = "reprint", news.reprint(stored)
        chosen.append((kind, text, original if kind == "reprint" else 0))
    return chosen


def timed(call: Any, *arguments: Any) -> tuple[Spent, Any]:
    """Return milliseconds by the clock and of this process, and the result of a call."""
    clock, process = time.perf_counter(), time.process_time()
    result = call(*arguments)
    return ((time.perf_counter() - clock) * 1000, (time.process_time() - process) * 1000), result


def report(name: str, spent: list[Spent]) -> str:
    """Return a row: how many, median and 95th percentile by the clock, median of the process, in milliseconds."""
    clock, process = sorted(wall for wall, _ in spent), [cpu for _, cpu in spent]
    return (
        f"{name:<28}{len(spent):>6}{statistics.median(clock):>11.2f}{clock[int(len(clock) * 0.95)]:>8.2f}"
        f"{statistics.median(process):>12.2f}"
    )


def measure(index: Index, articles: int, chosen: list[tuple[str, str, int]]) -> None:
    """Join the sample to our index and print the rows."""
    times: dict[str, list[Spent]] = {}
    found = wrong = compared = 0
    for number, (kind, text, original) in enumerate(chosen, articles + 1):
        spent, (same, candidates) = timed(index.join, number, text)
        times.setdefault(kind, []).append(spent)
        compared += candidates
        found += original in same
        wrong += sum(other != original for other in same)
    for kind, spent in sorted(times.items()):
        print(report(f"fengxiang, {kind}s", spent))
    print(report("fengxiang, all", [spent for part in times.values() for spent in part]))
    reprints = len(times.get("reprint", ()))
    print(f"reprints found {found} of {reprints}; others joined {wrong}; compared {compared / len(chosen):.1f} each")


def measure_peer(articles: int, chosen: list[tuple[str, str, int]], originals: dict[int, str]) -> None:
    """Join the sample to datasketch's index and print the row."""
    try:
        peer = Peer()
    except ImportError:
        print("datasketch is not installed, so nothing stands beside our figures: pip install datasketch")
        return
    import numpy as np

    size = min(articles, PEER_LIMIT)
    before = resident()
    peer.fill(size, np.random.default_rng(1))
    grown = resident() - before
    for original, text in originals.items():
        peer.join(f"o{original}", text)
    results = [(timed(peer.join, f"n{number}", text), original) for number, (_, text, original) in enumerate(chosen)]
    found = sum(f"o{original}" in alike for (_, alike), original in results)
    print(report(f"datasketch, {size:,} stored", [spent for (spent, _), _ in results]))
    reprints = sum(kind == "reprint" for kind, _, _ in chosen)
    print(f"reprints found {found} of {reprints}; in memory: {grown / size:,.0f} bytes each")


def resident() -> int:
    """Return the resident memory of this process in bytes (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def main() -> None:
    """Fill, join, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--joins", type=int, default=400)
    parser.add_argument("--folder", type=Path, help="where a temporary folder goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        news, index = News(1), Index(Path(folder))
        with closing(index.connection):
            spent, _ = timed(index.fill, ((number, news.any()[1]) for number in range(1, options.articles + 1)))
            size = index.path.stat().st_size
            print(f"{options.articles:,} articles stored in {spent[0] / 1000:.0f} s")
            print(f"index on disk: {size / options.articles:,.0f} bytes each")
            chosen = sample(news, index, options.articles, options.joins)
            print(f"{'joining one more':<28}{'n':>6}{'median ms':>11}{'p95 ms':>8}{'median CPU':>12}")
            originals = {original: index.text(original) for _, _, original in chosen if original}
            measure(index, options.articles, chosen)
            measure_peer(options.articles, chosen, originals)


if __name__ == "__main__":
    main()
