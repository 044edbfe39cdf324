"""Weigh the place names of a text: which province is it about, in spite of page chrome, datelines and lists."""

from collections import defaultdict
from typing import NamedTuple

from crawler.regions import words
from crawler.regions.gazetteer import (
    ALIAS,
    AREA,
    CHAINED,
    COUNTY,
    FROM,
    INTO,
    LETTERS,
    PREFECTURE,
    PROVINCE,
    SOFT,
    Mention,
    gazetteer,
)

SEVERAL = (AREA, LETTERS)
APART = (AREA, FROM, INTO)  # never part of a list
WORTH = {
    PROVINCE: 1.0,
    PREFECTURE: 1.0,
    COUNTY: 0.9,
    SOFT: 0.7,
    CHAINED: 0.7,
    ALIAS: 0.6,
    FROM: 0.6,
    INTO: 0.6,
    AREA: 0.5,
    LETTERS: 1.0,
}
FACTOR = {
    "press": 0.0,
    "name": 0.0,
    "dateline": 0.5,
    "office": 1.6,
    "sender": 0.4,
    "origin": 0.6,
    "firm": 0.5,
    "target": 1.2,
    "visit": 0.5,
    "": 1.0,
}
AWAY = ("sender", "origin", "firm", "visit")  # what a place is not that the text is about
THIN = {1: 1.0, 2: 0.7}  # by the number of provinces that stand together; 0.2 for three and more
IN_TITLE, IN_BODY = (3.0, 1.5), (1.6, 1.0)  # the first place and the others
LENGTH_PER_PLACE = 800  # a long text that names a province once is not about it
LEAD = 250  # characters of the body in which the first place counts as such

# Industry moves from the rich coast inland. Where it moves, a text names the place it leaves as often as the place it
# reaches, so the former count for less.
SENDING = {"上海": 0.5, "北京": 0.55, "广东": 0.65, "浙江": 0.65, "江苏": 0.7, "福建": 0.8, "天津": 0.85, "山东": 0.85}
SENDER_SEEN_FROM_HOME = 1.0


class Reading(NamedTuple):
    """The places of a text: weight of each province, heaviest first, and the parts they play."""

    text: str  # title and body without page chrome
    weights: dict[str, float]
    titled: tuple[str, ...]  # provinces named in the title
    alone: tuple[str, ...]  # those of them that are named by themselves
    single: tuple[str, ...]  # provinces named by themselves anywhere
    hints: tuple[str, ...]  # provinces named only in page chrome and in names of newspapers
    roles: dict[str, dict[str, int]]  # "sender", "target", "visit" → province → count
    moving: bool  # industry or something else moves
    outward: bool  # told from the place that is left


def plain_lines(title: str, body: str) -> tuple[str, str]:
    """Return the body without page chrome and without the repeated title, and the chrome."""
    kept, chrome = [], []
    for line in body.split("\n"):
        bare = line.strip()
        if len(bare) < 150 and not words.SENTENCE_END.search(bare) and words.CHROME.search(bare):
            chrome.append(bare)
        elif bare and bare != title:
            kept.append(bare)
    return "\n".join(kept), "\n".join(chrome)


def chained(mentions: list[Mention]) -> list[Mention]:
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


def confirmed(text: str, mentions: list[Mention]) -> list[Mention]:
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


def grouped(text: str, mentions: list[Mention]) -> list[list[Mention]]:
    """Return the places in groups that are joined by 、 和 or nothing."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        alone = mention.rank in APART or (groups and groups[-1][-1].rank in APART)
        if groups and not alone and words.JOINER.fullmatch(text, groups[-1][-1].end, mention.start):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return groups


def role(text: str, group: list[Mention]) -> str:
    """Return what the words beside a group of places say of it; a key of FACTOR."""
    start, end = group[0].start, group[-1].end
    before = text[max(0, start - 6) : start]
    if words.PRESS.match(text, end):
        return "press"
    if words.NAME.match(text, end) or words.PERSON_BEFORE.search(before) or _addressed(text, start):
        return "name"
    if words.DATELINE.match(text, end) or (before.endswith("本报") and text.startswith("讯", end)):
        return "name" if text.startswith("北京", start) else "dateline"
    if words.OFFICE.match(text, end):
        return "office"
    if group[-1].rank == FROM:
        return "origin"
    if group[-1].rank == INTO:
        return _role_of_into(text, start, end)
    if words.SENDER_BEFORE.search(before):
        return "sender"
    if words.TARGET_BEFORE.search(before):
        return "target"
    if words.SENDER_AFTER.match(text, end):
        return "origin"
    if words.FIRM.match(text, end):
        return "firm"
    if words.VISIT_BEFORE.search(before) or (before.endswith("在") and words.VENUE.match(text, end)):
        return "visit"
    return ""


def _role_of_into(text: str, start: int, end: int) -> str:
    """Return the part of a compound such as 入黔, 在沪."""
    if text[start] in "入来援进":
        return "target"
    return "visit" if text[start] != "在" or words.VENUE.match(text, end) else ""


def _addressed(text: str, start: int) -> bool:
    """Return whether a place stands among those a ministry writes to: 各省、自治区、直辖市……新疆生产建设兵团."""
    return bool(words.ADDRESSED.search(text, max(0, start - 60), start))


def shares(group: list[Mention], known: dict[str, float]) -> dict[str, float]:
    """Return the weight of each province in a group: in a list each counts once, and less the more they are."""
    weights: dict[str, float] = defaultdict(float)
    for member in group:
        provinces = member.provinces
        if len(provinces) > 1 and member.rank not in SEVERAL:  # 鼓楼区 lies in four provinces
            best = max(provinces, key=lambda name: known.get(name, 0.0))
            provinces = (best,) if known.get(best) else ()
        for name in provinces:
            weights[name] = max(weights[name], WORTH[member.rank] / len(provinces))
    thin = THIN.get(len(weights), 0.2) if len(group) > 1 else 1.0
    return {name: weight * thin for name, weight in weights.items()}


def read(title: str, body: str) -> Reading:
    """Return the places of a clean text."""
    body, chrome = plain_lines(title, body)
    text = f"{title}\n{body}"
    outward = len(words.OUTBOUND.findall(text)) > len(words.INBOUND.findall(text))
    scores: dict[str, float] = defaultdict(float)
    roles: dict[str, dict[str, int]] = {label: defaultdict(int) for label in FACTOR}
    titled: set[str] = set()
    alone: set[str] = set()
    single: set[str] = set()
    first_titled = first_body = True
    for group in grouped(text, confirmed(text, chained(gazetteer().mentions(text)))):
        label = role(text, group)
        factor = SENDER_SEEN_FROM_HOME if label in {"sender", "origin"} and outward else FACTOR[label]
        found = shares(group, scores)
        for name in found:
            roles[label][name] += 1
        if not factor or not found:
            continue
        single.update(found if len(found) == 1 else ())
        if group[0].start < len(title):
            if group[0].rank != AREA:
                titled.update(found)
                alone.update(found if len(found) == 1 else ())
            factor *= IN_TITLE[0] if first_titled and label not in AWAY else IN_TITLE[1]
            first_titled &= label in AWAY
        else:
            factor *= (
                IN_BODY[0] if first_body and label not in AWAY and group[0].start < len(title) + LEAD else IN_BODY[1]
            )
            first_body &= label in AWAY
        for name, weight in found.items():
            scores[name] += weight * factor
    moving = bool(words.MOVING.search(text))
    weights = ebbed(scores) if moving and not outward else scores
    ordered = {
        name: round(weight, 3) for name, weight in sorted(weights.items(), key=lambda pair: -pair[1]) if weight > 0
    }
    hints = tuple(
        {name for m in gazetteer().mentions(chrome) if m.rank < AREA for name in m.provinces} | set(roles["press"])
    )
    return Reading(text, ordered, tuple(titled), tuple(alone), tuple(single), hints, roles, moving, outward)


def ebbed(scores: dict[str, float]) -> dict[str, float]:
    """Return the scores with those of the sending coast lowered, where another province is there to receive."""
    rival = max((score for name, score in scores.items() if name not in SENDING), default=0.0)
    return {name: score * SENDING.get(name, 1.0) if rival > 0.3 * score else score for name, score in scores.items()}


def chief_province(reading: Reading) -> str | None:
    """Return the province the text is about, None when it is about several or none."""
    name, top = next(iter(reading.weights.items()), ("", 0.0))
    if top < max(0.6, len(reading.text) / LENGTH_PER_PLACE):
        return reading.hints[0] if len(reading.hints) == 1 and words.LOCAL.search(reading.text) else None
    if len(reading.titled) == 1 and len(set(reading.roles["target"]) - set(reading.titled)) > 1:
        return reading.titled[0]  # one place to leave, several to go to: told from the former
    rivals = {rival: weight for rival, weight in reading.weights.items() if not _explained(reading, name, rival)}
    second, total = max(rivals.values(), default=0.0), top + sum(rivals.values())
    if name in reading.titled:
        clear = second < 0.75 * top or not set(rivals) & set(reading.titled)
        return name if clear and (name in reading.alone or len(reading.titled) < 3) else None
    lead = reading.text[:250]
    several = name not in reading.single or len(reading.titled) > 2 or top < 0.45 * total or second > 0.55 * top
    national = words.NATIONAL.search(lead) and (top < max(1.5, 0.6 * total) or words.NATIONAL.search(_title(lead)))
    round_up = words.ROUND_UP.search(lead) and second > 0.25 * top
    return None if several or national or round_up else name


def _title(text: str) -> str:
    return text.partition("\n")[0]


def _explained(reading: Reading, name: str, rival: str) -> bool:
    """Return whether a rival is there only as the place that industry leaves or that people visit."""
    if rival == name or (reading.moving and rival in SENDING and name not in SENDING):
        return True
    away = sum(reading.roles[label].get(rival, 0) for label in AWAY)
    return away > sum(reading.roles[label].get(name, 0) for label in AWAY)
