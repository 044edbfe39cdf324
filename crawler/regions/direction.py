"""Tell which way industry moves, seen from the chief province of a text: into it, out of it, or both."""

from crawler.regions import words
from crawler.regions.names import AREAS
from crawler.regions.reading import Reading


def direction_of(reading: Reading, chief: str | None) -> str | None:
    """Return "inbound", "outbound", "both", None for a text in which no industry moves.

    Without a chief province the direction is that of the places named, and "both" for a national view.
    """
    text = reading.text
    title = text.partition("\n")[0]
    roles = reading.roles
    strangers = [name for label in ("sender", "origin", "firm", "target") for name in roles[label] if name != chief]
    outside = bool(strangers) or _outside(reading, chief)
    flows = (strangers and words.FLOW.search(text)) or (outside and words.COOPERATION.search(text))
    if not words.MOVE.search(text) and not (flows and words.INDUSTRY.search(text)):
        return None
    inward, outward = len(words.INBOUND.findall(text)), len(words.OUTBOUND.findall(text))
    if words.BOTH.search(title):
        return "both"
    if chief is None and words.LOCAL.search(text) and "承接" in text:
        return "inbound"
    if chief is None:
        several = (
            len(reading.weights) > 1
            and inward >= outward
            and not (words.PAIRED.search(text) or words.AT_LARGE.search(text))
        )
        left = outward > inward and not words.NATIONAL.search(text)
        return "inbound" if several else "outbound" if left else "both"
    if not outside and (words.BOTH.search(text) or words.PAIRED.search(text)):
        return "both"
    if not outside and roles["target"].get(chief) and "承接" not in text:
        return "both"
    if not outside and chief in words.WITHIN and words.WITHIN[chief].search(text):
        return "both"
    origins = [*roles["sender"].items(), *roles["origin"].items()]
    inward += 2 * roles["target"].get(chief, 0) + 2 * sum(count for name, count in origins if name != chief)
    inward += sum(chief not in AREAS.get(area, ()) for area in words.AREA.findall(text))
    outward += 2 * roles["sender"].get(chief, 0)
    outward += 2 * sum(count for name, count in roles["target"].items() if name != chief)
    return "outbound" if outward > inward else "inbound"


def _outside(reading: Reading, chief: str | None) -> bool:
    """Return whether places outside the chief province take part."""
    foreign = sum(weight for name, weight in reading.weights.items() if name != chief)
    if foreign > 0.1 * reading.weights.get(chief or "", 1.0):
        return True
    areas = words.FROM_OUTSIDE.findall(reading.text)
    return any(chief not in AREAS.get(area, ()) for area in areas)
