"""Which articles are one story. Pure: the index over stored articles is the store's."""

from crawler.stories.index import CANDIDATES, POSTINGS, components, keys, rank
from crawler.stories.judge import Verdict, judge
from crawler.stories.prepared import Prepared, prepare

__all__ = [
    "CANDIDATES", "POSTINGS", "Prepared", "Verdict",
    "components", "judge", "keys", "prepare", "rank", "same_story", "similarity",
]  # fmt: skip


def similarity(a: str, b: str) -> float:
    """Return how alike two raw texts are, 0 to 1."""
    return judge(prepare(a), prepare(b)).similarity


def same_story(a: str, b: str) -> bool:
    """Return whether two raw texts are one story."""
    return judge(prepare(a), prepare(b)).same
