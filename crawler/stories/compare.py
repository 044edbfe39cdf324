"""Two prepared texts side by side: what they share, what stands in its place, what was added."""

from collections import defaultdict
from dataclasses import dataclass, field

from crawler.stories.figures import FIGURE
from crawler.stories.prepared import Prepared

Place = tuple[int, int]  # where a figure stands in the one text and in the other

_SEED = 6  # characters: shorter runs are shared by any two texts on one subject
_SLOT = 40  # characters: a longer gap between two shared runs is a rewritten passage, not a slot of a template


@dataclass(slots=True, frozen=True)
class Tile:
    """A run of `length` characters that stands at `a` in one skeleton and at `b` in the other."""

    a: int
    b: int
    length: int


def skeleton(text: Prepared) -> str:
    """Return the marked text with every figure alike, so that two fillings of one template read the same."""
    return FIGURE.sub("#", text.marked)


def tiles(a: str, b: str) -> list[Tile]:
    """Return the runs of at least six characters that `a` shares with `b`, from left to right, longest first choice."""
    places: dict[str, list[int]] = defaultdict(list)
    for j in range(len(b) - _SEED + 1):
        places[b[j : j + _SEED]].append(j)
    found = []
    i = 0
    expected = 0
    while i <= len(a) - _SEED:
        starts = places.get(a[i : i + _SEED])
        if not starts:
            i += 1
            continue
        runs = [(_run(a, i, b, j), -abs(j - expected), j) for j in starts[:16]]
        length, _, j = max(runs)
        found.append(Tile(i, j, length))
        i += length
        expected = j + length
    return found


def _run(a: str, i: int, b: str, j: int) -> int:
    """Return how many characters agree from `i` in `a` and `j` in `b` on."""
    low, high = 0, min(len(a) - i, len(b) - j)
    while low < high:
        middle = (low + high + 1) // 2
        if a[i + low : i + middle] == b[j + low : j + middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(slots=True, frozen=True)
class Slot:
    """What fills one gap between two shared runs: where, what, and the two characters after it in both texts."""

    a: int
    b: int
    text_a: str
    text_b: str
    after: str


@dataclass(slots=True)
class Comparison:
    """What two skeletons share: covered places, aligned figures (equal or not), and pairs that fill one slot."""

    covered_a: bytearray
    covered_b: bytearray
    equal: list[Place] = field(default_factory=list)
    other: list[Place] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)


def compare(a: Prepared, b: Prepared) -> Comparison:
    """Return what `a` and `b` share."""
    found = tiles(skeleton(a), skeleton(b))
    result = Comparison(bytearray(len(a.marked)), bytearray(len(b.marked)))
    before = None
    for tile in found:
        result.covered_a[tile.a : tile.a + tile.length] = b"\1" * tile.length
        result.covered_b[tile.b : tile.b + tile.length] = b"\1" * tile.length
        _align(result, a.marked, b.marked, tile)
        if before:
            _fill(result, a.marked, b.marked, before, tile)
        before = tile
    return result


def _align(result: Comparison, a: str, b: str, tile: Tile) -> None:
    for match in FIGURE.finditer(a, tile.a, tile.a + tile.length):
        place = match.start(), match.start() - tile.a + tile.b
        (result.equal if a[place[0]] == b[place[1]] else result.other).append(place)


def _fill(result: Comparison, a: str, b: str, before: Tile, after: Tile) -> None:
    left, right = (before.a + before.length, after.a), (before.b + before.length, after.b)
    if not (0 < left[1] - left[0] <= _SLOT and 0 < right[1] - right[0] <= _SLOT):
        return
    after_gap = a[left[1] : left[1] + 2]
    result.slots.append(Slot(left[0], right[0], a[slice(*left)], b[slice(*right)], after_gap))
    figures_a = [match.start() for match in FIGURE.finditer(a, *left)]
    figures_b = [match.start() for match in FIGURE.finditer(b, *right)]
    if len(figures_a) == len(figures_b):
        for place in zip(figures_a, figures_b, strict=True):
            (result.equal if a[place[0]] == b[place[1]] else result.other).append(place)
