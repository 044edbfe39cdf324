"""What does not fit together in a store is found by `db check` and mended by `db repair`, in a new file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, article, fengxiang

from crawler.store import Draft, Placement, Store
from crawler.store.condition import check
from crawler.store.repair import Repaired, repair
from crawler.store.rules import RULES
from crawler.topics import Evidence, Flag

FLAG = Flag("transfer", 0.8, (Evidence("title", 0, 2, "承接"),))
TEXT = "某市第{}号方案提出承接产业转移，建设标准厂房，明年完工，后年投产，各县区按月通报进度，逐级落实责任。"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of five flagged articles: alert 1 sent, 2 dead, 3 in a message that waits, 4 and 5 untold."""
    file = tmp_path / "var" / "fengxiang.db"
    store = Store(f"sqlite:///{file}")
    for number in range(1, 6):
        item = article(number, body=TEXT.format(number) * 3, flags=[FLAG])
        store.save_article(item, [number, 90 + number], Placement(), {"transfer": ("desk",)}, NOW)
    for number in (1, 2, 3):
        draft = {"key": f"k{number}", "channel": "desk", "kind": "alert", "title": "题", "body": "文", "format": "text"}
        store.queue_messages([Draft(**draft, alerts=(number,))], NOW)  # type: ignore[arg-type]
    store.message_sent(1, "HTTP 200", NOW)
    store.split_story(store.merge_stories(4, 5, NOW) + 1, NOW)
    store.close()
    spoil(file, "UPDATE messages SET state = 'dead' WHERE id = 2", "UPDATE outbox SET state = 'dead' WHERE id = 2")
    return file


def spoil(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def repaired(path: Path) -> Repaired:
    return repair(path, path.with_name("run.lock"), NOW)


STAMP = "'2026-11-20 01:30:00.000000'"
GONE_MESSAGE = "DELETE FROM messages WHERE id = {}"
ALERTS = "SELECT state, message_id FROM outbox WHERE id = {}"
# What is spoilt; the rule that finds it; a query; what it gives after the repair.
SPOILT: list[tuple[str, str, str, list[tuple[Any, ...]]]] = [
    ("DELETE FROM stories WHERE id = 2", "stories gone", "SELECT story_id FROM articles WHERE id = 2", [(2,)]),
    (
        "UPDATE flags SET article_id = 77 WHERE story_id = 3",
        "flags that point into",
        "SELECT article_id, evidence FROM flags WHERE story_id = 3",
        [(3, "[]")],
    ),
    ("DELETE FROM flags WHERE story_id = 4", "alerts without the flag", ALERTS.format(4), [("hit", None)]),
    (
        "UPDATE outbox SET article_id = 77 WHERE id = 4",
        "alerts of an addition",
        "SELECT article_id FROM outbox WHERE id = 4",
        [(None,)],
    ),
    (GONE_MESSAGE.format(3), "alerts that no waiting message", ALERTS.format(3), [("queued", None)]),
    ("UPDATE messages SET state = 'sent' WHERE id = 3", "alerts that no waiting", ALERTS.format(3), [("sent", 3)]),
    ("UPDATE messages SET state = 'dead' WHERE id = 3", "alerts that no waiting", ALERTS.format(3), [("dead", 3)]),
    (GONE_MESSAGE.format(1), "alerts that name a message", ALERTS.format(1), [("sent", None)]),
    (
        "UPDATE ledger SET outbox_id = 77 WHERE id = 1",
        "lines of the ledger about an alert",
        "SELECT outbox_id, event, detail FROM ledger WHERE id = 1",
        [(None, "hit", "(alert 77, gone)")],
    ),
    (
        "UPDATE ledger SET message_id = 77 WHERE event = 'sent'",
        "lines of the ledger about a message",
        "SELECT message_id, detail FROM ledger WHERE event = 'sent'",
        [(None, "HTTP 200 (message 77, gone)")],
    ),
    (
        "UPDATE story_splits SET other_id = 77",
        "decisions of yours",
        "SELECT count(*) FROM story_splits",
        [(0,)],
    ),
    (
        (
            "INSERT INTO source_runs (id, run_id, source, started_at, ended_at, outcome, counts) "
            "VALUES (1, 9, 's', '2026-11-20 01:30:00.000000', '2026-11-20 01:30:00.000000', 'ok', '{}')"
        ),
        "readings of a source",
        "SELECT id FROM runs",
        [(9,)],
    ),
    ("INSERT INTO story_keys VALUES (5, 77)", "index keys", "SELECT count(*) FROM story_keys", [(10,)]),
    (
        "DELETE FROM pages WHERE canonical_url LIKE '%/2.html'",
        "articles whose address",
        "SELECT state FROM pages WHERE canonical_url LIKE '%/2.html'",
        [("stored",)],
    ),
    (
        f"INSERT INTO pages VALUES ('http://example.org/a/9.html', 'gs', 'stored', NULL, 1, NULL, {STAMP})",
        "addresses noted as read",
        "SELECT state, next_try FROM pages WHERE canonical_url LIKE '%/9.html'",
        [("missing", "2026-11-20 01:30:00.000000")],
    ),
]


def test_every_rule_is_tried(path: Path) -> None:
    assert all(any(told in rule.text for _, told, _, _ in SPOILT) for rule in RULES)
    assert check(path).problems == ()


@pytest.mark.parametrize(("statement", "told", "query", "after"), SPOILT, ids=[row[0] for row in SPOILT])
def test_what_does_not_fit_is_found_and_mended(
    path: Path, statement: str, told: str, query: str, after: list[tuple[Any, ...]]
) -> None:
    ledger = "SELECT count(*) FROM ledger"
    (lines,) = ask(path, ledger)
    spoil(path, statement)
    spoilt = dump(path)
    assert check(path).problems
    done = repaired(path)
    assert any(told in text for text in done.mended), done.mended
    assert done.lost == {}
    assert ask(path, query) == after
    assert check(path).problems == ()
    assert ask(path, ledger) >= [lines]
    assert ask(path, "SELECT count(*) FROM articles") == [(5,)]
    assert done.kept
    assert dump(done.kept) == spoilt


def test_alert_of_an_article_that_is_gone_is_withdrawn_and_its_page_read_again(path: Path) -> None:
    spoil(path, "DELETE FROM articles WHERE id = 3", "DELETE FROM story_keys WHERE article_id = 3")
    spoil(path, "UPDATE outbox SET state = 'queued', message_id = NULL WHERE id = 3")
    repaired(path)
    assert ask(path, ALERTS.format(3)) == [("withdrawn", None)]
    assert ask(path, "SELECT event, detail FROM ledger ORDER BY id DESC LIMIT 1") == [
        ("withdrawn", "its article is gone")
    ]
    store = Store(f"sqlite:///{path}")
    assert store.pages_to_retry("gs_example", NOW) == ["http://example.org/a/3.html"]
    store.close()


@pytest.mark.parametrize(
    ("table", "column", "value", "after"),
    [
        ("articles", "repairs", "'{no json'", "{}"),
        ("articles", "images", "x'ff00'", "[]"),
        ("articles", "title", "CAST(x'e4bda0ff' AS TEXT)", "你\ufffd"),
        ("articles", "publish_time", "'yesterday'", None),
        ("articles", "fetched_at", "'yesterday'", "2026-11-20 01:30:00.000000"),
        ("articles", "similarity", "'high'", None),
        ("messages", "attempts", "'many'", 0),
        ("outbox", "urgent", "'yes'", 0),
    ],
)
def test_value_that_cannot_be_read_is_told_and_replaced(
    path: Path, table: str, column: str, value: str, after: object
) -> None:
    spoil(path, f"UPDATE {table} SET {column} = {value} WHERE id = 2")
    assert check(path).problems == (f"{table}: 1 values of {column} cannot be read",)
    done = repaired(path)
    assert done.salvaged.values == [f"{table} 2 {column}"]
    assert ask(path, f"SELECT {column} FROM {table} WHERE id = 2") == [(after,)]
    assert check(path).problems == ()


@pytest.mark.parametrize("what", ["INDEX articles_with_body", "INDEX outbox_by_state", "TABLE gaps"])
def test_missing_table_or_index_is_found_and_made_again(path: Path, what: str) -> None:
    spoil(path, f"DROP {what}")
    assert check(path).problems == (f"{what.lower()} is not there".replace("INDEX", "index"),)
    assert repaired(path).lost == {}
    assert check(path).problems == ()


def test_lost_keys_are_made_again(path: Path) -> None:
    spoil(path, "DELETE FROM story_keys")
    assert repaired(path).mended == ["5 articles without index keys"]
    assert len(ask(path, "SELECT DISTINCT article_id FROM story_keys")) == 5


def test_sound_store_is_left_alone(path: Path) -> None:
    before = dump(path)
    done = repaired(path)
    assert (done.kept, done.mended, done.lost, done.salvaged.values) == (None, [], {}, [])
    assert dump(path) == before


def test_command(path: Path, tmp_path: Path) -> None:
    spoil(path, "DELETE FROM stories WHERE id = 2")
    before = dump(path)
    dry = fengxiang("db", "repair", "--dry-run", cwd=tmp_path)
    told = "mended: 1 stories gone that articles, flags or alerts name\n"
    assert (dry.returncode, dry.stdout) == (0, f"{told}{path}: left as it is; 5 articles can be kept\n"), dry.stderr
    assert dump(path) == before
    # SQLite leaves its own two beside a file that was only read.
    assert not [file for file in path.parent.iterdir() if not file.name.startswith(("fengxiang.db", "run.lock"))]
    done = fengxiang("db", "repair", cwd=tmp_path)
    (kept,) = path.parent.glob("fengxiang.db.2*")
    assert done.stdout == f"{told}{path}: 5 articles, nothing lost; the old file is kept as {kept}\n"
    assert dump(kept) == before
