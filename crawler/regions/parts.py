"""Tell the part that a place plays from the words beside it: office, sender, target, venue … Judges nothing."""

from typing import NamedTuple

from crawler.regions import words
from crawler.regions.gazetteer import FROM, INTO


class Place(NamedTuple):
    """A place in a text, or several that stand together: 湖南省怀化市; 广东、福建."""

    start: int
    shares: dict[str, float]  # province → how much of the place is in it, 0 … 1
    role: str  # a key of chief.FACTOR
    area: bool  # 长三角
    name: str = ""


def role_of(text: str, start: int, end: int, rank: int) -> str:
    """Return what the words beside a group of places, `text[start:end]`, say of it."""
    before = text[max(0, start - 6) : start]
    if words.PRESS.match(text, end):
        return "press"
    if words.NAME.match(text, end) or words.PERSON_BEFORE.search(before):
        return "name"
    if words.ADDRESSED.search(text, max(0, start - 60), start):
        return "name"
    if words.DATELINE.match(text, end) or (before.endswith("本报") and text.startswith("讯", end)):
        return "name" if text.startswith("北京", start) else "dateline"
    if rank == INTO and text[start] in "入来援进":
        return "target"
    return "origin" if rank == FROM else _part(text, start, end, rank)


def _part(text: str, start: int, end: int, rank: int) -> str:
    before = text[max(0, start - 6) : start]
    if words.CALL_BEFORE.search(before):
        return "visit"
    if words.OFFICE.match(text, end):
        return "office"
    last = before[-1:]
    if last == "从" and words.SHIPS_AFTER.match(text, end):
        return ""  # goods go out from there, not the firm
    if words.SENDER_BEFORE.search(before) or words.STAYS_AFTER.match(text, end):
        return "sender"
    if last in words.GOAL_ENDS and words.TARGET_BEFORE.search(text, max(0, start - 14), start):
        return "target"
    if words.SENDER_AFTER.match(text, end):
        return "origin"
    if words.FIRM.match(text, end):
        return "firm"
    verb = text[end - 2] if rank == INTO else before  # 赴沪
    calls = words.VISIT_BEFORE.search(verb) or words.CALL_BEFORE.search(verb)
    return "visit" if calls or (verb.endswith(("在", "于")) and words.VENUE.match(text, end)) else ""
