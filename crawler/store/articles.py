"""Articles: finding candidates for a story, reading out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, exists, func, select
from sqlalchemy.exc import DBAPIError

from crawler.store.database import Database
from crawler.store.schema import articles, flags
from crawler.stories import POSTINGS, rank

_BY_ADDRESS = "SELECT id FROM articles WHERE canonical_url = ?"


@dataclass(slots=True, frozen=True)
class Candidate:
    """An article, stored or held to be stored, that may tell the same story."""

    article_id: int  # of one that is held a number in its place
    story_id: int | None  # none before it is saved, see `Saving.stories_of`
    title: str
    body: str  # empty once [store] keep_bodies is over
    content_hash: str


@dataclass(slots=True, frozen=True, kw_only=True)
class Selection:
    """Which articles to hand out; what is None does not limit."""

    since: datetime | None = None  # fetched at or after
    until: datetime | None = None  # fetched before
    topic: str | None = None
    source: str | None = None
    region: str | None = None


class Articles(Database):
    """Questions about articles and stories."""

    def has_article(self, canonical_url: str) -> bool:
        """Return whether the article is stored under this address."""
        with self.reading() as connection:
            return bool(_asked(connection, _BY_ADDRESS, (canonical_url,)))

    def read_articles(self, selection: Selection) -> Iterator[RowMapping]:
        """Yield the selected articles with their flags and story members, oldest fetch first."""
        with self.reading() as connection:
            rows = connection.execution_options(yield_per=200).execute(_selected(selection)).mappings()
            yield from rows

    def totals(self) -> dict[str, int]:
        """Return how many articles, stories and flagged stories there are."""
        counted = {
            "articles": select(func.count()).select_from(articles),
            "stories": select(func.count(articles.c.story_id.distinct())),
            "flagged": select(func.count(flags.c.story_id.distinct())),
        }
        with self.reading() as connection:
            return {name: connection.execute(query).scalar_one() for name, query in counted.items()}


def postings_of(connection: Connection, keys: Sequence[int]) -> dict[int, list[int]]:
    """Return for each index key the ids of the newest articles that are stored under it, newest first."""
    postings: dict[int, list[int]] = {key: [] for key in keys}
    if postings:
        for key, article_id in _asked(connection, _newest(len(postings)), tuple(postings)):
            postings[key].append(article_id)
    return postings


def likeliest(
    connection: Connection, postings: Mapping[int, Sequence[int]], held: Mapping[int, Candidate]
) -> list[Candidate]:
    """Return the articles worth a comparison, likeliest first; those that are held are not looked for."""
    ranked = rank(postings)
    by_id = dict(held)
    if stored := [article_id for article_id in ranked if article_id not in held]:
        by_id |= {row[0]: Candidate(*row) for row in _asked(connection, _among(len(stored)), tuple(stored))}
    return [by_id[article_id] for article_id in ranked]


def worded(connection: Connection, statement: str) -> str:
    """Return a statement in words that SQLite and PostgreSQL share with the marks for values that the driver has."""
    return statement if connection.dialect.paramstyle == "qmark" else statement.replace("?", "%s")


def _asked(connection: Connection, question: str, values: tuple[object, ...]) -> Sequence[Any]:
    """Ask what is asked for each new article.

    Asked of the driver: SQLAlchemy is occupied with a question for longer than the database takes to answer it.
    """
    dialect = connection.dialect
    question = worded(connection, question)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(question, values)
        return cursor.fetchall()
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(question, values, error, dialect.loaded_dbapi.Error, dialect=dialect) from error
    finally:
        cursor.close()


@cache
def _newest(keys: int) -> str:
    """Return the one question for the newest postings of that many keys."""
    newest = f'SELECT * FROM story_keys WHERE "key" = ? ORDER BY article_id DESC LIMIT {POSTINGS}'  # noqa: S608
    return " UNION ALL ".join([f'SELECT "key", article_id FROM ({newest}) AS newest'] * keys)  # noqa: S608


@cache
def _among(ids: int) -> str:
    """Return the question for that many candidates."""
    places = ", ".join("?" * ids)
    return f"SELECT id, story_id, title, body, content_hash FROM articles WHERE id IN ({places})"  # noqa: S608


def _selected(selection: Selection) -> Select[Any]:
    query = select(articles).order_by(articles.c.id)
    if selection.since:
        query = query.where(articles.c.fetched_at >= selection.since)
    if selection.until:
        query = query.where(articles.c.fetched_at < selection.until)
    if selection.source:
        query = query.where(articles.c.source == selection.source)
    if selection.region:
        query = query.where(articles.c.region == selection.region)
    if selection.topic:
        flagged = and_(flags.c.story_id == articles.c.story_id, flags.c.topic == selection.topic)
        query = query.where(exists().where(flagged))
    return query
