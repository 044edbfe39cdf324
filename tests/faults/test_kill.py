"""kill -9 at points of progress in every phase, then a good run.

Nothing is lost, no store and no line of an export is broken, and of the messages of a channel at most one is doubled a
kill. The short form has fixed points; the long one draws them, with SOAK_SEED as the seed.
"""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom

import pytest
from alerts_desk import NAMES, save, warm
from conftest import NOW, SOAK, article, fengxiang
from fault_world import (
    Measure,
    assert_sound,
    assert_told,
    assert_whole,
    doubled,
    drafted,
    kill_at,
    left_over,
    log,
    logged,
    messages,
    needs_proc,
    open_patient,
    publish,
    reading,
    requests,
    rows,
    store_of,
)
from test_run import Desk

from crawler.alerts import deliver, load_channels
from crawler.desk.client import FEW
from crawler.store import Placement, Store
from crawler.store.condition import check

pytestmark = pytest.mark.slow  # `make test-slow`

Point = tuple[str, Measure, int]  # phase, what is measured, how much of it
SEED = os.environ.get("SOAK_SEED") or str(SystemRandom().randrange(10**6))
# Runs that read all and tell it as one message a channel; then runs that tell of three new stories, one by one.
CHAINS: list[tuple[list[Point], list[Point]]] = [
    (
        [
            *(("crawl", requests, 1), ("read", reading, 3), ("store", rows, 1), ("crawl", requests, 9)),
            *(("store", logged, 3), ("read", reading, 14), ("alert", messages, 1)),
        ],
        [("store", rows, 1), ("alert", messages, 1), ("export", drafted, 1)],
    ),
    (
        [
            *(("migrate", logged, 1), ("crawl", requests, 5), ("store", logged, 40), ("read", reading, 9)),
            *(("store", rows, 7), ("crawl", requests, 16), ("alert", messages, 1)),
        ],
        [("crawl", requests, 3), ("alert", messages, 2), ("alert", messages, 3)],
    ),
]
RANDOM = [("crawl", requests, 9), ("read", reading, 9), ("store", rows, 6), ("store", logged, 90)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    needs_proc()
    with ExitStack() as stack:
        yield open_patient(stack, tmp_path)


def survive(desk: Desk, points: list[Point], kills: Counter[str], *, sure: bool = True) -> None:
    """Kill a run at each of the points, one after the other; count the kills by phase."""
    for number, (phase, measure, point) in enumerate(points):
        tries = 5 if measure is drafted else 1
        killed = kill_at(desk, ["run", "--all"], measure, point, group=number % 2 == 1, tries=tries)
        assert killed or not sure, f"the run ended before {measure.__name__} {point}"
        kills[phase] += killed
        assert_sound(desk, kills.total())


def survive_all(desk: Desk, first: list[Point], second: list[Point], *, sure: bool = True) -> Counter[str]:
    """Kill first runs, end one well, publish, kill again and end one well; return the kills by phase."""
    kills: Counter[str] = Counter()
    survive(desk, first, kills, sure=sure)
    done = desk.run("--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert_whole(desk, kills=kills.total())
    titles = [publish(desk, number).title for number in range(3)]
    survive(desk, second, kills, sure=sure)
    done = desk.run("--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert_whole(desk, titles, kills.total())
    return kills


@pytest.mark.parametrize("number", range(len(CHAINS)))
def test_killed_runs_are_made_good(number: int, desk: Desk) -> None:
    survive_all(desk, *CHAINS[number])


@pytest.mark.skipif(not SOAK, reason="the long form: `make soak`")
@pytest.mark.parametrize("number", range(14))
def test_runs_killed_at_random_are_made_good(number: int, desk: Desk) -> None:
    random = Random(f"{SEED} {number}")
    first = [(phase, measure, random.randint(1, most)) for phase, measure, most in random.choices(RANDOM, k=6)]
    second = [(phase, measure, random.randint(1, most)) for phase, measure, most in random.choices(RANDOM[2:], k=1)]
    first += [("alert", messages, 1)]
    second += [("alert", messages, random.randint(1, 4)), ("export", drafted, random.randint(1, 20_000))]
    kills = survive_all(desk, first, second, sure=False)
    log.warning("seed %s: killed %s, doubled %s", SEED, dict(kills), doubled(desk))


def test_runs_killed_while_a_process_of_their_own_stores_are_made_good(desk: Desk) -> None:
    """More articles than a run takes without a desk, which saves those that wait together."""
    assert desk.run("--all").returncode == 0
    kills: Counter[str] = Counter()
    titles: list[str] = []
    for number in range(4 if SOAK else 2):
        titles += [publish(desk, 100 + 28 * number + one).title for one in range(28)]
        survive(desk, [("desk", rows, FEW + 1 + number)], kills)
        done = desk.run("--all")
        assert done.returncode == 0, done.stdout + done.stderr
        assert_whole(desk, titles, kills.total())


def wait_in_outbox(desk: Desk, stories: int) -> list[str]:
    """Put so many stories into the outbox, each in a message of its own; return their titles. No source is left."""
    shutil.rmtree(desk.folder / "sources")
    (desk.folder / "sources").mkdir()
    channels, now = load_channels(desk.folder / "channels.yaml"), datetime.now(UTC)
    with closing(Store(f"sqlite:///{store_of(desk)}")) as store:
        warm(store, *channels)
        for number in range(stories):
            save(store, number, tuple(channels), now=now)
            if number % 3 == 2:  # more at a time would come as one digest
                deliver(store, channels, NAMES, budget=0.0)
    return [f"某县召开第{number}次会议" for number in range(stories)]


@pytest.mark.parametrize("number", range(6 if SOAK else 1))
def test_killed_deliveries_are_made_good(number: int, desk: Desk) -> None:
    titles = wait_in_outbox(desk, 30)
    random = Random(f"{SEED} outbox {number}")
    points = [random.randint(1, 9) for _ in range(5)] if SOAK else [1, 9, 8, 13]
    kills: Counter[str] = Counter()
    survive(desk, [("alert", messages, point) for point in points], kills)
    done = desk.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert_told(desk, titles)
    assert_sound(desk, kills.total())
    with closing(Store(f"sqlite:///{store_of(desk)}")) as store:
        assert store.alert_counts() == {"sent": 2 * len(titles)}
    log.warning("seed %s: killed %s, doubled %s", SEED, dict(kills), doubled(desk))


def fill(path: Path, count: int) -> None:
    """Make a store with so many articles; the first is saved, the others are copied from it."""
    with closing(Store(f"sqlite:///{path}")) as store:
        store.save_article(article(0, body="本报讯 某地推进产业转移。" * 80), [1], Placement(), {}, NOW)
    with closing(sqlite3.connect(path)) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(articles)") if row[1] != "id"]
        values = ", ".join("canonical_url || number" if name == "canonical_url" else name for name in names)
        numbers = (
            f"WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < {count - 1})"
        )
        connection.execute(f"INSERT INTO articles ({', '.join(names)}) {numbers} SELECT {values} FROM articles, n")
        page = "canonical_url, source, state, reason, attempts, next_try"
        copied = "articles.canonical_url, pages.source, state, reason, attempts, next_try, seen_at"
        connection.execute(f"INSERT OR IGNORE INTO pages ({page}, seen_at) SELECT {copied} FROM articles, pages")
        connection.commit()


WRITING = {"export": ("export", "-o", "out.jsonl"), "backup": ("db", "backup", "out.db")}


@pytest.mark.parametrize("phase", WRITING)
def test_killed_export_or_backup_leaves_the_file_before_it(phase: str, desk: Desk) -> None:
    command, target = WRITING[phase], desk.folder / WRITING[phase][-1]
    fill(store_of(desk), 3000)
    assert fengxiang(*command, cwd=desk.folder).returncode == 0
    before, random = target.read_bytes(), Random(f"{SEED} {phase}")
    most = len(before) * 9 // 10
    points = [random.randint(1, most) for _ in range(25)] if SOAK else [1, 200_000, most]
    for point in points:
        assert kill_at(desk, command, drafted, point, tries=5), f"it ended before {point} bytes were written"
        assert target.read_bytes() == before
        assert check(store_of(desk)).problems == ()
        assert len(left_over(desk.folder)) == 1, "each removes what the one before left"
    assert fengxiang(*command, cwd=desk.folder).returncode == 0
    assert target.read_bytes() == before
    assert left_over(desk.folder) == []
    log.warning("seed %s: killed %s", SEED, {phase: len(points)})


def test_killed_restore_leaves_the_store_or_its_copy(desk: Desk) -> None:
    fill(store_of(desk), 3000)
    fill(desk.folder / "copy.db", 2000)
    random = Random(f"{SEED} restore")
    points = [random.randint(1, 2_000_000) for _ in range(10)] if SOAK else [1, 1_000_000]
    for point in points:
        assert kill_at(desk, ["db", "restore", "copy.db"], drafted, point)
        assert (check(store_of(desk)).articles, check(store_of(desk)).problems) == (3000, ())
    assert fengxiang("db", "restore", "copy.db", cwd=desk.folder).returncode == 0
    assert (check(store_of(desk)).articles, check(store_of(desk)).problems) == (2000, ())
    assert left_over(desk.folder) == []
    log.warning("seed %s: killed %s", SEED, {"restore": len(points)})


def test_killed_migration_of_a_new_store_is_begun_again(desk: Desk) -> None:
    random = Random(f"{SEED} migrate")
    points = [random.randint(1, 44) for _ in range(25)] if SOAK else [1, 2, 20]
    for point in points:
        shutil.rmtree(desk.folder / "var", ignore_errors=True)
        assert kill_at(desk, ["alerts", "ledger"], logged, point), f"it ended before {point} pages were written"
        done = fengxiang("alerts", "ledger", cwd=desk.folder)
        assert done.returncode == 0, done.stderr
        assert check(store_of(desk)).problems == ()
    log.warning("seed %s: killed %s", SEED, {"migrate": len(points)})
