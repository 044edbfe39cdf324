"""Tell which way industry moves, seen from the chief province of a text: into it, out of it, or both."""

from crawler.regions import words
from crawler.regions.names import AREAS
from crawler.regions.reading import Reading


def direction_of(reading: Reading, chief: str | None) -> str | None:
    """Return "inbound", "outbound", "both", None for a text in which no industry moves.

    Without a chief province the direction is that of the places named, and "both" for a national view.
    """
    text = reading.text
    if not words.MOVE.search(text):
        return None
    inward, outward = len(words.INBOUND.findall(text)), len(words.OUTBOUND.findall(text))
    if words.BOTH.search(text.partition("\n")[0]):
        return "both"
    if chief is None:
        several = len(reading.weights) > 1 and inward >= outward and not words.BOTH.search(text)
        return "inbound" if several else "outbound" if outward > inward else "both"
    if _inside(reading, chief):
        return "both"
    roles = reading.roles
    origins = [*roles["sender"].items(), *roles["origin"].items()]
    inward += 2 * roles["target"].get(chief, 0) + 2 * sum(count for name, count in origins if name != chief)
    inward += sum(chief not in AREAS.get(area, ()) for area in words.AREA.findall(text))
    outward += 2 * roles["sender"].get(chief, 0)
    outward += 2 * sum(count for name, count in roles["target"].items() if name != chief)
    return "outbound" if outward > inward else "inbound"


def _inside(reading: Reading, chief: str) -> bool:
    """Return whether industry moves between two places of the one province."""
    foreign = sum(weight for name, weight in reading.weights.items() if name != chief)
    if foreign > 0.35 * reading.weights.get(chief, 1.0):
        return False
    if words.BOTH.search(reading.text) or (chief in words.WITHIN and words.WITHIN[chief].search(reading.text)):
        return True
    return bool(reading.roles["target"].get(chief)) and not words.FROM_OUTSIDE.search(reading.text)
