"""Weigh the place names of a text: which province is it about, in spite of page chrome, datelines and lists."""

from collections import defaultdict
from typing import NamedTuple

from crawler.regions import words
from crawler.regions.gazetteer import ALIAS, AREA, CHAINED, COUNTY, PREFECTURE, PROVINCE, SOFT, Mention, gazetteer

WORTH = {PROVINCE: 1.0, PREFECTURE: 1.0, COUNTY: 0.9, SOFT: 0.7, CHAINED: 0.7, ALIAS: 0.6, AREA: 0.5}
FACTOR = {"name": 0.0, "dateline": 0.5, "office": 1.6, "sender": 0.4, "target": 1.2, "visit": 0.5, "": 1.0}
TITLE_FIRST, TITLE, BODY_FIRST, LEAD = 3.0, 1.5, 1.0, 160

# A text about industry that moves names the place it leaves as often as the place it reaches. Industry moves from the
# rich coast inland, so the former count for less.
SENDING = {"上海": 0.5, "北京": 0.55, "广东": 0.65, "浙江": 0.65, "江苏": 0.7, "福建": 0.8, "天津": 0.85, "山东": 0.85}


class Group(NamedTuple):
    """Place names that stand together: 湖南省怀化市, or 广东、福建."""

    members: tuple[Mention, ...]

    @property
    def start(self) -> int:
        """Where the first name begins."""
        return self.members[0].start

    @property
    def end(self) -> int:
        """Where the last name ends."""
        return self.members[-1].end


def chained(mentions: list[Mention]) -> list[Mention]:
    """Join a place to its parent before it (湖南省怀化市 is one place); drop names that need a parent and have none."""
    joined: list[Mention] = []
    for mention in mentions:
        last = joined[-1] if joined else None
        if last and mention.start == last.end and last.rank != AREA:
            common = tuple(name for name in mention.provinces if name in last.provinces)
            if common:
                joined[-1] = Mention(last.start, mention.end, common, min(last.rank, COUNTY))
                continue
        if mention.rank != CHAINED:
            joined.append(mention)
    return joined


def grouped(text: str, mentions: list[Mention]) -> list[Group]:
    """Return the places in groups that are joined by 、 和 or nothing."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups and words.JOINER.fullmatch(text, groups[-1][-1].end, mention.start):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return [Group(tuple(group)) for group in groups]


def role(text: str, group: Group) -> str:
    """Return what the words beside a group of places say of it; a key of FACTOR."""
    before, end = text[max(0, group.start - 6) : group.start], group.end
    if words.PRESS.match(text, end) or words.NAME.match(text, end):
        return "name"
    if words.DATELINE.match(text, end):
        return "name" if text.startswith("北京", group.start) else "dateline"
    if words.OFFICE.match(text, end):
        return "office"
    if words.SENDER_BEFORE.search(before) or words.SENDER_AFTER.match(text, end):
        return "sender"
    if words.TARGET_BEFORE.search(before):
        return "target"
    if words.VISIT_BEFORE.search(before) or (before.endswith("在") and words.VENUE.match(text, end)):
        return "visit"
    return ""


def shares(group: Group, known: dict[str, float]) -> dict[str, float]:
    """Return the weight of each province in a group: in a list each counts once, and less the more they are."""
    weights: dict[str, float] = defaultdict(float)
    for member in group.members:
        provinces = member.provinces
        if len(provinces) > 1 and member.rank != AREA:  # 鼓楼区 lies in four provinces
            best = max(provinces, key=lambda name: known.get(name, 0.0))
            provinces = (best,) if known.get(best) else ()
        for name in provinces:
            weights[name] = max(weights[name], WORTH[member.rank])
    thin = {1: 1.0, 2: 0.7}.get(len(weights), 0.2)
    return {name: weight * thin for name, weight in weights.items()}


def plain_lines(title: str, body: str) -> str:
    """Return the body without lines of page chrome and without the repeated title."""
    kept = []
    for line in body.split("\n"):
        bare = line.strip()
        if (
            not bare
            or bare == title
            or (len(bare) < 150 and not words.SENTENCE_END.search(bare) and words.CHROME.search(bare))
        ):
            continue
        kept.append(bare)
    return "\n".join(kept)


class Reading(NamedTuple):
    """The places of a text: weight of each province, heaviest first, and how often each stands as sender or target."""

    text: str  # title and body without page chrome
    weights: dict[str, float]
    senders: dict[str, int]
    targets: dict[str, int]


def read(title: str, body: str) -> Reading:
    """Return the places of a clean text."""
    body = plain_lines(title, body)
    scores: dict[str, float] = defaultdict(float)
    counts: dict[str, dict[str, int]] = {"sender": defaultdict(int), "target": defaultdict(int)}
    moving = bool(words.MOVING.search(title) or words.MOVING.search(body))
    for text, first, other in ((title, TITLE_FIRST, TITLE), (body, 1.0 + BODY_FIRST, 1.0)):
        factor = first
        for group in grouped(text, chained(gazetteer().mentions(text))):
            label = role(text, group)
            found = shares(group, scores)
            for name, weight in found.items():
                ebb = SENDING.get(name, 1.0) if moving and text is body else 1.0
                scores[name] += weight * FACTOR[label] * factor * ebb
                if label in counts:
                    counts[label][name] += 1
            if found and FACTOR[label]:
                factor = other
    weights = {name: round(score, 3) for name, score in scores.items() if score > 0}
    ordered = dict(sorted(weights.items(), key=lambda pair: -pair[1]))
    return Reading(f"{title}\n{body}", ordered, counts["sender"], counts["target"])


def chief(reading: Reading) -> str | None:
    """Return the province the text is about, None when it is about several or none."""
    weights = reading.weights
    if not weights:
        return None
    (name, top), *rest = weights.items()
    second = rest[0][1] if rest else 0.0
    if top < 0.8 or second > 0.75 * top:
        return None
    if top < 2.0 and words.NATIONAL.search(reading.text, 0, 250):
        return None
    return name
