"""Read the places of a text with the part each plays: office, sender, target, venue … Judges nothing."""

from collections import defaultdict
from typing import NamedTuple

from crawler.regions import words
from crawler.regions.gazetteer import AREA, CHAINED, COUNTY, FROM, INTO, LETTERS, SOFT, WORTH, Mention, gazetteer

SEVERAL = {AREA, LETTERS}  # names of several provinces
APART = {AREA, FROM, INTO}  # never part of a list
THIN = {1: 1.0, 2: 0.7, 3: 0.2, 4: 0.2}  # by the number of provinces in a list; 0.05 for more


class Place(NamedTuple):
    """A place in a text, or several that stand together: 湖南省怀化市; 广东、福建."""

    start: int
    shares: dict[str, float]  # province → how much of the place is in it, 0 … 1
    role: str  # a key of chief.FACTOR
    area: bool  # 长三角
    name: str = ""


class Reading(NamedTuple):
    """A text without page chrome, and its places in order."""

    text: str  # title, line feed, body
    title: str
    places: list[Place]
    hints: set[str]  # provinces in page chrome and in names of newspapers
    inward: int  # how many phrases tell of industry that comes
    outward: int  # … and that leaves

    def playing(self, *roles: str) -> dict[str, int]:
        """Return how often each province plays one of the roles."""
        counts: dict[str, int] = defaultdict(int)
        for place in self.places:
            if place.role in roles:
                for name in place.shares:
                    counts[name] += 1
        return counts


def read(title: str, body: str) -> Reading:
    """Return the places of a clean text."""
    body, chrome = _without_chrome(title, body)
    text = f"{title}\n{body}"
    places: list[Place] = []
    known: set[str] = set()
    for group in _grouped(text, _confirmed(text, _chained(gazetteer().mentions(text)))):
        shares = _shares(group, known)
        known.update(shares)
        if shares:
            places.append(
                Place(
                    group[0].start,
                    shares,
                    _role(text, group),
                    group[0].rank == AREA,
                    text[group[0].start : group[-1].end],
                )
            )
    hints = {name for mention in gazetteer().mentions(chrome) if mention.rank < AREA for name in mention.provinces}
    hints.update(name for place in places if place.role == "press" for name in place.shares)
    inward, outward = len(words.INBOUND.findall(text)), len(words.OUTBOUND.findall(text))
    return Reading(text, title, places, hints, inward, outward)


def _without_chrome(title: str, body: str) -> tuple[str, str]:
    """Return the body without page chrome and the repeated title, and the chrome."""
    kept, chrome = [], []
    for line in body.split("\n"):
        bare = line.strip()
        if len(bare) < 150 and not words.SENTENCE_END.search(bare) and words.CHROME.search(bare):
            chrome.append(bare)
        elif bare and bare != title:
            kept.append(bare)
    return "\n".join(kept), "\n".join(chrome)


def _chained(mentions: list[Mention]) -> list[Mention]:
    """Join a place to its parent before it: 湖南省怀化市 is one place."""
    joined: list[Mention] = []
    for mention in mentions:
        last = joined[-1] if joined else None
        if last and mention.start == last.end and last.rank not in SEVERAL:
            common = tuple(name for name in mention.provinces if name in last.provinces)
            if common:
                joined[-1] = Mention(last.start, mention.end, common, min(last.rank, COUNTY))
                continue
        joined.append(mention)
    return joined


def _confirmed(text: str, mentions: list[Mention]) -> list[Mention]:
    """Drop names that nothing else supports: common words without their parent, and single bare names of counties."""
    mentions = [m for i, m in enumerate(mentions) if m.rank != CHAINED or _listed(text, mentions, i)]
    mentions = [m for m in mentions if m.rank != SOFT or text[m.start - 1 : m.start] not in words.SURNAMES]
    support: dict[str, float] = defaultdict(float)
    for mention in mentions:
        bare = mention.rank == SOFT and text[mention.start - 1 : mention.start] not in words.BORDER
        for name in mention.provinces:
            support[name] += 0.5 if bare else 1.0
    return [m for m in mentions if m.rank != SOFT or any(support[name] >= 1.0 for name in m.provinces)]


def _listed(text: str, mentions: list[Mention], index: int) -> bool:
    """Return whether a name stands in a list beside another place of its province: 四会、揭阳."""
    own = mentions[index]
    for first, second, other in ((index - 1, index, index - 1), (index, index + 1, index + 1)):
        if first >= 0 and second < len(mentions) and mentions[other].rank < AREA:
            listed = text[mentions[first].end : mentions[second].start] in {"、", "和", "与"}
            if listed and set(own.provinces) & set(mentions[other].provinces):
                return True
    return False


def _grouped(text: str, mentions: list[Mention]) -> list[list[Mention]]:
    """Return the mentions in groups that are joined by 、 和 or nothing."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        alone = mention.rank in APART or (groups and groups[-1][-1].rank in APART)
        if groups and not alone and words.JOINER.fullmatch(text, groups[-1][-1].end, mention.start):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return groups


def _shares(group: list[Mention], known: set[str]) -> dict[str, float]:
    """Return the share of each province in a group: in a list each counts once, and less the more they are."""
    if len(group) == 1 and len(group[0].provinces) == 1:
        return {group[0].provinces[0]: WORTH[group[0].rank]}
    shares: dict[str, float] = defaultdict(float)
    for member in group:
        provinces = member.provinces
        if len(provinces) > 1 and member.rank not in SEVERAL:  # 鼓楼区 lies in four provinces
            provinces = tuple(name for name in provinces if name in known)[:1]
        for name in provinces:
            shares[name] = max(shares[name], WORTH[member.rank] / len(provinces))
    thin = THIN.get(len(shares), 0.05) if len(group) > 1 else 1.0
    return {name: share * thin for name, share in shares.items()}


def _role(text: str, group: list[Mention]) -> str:
    """Return what the words beside a group of places say of it."""
    start, end, rank = group[0].start, group[-1].end, group[-1].rank
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
    return "origin" if rank == FROM else _part(text, before, end, rank)


def _part(text: str, before: str, end: int, rank: int) -> str:
    if words.CALL_BEFORE.search(before):
        return "visit"
    if words.OFFICE.match(text, end):
        return "office"
    if words.SENDER_BEFORE.search(before):
        return "sender"
    if words.TARGET_BEFORE.search(before):
        return "target"
    if words.SENDER_AFTER.match(text, end):
        return "origin"
    if words.FIRM.match(text, end):
        return "firm"
    verb = text[end - 2] if rank == INTO else before  # 赴沪
    calls = words.VISIT_BEFORE.search(verb) or words.CALL_BEFORE.search(verb)
    return "visit" if calls or (verb.endswith("在") and words.VENUE.match(text, end)) else ""
