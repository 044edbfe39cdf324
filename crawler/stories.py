"""Which articles are one story. Pure: the index over stored articles is the store's."""

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Prepared:
    """A text made ready for comparison."""

    text: str


@dataclass(slots=True, frozen=True)
class Verdict:
    """Whether two texts are one story, how alike they are (0 to 1), and in a few words why."""

    same: bool
    similarity: float
    reason: str


def prepare(text: str) -> Prepared:
    """Return the text ready for comparison; takes raw text and cleans it."""
    raise NotImplementedError


def keys(text: Prepared) -> tuple[int, ...]:
    """Return the index keys (signed 64-bit). Two texts that may be one story share at least one."""
    raise NotImplementedError


def judge(a: Prepared, b: Prepared) -> Verdict:
    """Return whether two texts are one story. Symmetric."""
    raise NotImplementedError


def similarity(a: str, b: str) -> float:
    """Return how alike two raw texts are, 0 to 1."""
    return judge(prepare(a), prepare(b)).similarity


def same_story(a: str, b: str) -> bool:
    """Return whether two raw texts are one story."""
    return judge(prepare(a), prepare(b)).same
