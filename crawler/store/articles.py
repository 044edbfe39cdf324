"""Articles and their stories: saving in one transaction, finding candidates for a story, reading out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    text,
    union_all,
)

from crawler.items import Article
from crawler.store.alerts import queue_alert
from crawler.store.database import Database
from crawler.store.merging import TOLD, UNTOLD, merge_stories, told_apart
from crawler.store.schema import articles, flags, outbox, pages, stories, story_keys
from crawler.stories import POSTINGS, rank

_TAKEN = [column.name for column in articles.c if column.name in Article.__slots__]  # as the article has it

# Made once: to make a statement takes longer than the database takes to run it.
_BY_ADDRESS = select(articles.c.id).where(articles.c.canonical_url == bindparam("address"))
_CANDIDATES = select(
    articles.c.id, articles.c.story_id, articles.c.title, articles.c.body, articles.c.content_hash
).where(articles.c.id.in_(bindparam("ids", expanding=True)))
_NEW_STORY = insert(stories).returning(stories.c.id)
_NEW_ARTICLE = insert(articles).returning(articles.c.id)
_NEW_KEYS = insert(story_keys)
# In words that SQLite and PostgreSQL share: SQLAlchemy has an `insert` with a conflict for each, and none for both.
_SETTLE = text(
    "INSERT INTO pages (canonical_url, source, state, attempts, seen_at) "
    "VALUES (:canonical_url, :source, :state, :attempts, :seen_at) "
    "ON CONFLICT (canonical_url) DO UPDATE SET state = excluded.state, next_try = NULL, reason = NULL"
).bindparams(bindparam("seen_at", type_=pages.c.seen_at.type))


@dataclass(slots=True, frozen=True)
class Candidate:
    """A stored article that may tell the same story."""

    article_id: int
    story_id: int
    title: str
    body: str  # empty once [store] keep_bodies is over
    content_hash: str


@dataclass(slots=True, frozen=True)
class Placement:
    """Where a new article belongs: no story yet, one story, or several that it proves to be one, the likest first.

    What it adds that its story did not have is in `differs`; where that is material readers hear of the story again.
    """

    story_ids: tuple[int, ...] = ()
    similarity: float | None = None
    reason: str | None = None
    differs: dict[str, Any] | None = None  # from the likest article: "material", "added", "figures"


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

    def candidates(self, keys: Sequence[int]) -> list[Candidate]:
        """Return the stored articles worth a comparison with a text that has these index keys, likeliest first."""
        postings: dict[int, list[int]] = {key: [] for key in keys}
        if not postings:
            return []
        with self.reading() as connection:
            found = connection.execute(_newest(len(postings)), {f"key_{n}": key for n, key in enumerate(postings)})
            for key, article_id in found.all():
                postings[key].append(article_id)
            ranked = rank(postings)
            if not ranked:
                return []
            by_id = {row[0]: Candidate(*row) for row in connection.execute(_CANDIDATES, {"ids": ranked})}
        return [by_id[article_id] for article_id in ranked]

    def has_article(self, canonical_url: str) -> bool:
        """Return whether the article is stored under this address."""
        with self.reading() as connection:
            return connection.execute(_BY_ADDRESS, {"address": canonical_url}).first() is not None

    def settle_addresses(self, article: Article, now: datetime) -> None:
        """Note further addresses of an article that is stored already."""
        with self.writing() as connection:
            _settle_addresses(connection, article, now)

    def save_article(
        self,
        article: Article,
        keys: Sequence[int],
        placement: Placement,
        channels: Mapping[str, Sequence[str]],
        now: datetime,
        *,
        counted: str = "",
    ) -> int:
        """Save an article with story, flags, queued alerts and its addresses in one transaction; return the story's id.

        `channels` names, for each topic, the channels that are to hear of the story; `counted` says why they are not.
        """
        with self.writing() as connection:
            story_id = self._story(connection, placement, now)
            article_id = self._insert(connection, article, story_id, placement)
            rows = [{"key": key, "article_id": article_id} for key in dict.fromkeys(keys)]
            if rows:
                connection.execute(_NEW_KEYS, rows)
            for flag in article.flags:
                told = channels.get(flag.topic, ())
                new = flag_story(connection, story_id, article_id, flag, told, now, counted=counted)
                if not new and placement.differs and placement.differs["material"]:
                    added = placement.differs["added"]
                    _tell_again(connection, story_id, article_id, flag.topic, told, added, now, counted)
            _settle_addresses(connection, article, now)
        return story_id

    def _story(self, connection: Connection, placement: Placement, now: datetime) -> int:
        if not placement.story_ids:
            return int(connection.execute(_NEW_STORY, {"created_at": now}).scalar_one())
        likest = placement.story_ids[0]
        for other in placement.story_ids[1:]:
            if not told_apart(connection, likest, other):
                likest = merge_stories(connection, likest, other, now)
        return likest

    def _insert(self, connection: Connection, article: Article, story_id: int, placement: Placement) -> int:
        values = {name: getattr(article, name) for name in _TAKEN}
        values |= {"story_id": story_id, "similarity": placement.similarity, "joined_because": placement.reason}
        values["differs"] = placement.differs
        values |= {"attachments": list(article.attachments), "images": list(article.images)}
        return int(connection.execute(_NEW_ARTICLE, values).scalar_one())

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


@cache
def _newest(keys: int) -> CompoundSelect[Any]:
    """Return the one question for the newest postings of that many keys."""
    each = [
        select(story_keys.c.key, story_keys.c.article_id)
        .where(story_keys.c.key == bindparam(f"key_{number}"))
        .order_by(story_keys.c.article_id.desc())
        .limit(POSTINGS)
        .subquery()
        for number in range(keys)
    ]
    first, *others = (select(one) for one in each)
    return union_all(first, *others)


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


def flag_story(
    connection: Connection,
    story_id: int,
    article_id: int,
    flag: Any,
    channels: Sequence[str],
    now: datetime,
    *,
    counted: str = "",
) -> bool:
    """Flag a story once a topic and queue one alert a channel; return whether that was new."""
    known = and_(flags.c.story_id == story_id, flags.c.topic == flag.topic)
    if connection.execute(select(exists().where(known))).scalar_one():
        return False
    evidence = [{"field": e.field, "start": e.start, "end": e.end, "text": e.text} for e in flag.evidence]
    values = {"story_id": story_id, "topic": flag.topic, "article_id": article_id, "score": flag.score}
    connection.execute(insert(flags).values(**values, evidence=evidence, flagged_at=now))
    told = select(outbox.c.channel).where(outbox.c.story_id == story_id, outbox.c.topic == flag.topic)
    heard = set(connection.execute(told).scalars())
    for channel in channels:
        if channel not in heard:  # it was, where rules have changed since
            queue_alert(connection, story_id, flag.topic, channel, now, counted=counted)
    return True


def _tell_again(
    connection: Connection,
    story_id: int,
    article_id: int,
    topic: str,
    channels: Sequence[str],
    added: Sequence[str],
    now: datetime,
    counted: str,
) -> None:
    """Queue an alert of what was added, on channels that were told the story; others will hear all of it at once."""
    for channel in channels:
        told = and_(outbox.c.story_id == story_id, outbox.c.topic == topic, outbox.c.channel == channel)
        query = select(func.max(outbox.c.revision)).where(told, outbox.c.state.in_(TOLD))
        last = connection.execute(query).scalar_one()
        waiting = select(exists().where(told, outbox.c.state.in_(UNTOLD)))
        if last is not None and not connection.execute(waiting).scalar_one():
            more = {"revision": last + 1, "article_id": article_id, "added": added}
            queue_alert(connection, story_id, topic, channel, now, **more, counted=counted)


def _settle_addresses(connection: Connection, article: Article, now: datetime) -> None:
    fresh = {"source": article.source, "attempts": 1, "seen_at": now}
    addresses = dict.fromkeys(article.aliases, "alias") | {article.canonical_url: "stored"}
    connection.execute(_SETTLE, [fresh | {"canonical_url": name, "state": state} for name, state in addresses.items()])
