"""Stories read out: members, flags, what changed since."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select

from crawler.store.database import Database
from crawler.store.schema import articles, flags


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

    def flagged_stories(self, since: datetime) -> list[int]:
        """Return the ids of the stories flagged at or after a moment, first flagged first."""
        order = (flags.c.flagged_at, flags.c.story_id)
        query = select(flags.c.story_id).where(flags.c.flagged_at >= since).order_by(*order)
        with self.reading() as connection:
            return list(dict.fromkeys(connection.execute(query).scalars()))


def _first_published(row: RowMapping) -> tuple[datetime, int]:
    return (row["publish_time"] or row["fetched_at"], row["id"])
