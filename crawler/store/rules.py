"""What must hold between the rows of a sound store, and how it is mended where it does not. Plain SQL of SQLite.

No line of the ledger is ever dropped. What was told is not told again; what was not yet told is told, if there is still
an article to tell of.
"""
# ruff: noqa: S608 - all names are those of our own schema

from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection

from crawler.store.merging import UNTOLD

_UNTOLD = ", ".join(f"'{state}'" for state in UNTOLD)
_STORIES = """(SELECT story_id FROM articles UNION SELECT story_id FROM flags UNION SELECT story_id FROM outbox)
WHERE story_id NOT IN (SELECT id FROM stories)"""
_LONE = "article_id NOT IN (SELECT id FROM articles)"
_MEMBER = "(SELECT min(id) FROM articles WHERE articles.story_id = {0}.story_id)"
_NO_FLAG = f"""state IN ({_UNTOLD}) AND NOT EXISTS
(SELECT 1 FROM flags WHERE flags.story_id = outbox.story_id AND flags.topic = outbox.topic)"""
_NO_MESSAGE = "message_id IS NOT NULL AND message_id NOT IN (SELECT id FROM messages)"
_TAKEN = """(SELECT message_id FROM ledger WHERE event = 'sent' AND message_id IS NOT NULL
UNION SELECT id FROM messages WHERE state = 'sent')"""
# Planned, but no message that waits carries it.
_STRANDED = """state = 'planned' AND
(message_id IS NULL OR message_id NOT IN (SELECT id FROM messages WHERE state = 'queued'))"""
_GIVEN_UP = "message_id IN (SELECT id FROM messages WHERE state = 'dead')"


@dataclass(slots=True, frozen=True)
class Rule:
    """`rows` is what follows FROM in a query for the rows that break it; `mending` is done in order."""

    text: str  # said after the number of rows
    rows: str
    mending: tuple[str, ...]


def _note(event: str, detail: str, rows: str) -> str:
    """Return the statement that writes a line of the ledger for alerts."""
    return f"""INSERT INTO ledger (outbox_id, at, event, detail)
    SELECT id, :now, '{event}', '{detail}' FROM outbox WHERE {rows}"""


RULES = (
    Rule(
        "stories gone that articles, flags or alerts name",
        _STORIES,
        (
            f"""INSERT INTO stories (id, created_at) SELECT story_id, coalesce(
            (SELECT min(fetched_at) FROM articles WHERE articles.story_id = lone.story_id), :now)
            FROM (SELECT story_id FROM {_STORIES}) AS lone""",
        ),
    ),
    Rule(
        "alerts that no waiting message carries, though it should",
        f"outbox WHERE {_STRANDED}",
        (
            f"UPDATE outbox SET state = 'sent' WHERE {_STRANDED} AND message_id IN {_TAKEN}",
            f"UPDATE outbox SET state = 'dead' WHERE {_STRANDED} AND {_GIVEN_UP}",
            _note("routed", "again: its message is gone", _STRANDED),
            f"""UPDATE outbox SET state = 'queued', message_id = NULL, due = :now, cadence = 'now'
            WHERE {_STRANDED}""",
        ),
    ),
    Rule(
        "alerts that name a message that is gone",
        f"outbox WHERE {_NO_MESSAGE}",
        (f"UPDATE outbox SET message_id = NULL WHERE {_NO_MESSAGE}",),
    ),
    Rule(
        "flags that point into an article that is gone",
        f"flags WHERE {_LONE}",
        (
            f"""UPDATE flags SET evidence = '[]', article_id = {_MEMBER.format("flags")}
            WHERE {_LONE} AND {_MEMBER.format("flags")} IS NOT NULL""",
            f"DELETE FROM flags WHERE {_LONE}",
        ),
    ),
    Rule(
        "alerts without the flag that they tell of",
        f"outbox WHERE {_NO_FLAG}",
        (
            f"""INSERT OR IGNORE INTO flags (story_id, topic, article_id, score, evidence, flagged_at)
            SELECT story_id, topic, {_MEMBER.format("outbox")}, 0.5, '[]', :now FROM outbox
            WHERE {_NO_FLAG} AND {_MEMBER.format("outbox")} IS NOT NULL""",
            _note("withdrawn", "its article is gone", _NO_FLAG),
            f"UPDATE outbox SET state = 'withdrawn' WHERE {_NO_FLAG}",
        ),
    ),
    Rule(
        "alerts of an addition whose article is gone",
        f"outbox WHERE article_id IS NOT NULL AND {_LONE}",
        (f"UPDATE outbox SET article_id = NULL WHERE {_LONE}",),
    ),
    Rule(
        "lines of the ledger about an alert that is gone",
        "ledger WHERE outbox_id IS NOT NULL AND outbox_id NOT IN (SELECT id FROM outbox)",
        (
            """UPDATE ledger SET detail = trim(detail || ' (alert ' || outbox_id || ', gone)'), outbox_id = NULL
            WHERE outbox_id NOT IN (SELECT id FROM outbox)""",
        ),
    ),
    Rule(
        "lines of the ledger about a message that is gone",
        f"ledger WHERE {_NO_MESSAGE}",
        (
            f"""UPDATE ledger SET detail = trim(detail || ' (message ' || message_id || ', gone)'), message_id = NULL
            WHERE {_NO_MESSAGE}""",
        ),
    ),
    Rule(
        "decisions of yours about an article that is gone",
        f"story_splits WHERE {_LONE} OR other_id NOT IN (SELECT id FROM articles)",
        (f"DELETE FROM story_splits WHERE {_LONE} OR other_id NOT IN (SELECT id FROM articles)",),
    ),
    Rule(
        "readings of a source in a run that is gone",
        "source_runs WHERE run_id NOT IN (SELECT id FROM runs)",
        (
            """INSERT INTO runs (id, started_at, manifest) SELECT run_id, min(started_at), '{}' FROM source_runs
            WHERE run_id NOT IN (SELECT id FROM runs) GROUP BY run_id""",
        ),
    ),
    Rule(
        "index keys of an article that is gone",
        f"story_keys WHERE {_LONE}",
        (f"DELETE FROM story_keys WHERE {_LONE}",),
    ),
    Rule(
        "articles whose address is not noted as read",
        "articles WHERE canonical_url NOT IN (SELECT canonical_url FROM pages)",
        (
            """INSERT INTO pages (canonical_url, source, state, attempts, seen_at)
            SELECT canonical_url, source, 'stored', 1, fetched_at FROM articles
            WHERE canonical_url NOT IN (SELECT canonical_url FROM pages)""",
        ),
    ),
    Rule(
        "addresses noted as read whose article is gone: the next run asks for them again",
        "pages WHERE state = 'stored' AND canonical_url NOT IN (SELECT canonical_url FROM articles)",
        (
            """UPDATE pages SET state = 'missing', reason = 'its article was lost', attempts = 0, next_try = :now
            WHERE state = 'stored' AND canonical_url NOT IN (SELECT canonical_url FROM articles)""",
        ),
    ),
)


def broken(connection: Connection) -> Iterator[tuple[Rule, int]]:
    """Yield the rules that do not hold, with the number of rows."""
    for rule in RULES:
        (count,) = connection.execute(f"SELECT count(*) FROM {rule.rows}").fetchone()
        if count:
            yield rule, count


def mend(connection: Connection, now: str) -> list[str]:
    """Make every rule hold, in the caller's transaction and with foreign keys off; return what was done."""
    done: list[str] = []
    for rule in RULES:  # in order: what one mends, a later one may build on
        (count,) = connection.execute(f"SELECT count(*) FROM {rule.rows}").fetchone()
        if count:
            done.append(f"{count} {rule.text}")
            for statement in rule.mending:
                connection.execute(statement, {"now": now})
    return done
