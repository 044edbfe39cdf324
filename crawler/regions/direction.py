"""Tell which way industry moves, seen from the chief province of a text: into it, out of it, or both."""

from crawler.regions import words
from crawler.regions.chief import SENDING
from crawler.regions.names import AREAS
from crawler.regions.reading import APART_ROLES, Reading

LEFT = ("sender", "origin", "firm")  # the part of a place that something leaves
FOREIGN = 0.2  # weight of the other provinces, as a part of that of the chief one, from which they take part
FOREIGN_INLAND = 0.1  # … where the chief one is not of the sending coast: what moves there comes from outside


def direction_of(reading: Reading, weights: dict[str, float], chief: str | None) -> str | None:
    """Return "inbound", "outbound", "both", None for a text in which no industry moves.

    Without a chief province the direction is that of the places named, and "both" for a national view.
    """
    text = reading.text
    inward, outward = reading.inward, reading.outward
    parts = ("sender", "origin", "firm", "target", *(("visit",) if reading.leaving else ()))
    strangers = [name for name in reading.playing(*parts) if name != chief]
    outside = bool(strangers) or _outside(reading, weights, chief)
    if not (_moves(reading, outside, strangers) and words.INDUSTRY.search(text)):
        return None
    if words.BOTH.search(reading.title):
        return "both"
    if chief is None:
        return _at_large(reading, len(weights))
    if not outside and _within(reading, chief):
        ours = words.OURS.search(text) and outward <= inward  # told from the county that receives
        return "inbound" if ours else "both"
    targets, origins = reading.playing("target"), reading.playing("sender", "origin")
    inward += 2 * targets.get(chief, 0) + 2 * sum(count for name, count in origins.items() if name != chief)
    inward += sum(chief not in AREAS.get(area, ()) for area in words.AREA.findall(text))
    outward += 2 * reading.playing("sender").get(chief, 0)
    outward += len(words.INLAND.findall(text)) if chief in SENDING else 0
    outward += 2 * sum(count for name, count in targets.items() if name != chief)
    return "outbound" if outward > inward or (outward == inward == 0 and chief in SENDING) else "inbound"


def _moves(reading: Reading, outside: bool, strangers: list[str]) -> bool:
    """Return whether something moves: by its verb, by an end of the move, or by what two places do together."""
    text = reading.text
    if strangers or reading.playing("sender", "target"):
        return True
    if outside and (reading.inward or reading.outward or words.COOPERATION.search(text) or words.FACTORY.search(text)):
        return True
    return bool(words.MOVE.search(text))


def _outside(reading: Reading, weights: dict[str, float], chief: str | None) -> bool:
    """Return whether places outside the chief province take part."""
    foreign = sum(weight for name, weight in weights.items() if name != chief)
    least = FOREIGN if chief is None or chief in SENDING else FOREIGN_INLAND
    if reading.abroad or foreign > least * weights.get(chief or "", 1.0):
        return True
    return any(chief not in AREAS.get(area, ()) for area in words.FROM_OUTSIDE.findall(reading.text))


def _within(reading: Reading, chief: str) -> bool:
    """Return whether industry moves between two places of the one province."""
    text = reading.text
    if words.BOTH.search(text) or words.PAIRED.search(text):
        return True
    if 2 * min(reading.inward, reading.outward) > max(reading.inward, reading.outward):
        return True
    if reading.playing("sender").get(chief) or (reading.playing("target").get(chief) and "承接" not in text):
        return True
    if chief in words.WITHIN and words.WITHIN[chief].search(text):
        return True
    # Inside a coastal province the cities send and receive; inland the senders lie outside and may go unnamed.
    named = {place.name for place in reading.places if place.shares.keys() == {chief} and place.role not in APART_ROLES}
    return chief in SENDING and len(named) > 1 and not words.ABROAD.search(text)


def _at_large(reading: Reading, places: int) -> str:
    text = reading.text
    named = any(place.area and place.start < len(reading.title) for place in reading.places)
    if named and all(area in reading.title for area in words.AREA.findall(text)):
        return "both"  # within 京津冀
    if (words.LOCAL.search(text) and "承接" in text) or (places > 1 and "承接" in reading.title):
        return "inbound"
    if words.WHOLE.search(text):
        return "both"
    if reading.abroad:
        return "outbound"
    leaves = reading.leaving
    receives = places > 1 and any(not place.area and place.role not in LEFT for place in reading.places)
    if receives and not leaves and not words.PAIRED.search(text) and not words.AT_LARGE.search(text):
        return "inbound"
    return "outbound" if leaves and not words.NATIONAL.search(text) else "both"
