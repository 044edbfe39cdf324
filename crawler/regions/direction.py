"""Tell which way industry moves, seen from the chief province of a text: into it, out of it, or both."""

from crawler.regions import words
from crawler.regions.chief import Reading
from crawler.regions.names import AREAS


def direction(reading: Reading, chief: str | None) -> str | None:
    """Return "inbound", "outbound", "both", None for a text in which no industry moves.

    Without a chief province the direction is that of the places named, and "both" for a national view.
    """
    text = reading.text
    if not words.MOVE.search(text):
        return None
    inward, outward = len(words.INBOUND.findall(text)), len(words.OUTBOUND.findall(text))
    if chief is None:
        return _national(reading, inward, outward)
    foreign = sum(weight for name, weight in reading.weights.items() if name != chief)
    own = reading.weights[chief]
    if foreign < 0.35 * own and (
        words.BOTH.search(text) or (chief in words.WITHIN and words.WITHIN[chief].search(text))
    ):
        return "both"
    inward += 2 * reading.targets.get(chief, 0) + 2 * sum(n for p, n in reading.senders.items() if p != chief)
    inward += len([area for area in words.AREA.findall(text) if chief not in AREAS.get(area, ())])
    outward += 2 * reading.senders.get(chief, 0) + 2 * sum(n for p, n in reading.targets.items() if p != chief)
    return "outbound" if outward > inward else "inbound"


def _national(reading: Reading, inward: int, outward: int) -> str:
    if words.BOTH.search(reading.text):
        return "both"
    if reading.weights:
        return "inbound"
    return "outbound" if outward > inward else "both"
