"""Stories read out: members, flags, what changed since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update

from crawler.errors import UsageError
from crawler.store.database import Database
from crawler.store.merging import UNTOLD, merge_stories
from crawler.store.saving import flag_story
from crawler.store.schema import articles, flags, outbox, stories, story_splits


class UnknownStory(UsageError):
    """There is no such story or article, or nothing to be done with it."""


@dataclass(slots=True)
class StoryView:
    """What an article's line tells of its story: member ids, first published first, and flags."""

    members: list[int] = field(default_factory=list)
    topics: list[dict[str, Any]] = field(default_factory=list)


class Stories(Database):
    """Questions about stories."""

    def story_members(self, story_id: int) -> list[RowMapping]:
        """Return the articles of a story, first published first."""
        with self.reading() as connection:
            members = list(connection.execute(select(articles).where(articles.c.story_id == story_id)).mappings())
        return sorted(members, key=_first_published)

    def story_views(self, story_ids: Iterable[int]) -> dict[int, StoryView]:
        """Return members and flags of several stories."""
        wanted = list(story_ids)
        columns = (articles.c.id, articles.c.story_id, articles.c.publish_time, articles.c.fetched_at)
        members = select(*columns).where(articles.c.story_id.in_(wanted))
        flagged = select(flags).where(flags.c.story_id.in_(wanted)).order_by(flags.c.topic)
        views = {story_id: StoryView() for story_id in wanted}
        with self.reading() as connection:
            for row in sorted(connection.execute(members).mappings(), key=_first_published):
                views[row["story_id"]].members.append(row["id"])
            for row in connection.execute(flagged).mappings():
                names = ("topic", "score", "evidence", "article_id")
                views[row["story_id"]].topics.append({name: row[name] for name in names})
        return views

    def split_story(self, article_id: int, now: datetime) -> int:
        """Take an article out of its story for good; return the id of the story that it now is."""
        with self.writing() as connection:
            here = connection.execute(select(articles.c.story_id).where(articles.c.id == article_id)).scalar()
            if here is None:
                raise UnknownStory(f"no article {article_id}")
            others = select(articles.c.id).where(articles.c.story_id == here, articles.c.id != article_id)
            pairs = [
                {"article_id": article_id, "other_id": other, "decided_at": now}
                for other in connection.execute(others).scalars()
            ]
            if not pairs:
                raise UnknownStory(f"article {article_id} is the only one of story {here}")
            connection.execute(insert(story_splits), pairs)
            new = int(connection.execute(insert(stories).values(created_at=now).returning(stories.c.id)).scalar_one())
            alone = {"story_id": new, "similarity": None, "joined_because": None, "differs": None}
            connection.execute(update(articles).where(articles.c.id == article_id).values(alone))
        return new

    def merge_stories(self, one: int, two: int, now: datetime) -> int:
        """Make two stories one, whatever was decided before; return the id that both now have."""
        with self.writing() as connection:
            members = {
                story: connection.execute(select(articles.c.id).where(articles.c.story_id == story)).scalars().all()
                for story in (one, two)
            }
            for story, found in members.items():
                if not found or one == two:
                    raise UnknownStory(f"no story {story}" if not found else f"story {story} twice")
            for left, right in ((one, two), (two, one)):
                apart = story_splits.c.article_id.in_(members[left]) & story_splits.c.other_id.in_(members[right])
                connection.execute(delete(story_splits).where(apart))
            moved = articles.c.id.in_(members[max(one, two)]) & articles.c.joined_because.is_(None)
            connection.execute(update(articles).where(moved).values(joined_because="merged by hand"))
            return merge_stories(connection, one, two, now)

    def stories_since(self, moment: datetime) -> list[int]:
        """Return the ids of the stories with an article fetched since a moment, if the text of all members is kept."""
        emptied = select(articles.c.story_id).where(articles.c.body == "")
        query = select(articles.c.story_id).where(articles.c.fetched_at >= moment, articles.c.story_id.not_in(emptied))
        query = query.order_by(articles.c.story_id)
        with self.reading() as connection:
            return list(connection.execute(query.distinct()).scalars())

    def reflag_story(
        self,
        story_id: int,
        found: Mapping[str, tuple[int, Any]],
        channels: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> tuple[int, int]:
        """Give a story the flags that changed rules found; return how many were added and taken away.

        `found` has for each topic the article and its flag. Alerts of a flag that is taken away are withdrawn if they
        wait; a channel that once heard of story and topic hears no second time.
        """
        with self.writing() as connection:
            here = select(flags.c.topic).where(flags.c.story_id == story_id)
            old = set(connection.execute(here).scalars())
            for topic in old - set(found):
                gone = (flags.c.story_id == story_id) & (flags.c.topic == topic)
                connection.execute(delete(flags).where(gone))
                waiting = (outbox.c.story_id == story_id) & (outbox.c.topic == topic) & outbox.c.state.in_(UNTOLD)
                connection.execute(update(outbox).where(waiting).values(state="withdrawn"))
            for topic in set(found) - old:
                article_id, flag = found[topic]
                flag_story(connection, story_id, article_id, flag, channels.get(topic, ()), now)
        return len(set(found) - old), len(old - set(found))

    def flagged_stories(self, since: datetime) -> list[int]:
        """Return the ids of the stories flagged at or after a moment, first flagged first."""
        order = (flags.c.flagged_at, flags.c.story_id)
        query = select(flags.c.story_id).where(flags.c.flagged_at >= since).order_by(*order)
        with self.reading() as connection:
            return list(dict.fromkeys(connection.execute(query).scalars()))


def _first_published(row: RowMapping) -> tuple[datetime, int]:
    # A date in the future is not believed: the article would never be anybody's first, or always the newest.
    return (min(row["publish_time"] or row["fetched_at"], row["fetched_at"]), row["id"])
