"""Saving articles with story, flags and queued alerts: each alone, or several together in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, and_, bindparam, exists, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from crawler.items import Article
from crawler.store.alerts import queue_alert
from crawler.store.articles import Articles, Candidate, likeliest, postings_of, worded
from crawler.store.database import StoreError, translated
from crawler.store.merging import TOLD, UNTOLD, merge_stories, told_apart
from crawler.store.schema import articles, flags, outbox, pages, stories

_FAILURES = (StoreError, SQLAlchemyError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
_FIRST_HELD = 2**62  # in place of an id: newer than all that is stored
_TAKEN = [column.name for column in articles.c if column.name in Article.__slots__]  # as the article has it

# Made once: to make a statement takes longer than the database takes to run it.
_NEW_STORY = insert(stories).returning(stories.c.id)
_NEW_ARTICLE = insert(articles).returning(articles.c.id)
_NEW_FLAG = insert(flags)
_STORY: BindParameter[int] = bindparam("story")
_TOPIC: BindParameter[str] = bindparam("of_topic")
_IS_FLAGGED = select(exists().where(flags.c.story_id == _STORY, flags.c.topic == _TOPIC))
_TOLD_CHANNELS = select(outbox.c.channel).where(outbox.c.story_id == _STORY, outbox.c.topic == _TOPIC)
_NEW_KEY = 'INSERT INTO story_keys ("key", article_id) VALUES (?, ?)'
# In words that SQLite and PostgreSQL share: SQLAlchemy has an `insert` with a conflict for each, and none for both.
_SETTLE = text(
    "INSERT INTO pages (canonical_url, source, state, attempts, seen_at) "
    "VALUES (:canonical_url, :source, :state, :attempts, :seen_at) "
    "ON CONFLICT (canonical_url) DO UPDATE SET state = excluded.state, next_try = NULL, reason = NULL"
).bindparams(bindparam("seen_at", type_=pages.c.seen_at.type))


@dataclass(slots=True, frozen=True)
class Placement:
    """Where a new article belongs: no story yet, one story, or several that it proves to be one, the likest first.

    What it adds that its story did not have is in `differs`; where that is material readers hear of the story again.
    """

    story_ids: tuple[int, ...] = ()
    similarity: float | None = None
    reason: str | None = None
    differs: dict[str, Any] | None = None  # from the likest article: "material", "added", "figures"


@dataclass(slots=True, frozen=True)
class Entry:
    """An article that is ready to be saved.

    `channels` names, for each topic, the channels that are to hear of the story; `counted` says why they are not.
    """

    article: Article
    keys: Sequence[int]
    placement: Placement
    channels: Mapping[str, Sequence[str]]
    now: datetime
    counted: str = ""


class Saving(Articles):
    """Keeps articles, one by one or together: a new one is compared with those, too, that are held to be saved."""

    _held: list[Entry] | None = None
    _held_under: dict[int, list[Candidate]]  # index key: the articles that are held, oldest first
    _failed: list[tuple[Article, Exception]]
    _asking: Connection | None = None  # the one for all questions between two transactions

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for queries."""
        if self._held is None:
            with super().reading() as connection:
                yield connection
            return
        with translated(self.url):
            self._asking = self._asking or self._reader.connect()
            try:
                yield self._asking
            except Exception:  # PostgreSQL answers nothing more in a transaction in which something failed
                self._ask_anew()
                raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection with one transaction: all of it is kept, or nothing."""
        self._ask_anew()
        with super().writing() as connection:
            yield connection

    def _ask_anew(self) -> None:
        if self._asking:
            self._asking.close()
            self._asking = None

    def candidates(self, keys: Sequence[int]) -> list[Candidate]:
        """Return the articles worth a comparison with a text that has these index keys, likeliest first."""
        held: dict[int, Candidate] = {}
        with self.reading() as connection:
            postings = postings_of(connection, keys)
            if self._held:
                for key in postings.keys() & self._held_under.keys():
                    for candidate in self._held_under[key]:
                        held[candidate.article_id] = candidate
                        postings[key].insert(0, candidate.article_id)
            return likeliest(connection, postings, held)

    def stories_of(self, candidates: Sequence[Candidate]) -> list[int | None]:
        """Return the story of each candidate; those that are held are saved first. None if one could not be saved."""
        held = {number: entry.article for number, entry in enumerate(self._held or (), _FIRST_HELD)}
        if any(candidate.story_id is None for candidate in candidates):
            self._save_held()
        return [candidate.story_id or held[candidate.article_id].story_id for candidate in candidates]

    def has_article(self, canonical_url: str) -> bool:
        """Return whether the article is stored under this address."""
        if any(entry.article.canonical_url == canonical_url for entry in self._held or ()):
            self._save_held()
        return super().has_article(canonical_url)

    def hold(self) -> None:
        """Save articles together from now on: the disk is waited for once a transaction."""
        self._held, self._held_under, self._failed = [], {}, []

    def release(self) -> list[tuple[Article, Exception]]:
        """Save what is held; return the articles that could not be, and why. The others are kept."""
        self._save_held()
        self._ask_anew()
        self._held = None
        return self._failed

    def keep_article(self, entry: Entry) -> None:
        """Save an article, at once or with those that are held, and set its `story_id`."""
        if self._held is None:
            self._save([entry])
            return
        article, number = entry.article, _FIRST_HELD + len(self._held)
        candidate = Candidate(number, None, article.title, article.body, article.content_hash)
        for key in dict.fromkeys(entry.keys):
            self._held_under.setdefault(key, []).append(candidate)
        self._held.append(entry)
        if len(entry.placement.story_ids) > 1:  # a story that others were placed in may be gone afterwards
            self._save_held()

    def save_article(
        self,
        article: Article,
        keys: Sequence[int],
        placement: Placement,
        channels: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> int:
        """Save an article at once; return the story's id."""
        self._save([Entry(article, keys, placement, channels, now)])
        assert article.story_id
        return article.story_id

    def settle_addresses(self, article: Article, now: datetime) -> None:
        """Note further addresses of an article that is stored already."""
        with self.writing() as connection:
            connection.execute(_SETTLE, _addresses(article, now))

    def _save_held(self) -> None:
        held, self._held, self._held_under = self._held or [], [], {}
        try:
            if held:
                self._save(held)
        except _FAILURES:  # of one of them; the others are kept
            for entry in held:
                try:
                    self._save([entry])
                except _FAILURES as error:
                    entry.article.story_id = None
                    self._failed.append((entry.article, error))

    def _save(self, entries: Sequence[Entry]) -> None:
        """Save articles with story, flags, queued alerts and addresses in one transaction."""
        keys: list[tuple[int, int]] = []
        addresses: list[dict[str, Any]] = []
        with self.writing() as connection:
            for entry in entries:
                article_id = self._enter(connection, entry)
                keys += ((key, article_id) for key in dict.fromkeys(entry.keys))
                addresses += _addresses(entry.article, entry.now)
            if keys:
                connection.exec_driver_sql(worded(connection, _NEW_KEY), sorted(keys))  # in the order of the index
            if addresses:
                connection.execute(_SETTLE, addresses)

    def _enter(self, connection: Connection, entry: Entry) -> int:
        """Enter an article, its story, flags and alerts; return the article's id."""
        article, placement, now = entry.article, entry.placement, entry.now
        article.story_id = story_id = self._story(connection, placement, now)
        article_id = self._insert(connection, article, story_id, placement)
        for flag in article.flags:
            told = entry.channels.get(flag.topic, ())
            new = flag_story(connection, story_id, article_id, flag, told, now, counted=entry.counted)
            if not new and placement.differs and placement.differs["material"]:
                added = placement.differs["added"]
                _tell_again(connection, story_id, article_id, flag.topic, told, added, now, entry.counted)
        return article_id

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
    of = {"story": story_id, "of_topic": flag.topic}
    if connection.execute(_IS_FLAGGED, of).scalar_one():
        return False
    evidence = [{"field": e.field, "start": e.start, "end": e.end, "text": e.text} for e in flag.evidence]
    values = {"story_id": story_id, "topic": flag.topic, "article_id": article_id, "score": flag.score}
    connection.execute(_NEW_FLAG, values | {"evidence": evidence, "flagged_at": now})
    heard = set(connection.execute(_TOLD_CHANNELS, of).scalars())
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


def _addresses(article: Article, now: datetime) -> list[dict[str, Any]]:
    """Return the rows that say that nothing more is to be asked of an article's addresses."""
    states = dict.fromkeys(article.aliases, "alias") | {article.canonical_url: "stored"}
    common = {"source": article.source, "attempts": 1, "seen_at": now}
    return [common | {"canonical_url": address, "state": state} for address, state in states.items()]
