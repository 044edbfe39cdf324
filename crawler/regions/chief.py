"""Weigh the places of a text: which province is it about, in spite of datelines, venues, senders and lists."""

from collections import defaultdict
from typing import NamedTuple

from crawler.regions import words
from crawler.regions.reading import Reading

FACTOR = {
    "": 1.0,
    "office": 1.6,
    "target": 1.2,
    "origin": 0.6,
    "firm": 0.5,
    "visit": 0.5,
    "dateline": 0.5,
    "sender": 0.4,
    "press": 0.0,
    "name": 0.0,
}
FACTOR_FROM_HOME = FACTOR | {"sender": 1.0, "origin": 1.0, "target": 0.6}  # for a text told from the place that is left
AWAY = ("sender", "origin", "firm", "visit")  # the part of a place that the text is not about
AWAY_FROM_HOME = ("target", "visit")
IN_TITLE, IN_BODY = (3.0, 1.5), (1.6, 1.0)  # the first place that plays no such part, and the others
LEAD = 250  # characters of the text in which the first place counts as such
LEAST = 0.6  # weight of a chief province
LENGTH_PER_PLACE = 800  # a long text that names a province once is not about it

# Industry moves from the rich coast inland. Where it moves, a text names the place it leaves as often as the place it
# reaches, so the former count for less. These figures, like those above, were set on texts, not taken from statistics.
SENDING = {
    "香港": 0.4,
    "台湾": 0.4,
    "上海": 0.5,
    "北京": 0.55,
    "广东": 0.65,
    "浙江": 0.65,
    "江苏": 0.7,
    "福建": 0.8,
    "天津": 0.85,
    "山东": 0.85,
}


class Weights(NamedTuple):
    """What the places of a text say for each province."""

    weights: dict[str, float]  # heaviest first
    titled: set[str]  # provinces named in the title
    alone: set[str]  # those of them that are named by themselves there
    single: set[str]  # provinces named by themselves anywhere
    area: set[str]  # the provinces of 京津冀, where the title names only that
    moving: bool  # something moves from one place to another


def weigh(reading: Reading) -> Weights:
    """Return the weights of the provinces in a text."""
    in_title: dict[str, float] = defaultdict(float)
    in_body: dict[str, float] = defaultdict(float)
    titled: set[str] = set()
    alone: set[str] = set()
    area: set[str] = set()
    outward = reading.leaving
    moving = bool(words.MOVING.search(reading.text) or words.MOVE.search(reading.text))
    factors, away = (FACTOR_FROM_HOME, AWAY_FROM_HOME) if outward else (FACTOR, AWAY)
    first = {True: True, False: True}
    for place in reading.places:
        titling = place.start < len(reading.title)
        factor = factors[place.role]
        if not factor:
            continue
        leading = first[titling] and place.role not in away and place.start < len(reading.title) + LEAD
        first[titling] = first[titling] and place.role in away
        factor *= (IN_TITLE if titling else IN_BODY)[0 if leading else 1]
        for name, share in place.shares.items():
            (in_title if titling else in_body)[name] += share * factor
        if titling and (outward or not moving or place.role not in ("sender", "origin")):
            (area if place.area else titled).update(place.shares)
            alone.update(place.shares if len(place.shares) == 1 else ())
    total = _total(in_title, _ebbed(in_body, in_title) if moving and not outward else in_body)
    single = {
        name for place in reading.places if len(place.shares) == 1 and FACTOR[place.role] for name in place.shares
    }
    return Weights(total, titled, alone, single, set() if titled else area, moving)


def _total(in_title: dict[str, float], in_body: dict[str, float]) -> dict[str, float]:
    names = dict.fromkeys([*in_title, *in_body])
    total = {name: round(in_title.get(name, 0.0) + in_body.get(name, 0.0), 3) for name in names}
    return dict(sorted(total.items(), key=lambda pair: -pair[1]))


def _sends_more(name: str, other: str) -> bool:
    """Return whether industry moves from the one province to the other rather than back."""
    return SENDING.get(name, 1.0) < SENDING.get(other, 1.0) - 0.1


def _ebbed(in_body: dict[str, float], in_title: dict[str, float]) -> dict[str, float]:
    """Return the weights with those of the sending coast lowered, where a province that sends less may receive."""
    full = _total(in_title, in_body)

    def may_be_sender(name: str) -> bool:
        return any(_sends_more(name, other) and weight > 0.3 * full[name] for other, weight in full.items())

    return {name: weight * (SENDING.get(name, 1.0) if may_be_sender(name) else 1.0) for name, weight in in_body.items()}


def chief_province(reading: Reading, votes: Weights) -> str | None:
    """Return the province a text is about, None when it is about several or none."""
    name, top = _first(reading, votes)
    if top < max(LEAST, len(reading.text) / LENGTH_PER_PLACE):
        return _hinted(reading)
    if len(votes.titled) == 1 and len(set(reading.playing("target")) - votes.titled) > 1:
        return next(iter(votes.titled))  # one place to leave, several to go to: told from the former
    rivals = {other: weight for other, weight in votes.weights.items() if not _explained(reading, votes, name, other)}
    second, total = max(rivals.values(), default=0.0), top + sum(rivals.values())
    if name in votes.titled:
        clear = second < 0.75 * top or not set(rivals) & votes.titled
        return name if clear and (name in votes.alone or len(votes.titled) < 3) else None
    named = name in votes.single or not (rivals or reading.abroad)
    if not named or len(votes.titled) > 2 or top < 0.45 * total or second > 0.55 * top:
        return None
    if name in votes.area and any(votes.weights.get(other, 0.0) > 0.5 * top for other in votes.area - {name}):
        return None
    return None if _national(reading, top / total) or _round_up(reading, second / top) else name


def _first(reading: Reading, votes: Weights) -> tuple[str, float]:
    """Return the heaviest province; the second where the first is the place that things come from."""
    heaviest = [*votes.weights.items(), ("", 0.0), ("", 0.0)]
    (first, top), (second, weight) = heaviest[:2]
    if weight < 0.5 * top:
        return first, top
    away, every = reading.playing(*_away(reading)), reading.playing(*FACTOR)
    left = away.get(first, 0) > every[first] / 2
    if left and away.get(second, 0) < every[second] / 2:
        return second, weight
    sends = votes.moving and not reading.leaving and _sends_more(first, second)
    return (second, weight) if sends and weight > 0.65 * top else (first, top)


def _away(reading: Reading) -> tuple[str, ...]:
    return AWAY_FROM_HOME if reading.leaving else AWAY


def _hinted(reading: Reading) -> str | None:
    """Return the province of the newspaper or the page, for a text that only says 我省, 全市."""
    return next(iter(reading.hints)) if len(reading.hints) == 1 and words.LOCAL.search(reading.text) else None


def _national(reading: Reading, share: float) -> bool:
    if words.NATIONAL.search(reading.title):
        return True
    return share < 0.6 and bool(words.NATIONAL.search(reading.text, 0, LEAD))


def _round_up(reading: Reading, rivalry: float) -> bool:
    return rivalry > 0.25 and bool(words.ROUND_UP.search(reading.text, 0, LEAD))


def _explained(reading: Reading, votes: Weights, name: str, rival: str) -> bool:
    """Return whether a rival is there only as the place that industry leaves or that people visit."""
    if rival == name or (votes.moving and _sends_more(rival, name)):
        return True
    away = reading.playing(*_away(reading))
    return away.get(rival, 0) > away.get(name, 0)
