"""Measure what a store grows to: a year of what an installation with every shipped source writes, and its questions.

    python benchmarks/growth.py [--days N]

Through the store's own methods, a run every ten minutes that reads what is due by the sources' `every`: readings with
their outcomes, articles with texts of 300 to 900 characters and their 40 index keys, reprints, flags, alerts on two
channels, messages, the ledger. The texts are invented and a thousand are used over and over, and the keys are drawn at
random: a store keeps both as they are, so the sizes are those of real ones. One transaction a day, without waiting for
the disk, so that a year fits into some minutes.

Prints, for a month, for the whole time and then after `fengxiang db prune` (with its defaults: it drops old readings,
as runs do bit by bit, and no text), MB a table with its indexes, and the seconds of the commands that people and cron
give most, as ratio to those of the month. A command counts from its start to its end, so a part is Python's. Takes a
quarter of an hour.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection
from synthetic_news import News

from crawler.config import Config
from crawler.items import Article
from crawler.sources import Source, catalogue_of
from crawler.store import Draft, Placement, Store
from crawler.store.alerts import Routed
from crawler.topics import Evidence, Flag

MONTH = 30  # days
TICK = timedelta(minutes=10)  # of cron
ARTICLES = {1: 8, 2: 2, 6: 8}  # by hours between two readings: new ones a day; news sites, authorities, daily papers
FAILED, REPRINTS, FLAGGED = 0.03, 0.3, 0.05
CHANNELS = ("desk", "team")
TOPICS = tuple(path.stem for path in sorted((Path(__file__).parent.parent / "pipelines" / "topics").glob("*.toml")))
REPEAT = 3
QUESTIONS = {
    "idle run": ("idle", "run"),
    "health": ("all", "health"),
    "alerts ledger of a story": ("all", "alerts", "ledger", "--story", "1"),
    "alerts ledger": ("all", "alerts", "ledger"),
    "export of a day": ("all", "export", "--since", "DAY", "-o", "day.jsonl"),
}


class Diary(Store):
    """A store that keeps a whole day in one transaction."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._day: Connection | None = None

    @contextmanager
    def day(self) -> Iterator[None]:
        """Keep what is written in the block, at its end."""
        with super().writing() as connection:
            self._day = connection
            try:
                yield
            finally:
                self._day = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the day's connection."""
        assert self._day is not None
        yield self._day

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the day's connection, which alone sees what was written today."""
        assert self._day is not None
        yield self._day


class Installation:
    """The world that writes: sources, each with a turn of its own, and what they bring."""

    def __init__(self, store: Diary, sources: list[Source], ends: datetime, days: int) -> None:
        self._store, self._sources = store, sources
        self._random = Random(1)
        news = News(1)
        self._texts = [news.article() for _ in range(1000)]
        self._turns = [(source, round(source.every / TICK), self._random.randrange(36)) for source in sources]
        self._from = ends - timedelta(days=days)
        self._stories: list[int] = []
        self._articles = 0

    def live(self, first: int, last: int) -> None:
        """Live through the days from `first` up to `last`."""
        for day in range(first, last):
            with self._store.day():
                for tick in range(144):
                    self._run(day * 144 + tick)

    def _run(self, tick: int) -> None:
        now = self._from + tick * TICK
        due = [source for source, period, offset in self._turns if (tick - offset) % period == 0]
        if not due:
            return
        manifest = {
            "versions": {"fengxiang": "0.1.0", "scrapy": "2.19.0", "apprise": "2.3.0", "selectolax": "0.4.0"},
            "python": "3.11.7",
            "config": "0123456789abcdef",
            "topics": dict.fromkeys(TOPICS, "0123456789ab"),
            "sources": [source.id for source in due],
        }
        run = self._store.begin_run(manifest, now)
        for source in due:
            self._read(run, source, now)
        self._tell(now)
        self._store.end_run(run, 0, now + timedelta(minutes=2))

    def _read(self, run: int, source: Source, now: datetime) -> None:
        result = {"outcome": "ok", "reason": None, "cause": None, "status": None}
        counts = {"lists": len(source.list_urls), "unchanged": 1}
        if self._random.random() < FAILED:
            reason = f"{source.list_urls[0]}: HTTP 503 Service Unavailable"
            result |= {"outcome": "failed", "reason": reason, "cause": "refused", "status": 503}
        else:
            hours = source.every / timedelta(hours=1)
            usual = ARTICLES[round(hours)] * hours / 24
            new = int(usual) + (self._random.random() < usual % 1)
            for _ in range(new):
                self._save(source, now)
            counts |= {"pages": new, "saved": new} if new else {}
        self._store.source_done(run, source.id, now, now + timedelta(seconds=40), result | {"counts": counts})

    def _save(self, source: Source, now: datetime) -> None:
        self._articles += 1
        title, _, body = self._random.choice(self._texts).partition("\n")
        url = f"{source.list_urls[0].rstrip('/')}/{now:%Y%m}/t{now:%Y%m%d}_{self._articles:08d}.html"
        article = Article(
            url=url,
            canonical_url=url,
            source=source.id,
            title=title,
            body=body,
            fetched_at=now,
            region=source.region,
            publish_time=now,
            precision="minute",
            source_name=source.name,
            content_hash=f"{self._random.getrandbits(256):064x}",
        )
        if self._random.random() < FLAGGED:
            article.flags = [Flag(TOPICS[self._articles % len(TOPICS)], 0.8, (Evidence("body", 0, 12, body[:12]),))]
        placement = Placement()
        if self._stories and self._random.random() < REPRINTS:
            story = self._random.choice(self._stories[-500:])
            placement = Placement(story_ids=(story,), similarity=0.9, reason="same text")
        keys = [self._random.getrandbits(48) for _ in range(40)]
        told = dict.fromkeys(TOPICS, CHANNELS)
        self._stories.append(self._store.save_article(article, keys, placement, told, now))

    def _tell(self, now: datetime) -> None:
        hits = self._store.hits()
        self._store.route_alerts(
            [Routed(alert_id=hit["id"], state="queued", cadence="now", due=now, detail="at once") for hit in hits], now
        )
        for hit in hits:
            body = f"{hit['title']}\n{self._random.choice(self._texts)[:300]}\nhttps://www.example.cn/{hit['id']}.html"
            draft = Draft(
                key=f"alert-{hit['id']}",
                channel=hit["channel"],
                kind="alert",
                title=f"【风向】{hit['title']}",
                body=body,
                format="text",
                alerts=(hit["id"],),
            )
            self._store.queue_messages([draft], now)
        for message in self._store.due_messages(now):
            self._store.message_sent(message["id"], "accepted by DingTalk: errcode 0 ok", now)


def sizes(path: Path) -> dict[str, float]:
    """Return MB by table, indexes included, largest first; "" is the whole file."""
    query = (
        "SELECT coalesce(m.tbl_name, d.name), sum(d.pgsize) FROM dbstat d LEFT JOIN sqlite_master m ON m.name = d.name"
        " WHERE d.aggregate = TRUE GROUP BY 1 ORDER BY 2 DESC"
    )
    with closing(sqlite3.connect(path)) as connection:
        found = {name: size / 1e6 for name, size in connection.execute(query)}
    return {"": sum(found.values())} | found


def rows(path: Path, table: str) -> int:
    """Return how many rows a table has."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def seconds(folder: Path, day: str) -> dict[str, float]:
    """Return what each command takes: the median of a few."""
    found = {}
    variables = {name: value for name, value in os.environ.items() if not name.startswith("FENGXIANG_")}
    for name, (config, *words) in QUESTIONS.items():
        command = [sys.executable, "-P", "-m", "crawler.cli", "--config", f"{config}.toml"]
        times = []
        for _ in range(REPEAT):
            began = time.perf_counter()
            done = subprocess.run(
                [*command, *(day if word == "DAY" else word for word in words)],
                cwd=folder,
                env=variables,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
            times.append(time.perf_counter() - began)
            if done.returncode and name != "health":  # which says whether the sources are well
                sys.exit(f"{name}: {done.stderr}")
        found[name] = statistics.median(times)
    return found


@dataclass(slots=True)
class Figures:
    """What a store holds and how fast it answers at some time."""

    name: str
    sizes: dict[str, float]
    rows: dict[str, int]
    seconds: dict[str, float]


def measured(name: str, folder: Path, now: datetime) -> Figures:
    """Return the figures of the store as it stands."""
    path = folder / "store.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found = sizes(path)
    counts = {table: rows(path, table) for table in found if table and table != "sqlite_schema"}
    return Figures(name, found, counts, seconds(folder, f"{now - timedelta(days=1):%Y-%m-%d}"))


def show(stages: Sequence[Figures]) -> None:
    """Print all figures side by side, ratios to the first."""
    first, _, last = stages
    print(f"\n{'MB':27}" + "".join(f"{stage.name:>12}" for stage in stages) + f"{'rows':>14}")
    for name in last.sizes:
        cells = "".join(f"{stage.sizes.get(name, 0):>12.1f}" for stage in stages)
        print(f"{name or 'all':27}{cells}" + (f"{last.rows[name]:>14,}" if name in last.rows else ""))
    print(f"\n{'seconds':27}" + "".join(f"{stage.name:>12}" for stage in stages) + f"{'ratios':>14}")
    for name in last.seconds:
        cells = "".join(f"{stage.seconds[name]:>12.2f}" for stage in stages)
        ratios = "  ".join(f"{stage.seconds[name] / first.seconds[name]:.1f}" for stage in stages[1:])
        print(f"{name:27}{cells}{ratios:>14}")


def main() -> None:
    """Fill and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "all.toml").write_text('[store]\nurl = "sqlite:///store.db"\n')
        (folder / "idle.toml").write_text('[store]\nurl = "sqlite:///store.db"\n[sources]\nshipped = false\n')
        show(list(grown(folder, options.days)))


def grown(folder: Path, days: int) -> Iterator[Figures]:
    """Live through the days; give the figures after a month, at the end, and once old readings are dropped."""
    ends = datetime.now(UTC)
    store = Diary(f"sqlite:///{folder / 'store.db'}")
    there = Installation(store, list(catalogue_of(Config().sources).sources.values()), ends, days)
    there.live(0, MONTH)
    yield measured(f"{MONTH} days", folder, ends - timedelta(days=days - MONTH))
    there.live(MONTH, days)
    store.close()
    yield measured(f"{days} days", folder, ends)
    command = [sys.executable, "-P", "-m", "crawler.cli", "--config", "all.toml", "db", "prune"]
    subprocess.run(command, cwd=folder, check=True)
    yield measured("pruned", folder, ends)


if __name__ == "__main__":
    main()
