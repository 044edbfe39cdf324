"""Read the places of a text with the part each plays: office, sender, target, venue … Judges nothing."""

from collections import defaultdict
from typing import NamedTuple

from crawler.regions import words
from crawler.regions.gazetteer import (
    AREA,
    CHAINED,
    COUNTY,
    FROM,
    INTO,
    LETTERS,
    SOFT,
    WORTH,
    Mention,
    gazetteer,
)
from crawler.regions.parts import Place, role_of

SEVERAL = {AREA, LETTERS}  # names of several provinces
APART_ROLES = ("press", "name", "dateline", "office")  # the parts that have no share in a move
APART = {AREA, FROM, INTO}  # never part of a list
THIN = {1: 1.0, 2: 0.7, 3: 0.2, 4: 0.2}  # by the number of provinces in a list; 0.05 for more


class Reading(NamedTuple):
    """A text without page chrome, and its places in order."""

    text: str  # title, line feed, body
    title: str
    places: list[Place]
    hints: set[str]  # provinces in page chrome and in names of newspapers
    inward: int  # how many phrases tell of industry that comes
    outward: int  # … and that leaves
    abroad: bool  # it goes to another country

    @property
    def leaving(self) -> bool:
        """Return whether the text is told from the place that industry leaves."""
        return self.outward > self.inward

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
                    role_of(text, group[0].start, group[-1].end, group[-1].rank),
                    group[0].rank == AREA,
                    text[group[0].start : group[-1].end],
                )
            )
    beside = gazetteer().mentions(chrome) if chrome else []
    hints = {name for mention in beside if mention.rank < AREA for name in mention.provinces}
    hints.update(name for place in places if place.role == "press" for name in place.shares)
    inward = len(words.INBOUND.findall(text))
    outward = len(words.OUTBOUND.findall(text)) + 2 * _sends_about(places)
    abroad = len(words.GOES_ABROAD.findall(text)) if words.ABROAD.search(text) else 0
    return Reading(text, title, places, hints, inward, outward + abroad, abroad > 0)


def _sends_about(places: list[Place]) -> bool:
    """Return whether one place sends to several provinces: then the text is told from there."""
    goals = {name for place in places if place.role == "target" for name in place.shares}
    if len(goals) < 2:
        return False
    return len({name for place in places if place.role not in APART_ROLES for name in place.shares} - goals) == 1


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
    mentions = [
        m for i, m in enumerate(mentions) if m.rank != CHAINED or _listed(text, mentions, i) or _placed(text, m)
    ]
    mentions = [m for m in mentions if m.rank != SOFT or text[m.start - 1 : m.start] not in words.SURNAMES]
    support: dict[str, float] = defaultdict(float)
    for mention in mentions:
        bare = mention.rank == SOFT and text[mention.start - 1 : mention.start] not in words.BORDER
        bare = bare and not _placed(text, mention)
        for name in mention.provinces:
            support[name] += 0.5 if bare else 1.0
    return [m for m in mentions if m.rank != SOFT or any(support[name] >= 1.0 for name in m.provinces)]


def _placed(text: str, mention: Mention) -> bool:
    """Return whether the words beside a doubtful name can only stand beside a place: 迁到天门, 民权人."""
    if len(mention.provinces) > 1:
        return False
    if words.PLACE_AFTER.match(text, mention.end):
        return True
    return bool(words.PLACE_BEFORE.search(text[max(0, mention.start - 4) : mention.start]))


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
