"""Two stories that prove to be one: members, flags and alerts come together, and what was told is not told again."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, exists, or_, select, update

from crawler.store.alerts import enter
from crawler.store.schema import articles, flags, outbox, story_splits

UNTOLD = ("hit", "queued", "over")  # states of alerts that nobody has read yet
TOLD = ("planned", "counted", "sent", "dead", "merged", "moved")


def told_apart(connection: Connection, story_id: int, other: int) -> bool:
    """Return whether a person told members of two stories apart."""
    members = [select(articles.c.id).where(articles.c.story_id == story) for story in (story_id, other)]
    pairs = [
        and_(story_splits.c.article_id.in_(one), story_splits.c.other_id.in_(two))
        for one, two in (members, members[::-1])
    ]
    return bool(connection.execute(select(exists().where(or_(*pairs)))).scalar())


def merge_stories(connection: Connection, one: int, two: int, now: datetime) -> int:
    """Make two stories the older one; return its id. Alerts already sent stay in the books of their story.

    What one of the two was told already, or is about to be, is not told again for the other.
    """
    into, story_id = sorted((one, two))
    connection.execute(update(articles).where(articles.c.story_id == story_id).values(story_id=into))
    told = select(flags.c.topic).where(flags.c.story_id == into).scalar_subquery()
    moving = and_(flags.c.story_id == story_id, flags.c.topic.not_in(told))
    connection.execute(update(flags).where(moving).values(story_id=into))
    mine = outbox.c.story_id == story_id
    for row in connection.execute(select(outbox).where(mine)).mappings().all():
        same = and_(outbox.c.story_id == into, outbox.c.topic == row["topic"], outbox.c.channel == row["channel"])
        twin = select(outbox).where(same, outbox.c.revision == row["revision"])
        there = connection.execute(twin).mappings().one_or_none()
        for alert_id, change in _merged(row, there, into):
            connection.execute(update(outbox).where(outbox.c.id == alert_id).values(change))
            enter(connection, now, "merged", f"story {story_id} is story {into}", alert_id=alert_id)
    return into


def _merged(row: RowMapping, twin: RowMapping | None, into: int) -> list[tuple[int, dict[str, object]]]:
    """Return how alerts change when the story of `row` becomes the story of `twin`: what was told is not told again."""
    if row["state"] in UNTOLD:
        if twin is None:
            return [(row["id"], {"story_id": into})]
        change: list[tuple[int, dict[str, object]]] = [(row["id"], {"state": "merged"})]
        # Rules that did not want the one may want the other.
        return [*change, (twin["id"], {"state": "hit"})] if twin["state"] == "unwanted" else change
    if row["state"] in TOLD and twin is not None and twin["state"] in UNTOLD:
        return [(twin["id"], {"state": "merged"})]
    return []
