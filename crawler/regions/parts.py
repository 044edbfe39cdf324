"""Tell the part that a place plays from the words beside it: office, sender, target, venue … Judges nothing."""

from typing import NamedTuple

from crawler.regions import words
from crawler.regions.gazetteer import FROM, INTO

SENTENCE = 80  # characters between two places of one sentence that still belong together


class Place(NamedTuple):
    """A place in a text, or several that stand together: 湖南省怀化市; 广东、福建."""

    start: int
    shares: dict[str, float]  # province → how much of the place is in it, 0 … 1
    role: str  # a key of chief.FACTOR
    area: bool  # 长三角
    name: str = ""
    far: bool | None = None  # named with its province before it or by that alone: 安徽郎溪; None for 皖企, 长三角

    @property
    def end(self) -> int:
        """Return where the name ends in the text."""
        return self.start + len(self.name)


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
    towards = last in ("往", "向") and words.GOES_AFTER.match(text, end)
    builds = last in ("到", "去", "赴") and words.BUILDS_AFTER.match(text, end)
    if towards or builds or (last in words.GOAL_ENDS and words.TARGET_BEFORE.search(text, max(0, start - 14), start)):
        settled = before.endswith("落户") and words.SENDER_AFTER.match(text, end)  # 落户粤企十家
        return "origin" if settled else "target"
    if words.SENDER_AFTER.match(text, end):
        return "origin"
    if words.FIRM.match(text, end):
        return "firm"
    verb = text[end - 2] if rank == INTO else before  # 赴沪
    calls = words.VISIT_BEFORE.search(verb) or (rank == INTO and words.CALL_BEFORE.search(verb))
    return "visit" if calls or (verb.endswith("在") and words.VENUE.match(text, end)) else ""


def linked(text: str, title_end: int, places: list[Place]) -> list[Place]:
    """Return the places with the ends of a move told together: where a thing goes to B, A before it is left.

    嘉兴的厂把两道工序迁到泸溪 makes 嘉兴 a sender; 北京老字号在兴和县投产 makes 兴和县 a target as well.
    """
    told = list(places)
    for index, place in enumerate(places):
        may_be_goal = place.end <= title_end or text[place.start - 1] in "在到至"
        if told[index].role != "target" and not (may_be_goal and told[index].role in ("", "visit")):
            continue
        before = _before_in_sentence(text, told, index)
        if not before:
            continue
        role = _role_as_goal(text, title_end, told[before[0]], place)
        told[index] = place._replace(role=role)
        for other in before if role == "target" else ():
            if told[other].role in ("", "firm", "origin"):
                told[other] = told[other]._replace(role="sender")
    return told


def _role_as_goal(text: str, title_end: int, origin: Place, place: Place) -> str:
    between = text[origin.end : place.start]
    if place.role == "target":
        return "visit" if words.TRAVELS.search(between) else "target"
    return "target" if _is_goal(text, title_end, origin, place) else place.role


def _before_in_sentence(text: str, places: list[Place], index: int) -> list[int]:
    """Return the places before one in its sentence that lie in other provinces, the nearest first."""
    start, shares = places[index].start, places[index].shares
    found = []
    for other in range(index - 1, -1, -1):
        end = places[other].end
        if start - end > SENTENCE or words.BREAK.search(text, end, places[other + 1].start):
            break
        if not places[other].shares.keys() & shares.keys():
            found.append(other)
    return found


def _is_goal(text: str, title_end: int, origin: Place, place: Place) -> bool:
    """Return whether a thing of the one place gets to the other: A厂在B投产; in a title also A货到B."""
    between = text[origin.end : place.start]
    if origin.role == "sender" and between in ("到", "至"):
        return True
    if words.PEOPLE.search(between) or words.PEOPLE_AFTER.match(text, place.end):
        return False
    if place.end <= title_end:
        return bool(words.TITLE_GOES.fullmatch(between))
    return between.endswith("在") and bool(words.SITE.match(text, place.end))
