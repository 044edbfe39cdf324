"""Two prepared texts side by side: what they share, which figures stand in one place, what stands in one slot."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from crawler.stories.figures import FIGURE
from crawler.stories.prepared import Prepared

Place = tuple[int, int]  # where a figure stands in the one text and in the other

_SEED = 6  # characters: shorter runs are shared by any two texts on one subject
_SLOT = 40  # characters: a longer gap between two shared runs is a rewritten passage, not a slot of a template
_REPEATS = 16  # places of a repeated phrase to try


@dataclass(slots=True, frozen=True)
class Run:
    """A run of `length` characters that stands at `a` in one text and at `b` in the other, figures taken as alike."""

    a: int
    b: int
    length: int


@dataclass(slots=True, frozen=True)
class Slot:
    """What fills one gap between two shared runs: where, what, and the two characters after it in both texts."""

    a: int
    b: int
    text_a: str
    text_b: str
    after: str


@dataclass(slots=True)
class Alignment:
    """Figures that stand in one place, equal or not, pairs of words that fill one slot, the longest run's length."""

    equal: list[Place] = field(default_factory=list)
    other: list[Place] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    longest: int = 0

    def after(self, a: int, b: int) -> "Alignment":
        """Return what stands from `a` and `b` on: headlines and what is above them are rewritten by everybody."""
        return Alignment(
            [place for place in self.equal if place[0] >= a and place[1] >= b],
            [place for place in self.other if place[0] >= a and place[1] >= b],
            [slot for slot in self.slots if slot.a >= a and slot.b >= b],
            self.longest,
        )


def cover(a: Prepared, b: Prepared) -> tuple[bytearray, bytearray]:
    """Return for each character of either text 1 where it lies in a run of six that the other has too, else 0."""
    return _covered(a.skeleton, b.skeleton), _covered(b.skeleton, a.skeleton)


def align(a: Prepared, b: Prepared) -> Alignment:
    """Return what stands in one place of both texts."""
    result = Alignment()
    before = Run(a.lead, b.lead, 0)  # what the two begin with is a slot too
    for run in runs(a.skeleton, b.skeleton):
        for match in FIGURE.finditer(a.marked, run.a, run.a + run.length):
            _sort(result, a, b, (match.start(), match.start() - run.a + run.b))
        _fill(result, a, b, before, run)
        before = run
        result.longest = max(result.longest, run.length)
    return result


def runs(a: str, b: str) -> list[Run]:
    """Return the shared runs from left to right in `a`: at each place the longest, the nearest of equal ones."""
    grams, known = _grams(a), _different(b)
    found = []
    i = expected = 0
    while i < len(grams):
        if grams[i] not in known:
            i += 1
            continue
        length, _, j = max((_extend(a, i, b, j), -abs(j - expected), j) for j in _places(b, grams[i]))
        found.append(Run(i, j, length))
        i += length
        expected = j + length
    return found


@lru_cache(maxsize=128)  # texts of one template are compared again and again
def _grams(text: str) -> list[str]:
    return [text[place : place + _SEED] for place in range(len(text) - _SEED + 1)]


@lru_cache(maxsize=128)
def _different(text: str) -> frozenset[str]:
    return frozenset(_grams(text))


def _places(text: str, gram: str) -> Iterator[int]:
    """Yield the first places where a gram stands."""
    place = text.find(gram)
    for _ in range(_REPEATS):
        if place < 0:
            return
        yield place
        place = text.find(gram, place + 1)


def _covered(text: str, other: str) -> bytearray:
    grams = _grams(text)
    # As one long number, a byte a character: each shift spreads what is covered to the right, six characters in all.
    covered = int.from_bytes(bytes(map(_different(other).__contains__, grams)), "little")
    for places in (1, 2, 2):
        covered |= covered << 8 * places
    spread = bytearray(covered.to_bytes(len(grams) + _SEED - 1, "little"))
    # A character or two that were edited belong to the run about them.
    return spread.replace(b"\1\0\1", b"\1\1\1").replace(b"\1\0\0\1", b"\1\1\1\1")


def _extend(a: str, i: int, b: str, j: int) -> int:
    """Return how many characters agree from `i` in `a` and `j` in `b` on."""
    low, high = 0, min(len(a) - i, len(b) - j)
    while low < high:
        middle = (low + high + 1) // 2
        if a[i + low : i + middle] == b[j + low : j + middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _sort(result: Alignment, a: Prepared, b: Prepared, place: Place) -> None:
    (result.equal if a.marked[place[0]] == b.marked[place[1]] else result.other).append(place)


def _fill(result: Alignment, a: Prepared, b: Prepared, before: Run, after: Run) -> None:
    left, right = (before.a + before.length, after.a), (before.b + before.length, after.b)
    if not (0 < left[1] - left[0] <= _SLOT and 0 < right[1] - right[0] <= _SLOT):
        return
    following = a.marked[left[1] : left[1] + 2]
    result.slots.append(Slot(left[0], right[0], a.marked[slice(*left)], b.marked[slice(*right)], following))
    figures_a = [match.start() for match in FIGURE.finditer(a.marked, *left)]
    figures_b = [match.start() for match in FIGURE.finditer(b.marked, *right)]
    if len(figures_a) == len(figures_b):
        for place in zip(figures_a, figures_b, strict=True):
            _sort(result, a, b, place)
