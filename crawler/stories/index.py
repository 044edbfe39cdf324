"""Index keys: which stored articles are worth a comparison. Pure; the table of postings is the store's.

The keys of a text are the smallest hashes of its eight-character runs (MinHash with one function, a bottom-k sketch),
28 of the whole and 12 of the lead. A part of a text keeps its share of the keys, so that a reprint cut to a third is
found where bands, which ask for likeness of the whole, would miss it; the lead's own keys find a lead printed alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from crawler.stories.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POSTINGS = 64  # the newest entries to read for one key
CANDIDATES = 20  # the articles to compare
_RARE, _RARE_KEYS = 0.3, 2  # the weight of a key that three articles hold; one such key alone is a shared phrase
_COMMON, _COMMON_KEYS = 3, 3  # of lighter articles: how many to compare, sharing how many keys
_RUN = 8
_WHOLE, _LEAD = 28, 12
_LEAD_LENGTH = 80
_BITS = 48  # six bytes in SQLite; two among a hundred million keys meet by chance less than once in two million


def keys(text: Prepared) -> tuple[int, ...]:
    """Return the index keys, at most 40, each from 0 to 2**48 - 1; none for an empty text."""
    if not text.marked:
        return ()
    hashes = _hashes(text.marked)
    lead = hashes[text.lead : text.lead + _LEAD_LENGTH]
    return tuple(sorted({*_smallest(hashes, _WHOLE), *_smallest(lead, _LEAD)}))


def _smallest(hashes: "NDArray[np.uint64]", count: int) -> list[int]:
    """Return the smallest different hashes. As `numpy.unique` does, which takes five times as long for so few."""
    ordered = hashes.copy()
    ordered.sort()
    first, rest = ordered[:1], ordered[1:]
    return [*first.tolist(), *rest[rest != ordered[:-1]][: count - 1].tolist()]


def _hashes(marked: str) -> "NDArray[np.uint64]":
    """Return a hash of each eight-character run, in order; of the whole where it is shorter."""
    import numpy as np

    points = np.frombuffer(marked.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    run = min(_RUN, len(points))
    hashes = np.zeros(len(points) - run + 1, dtype=np.uint64)
    for offset in range(run):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + points[offset : offset + len(hashes)]
    # The finaliser of MurmurHash3 (Appleby, public domain): without it neighbouring texts have neighbouring hashes.
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(factor)
    return (hashes ^ (hashes >> np.uint64(33))) >> np.uint64(64 - _BITS)


def rank(postings: Mapping[int, Sequence[int]]) -> list[int]:
    """Return the article ids worth a comparison, likeliest first, at most 20.

    `postings` holds for each key of the new text the newest ids stored under it, at most 64. A key counts the less the
    more articles hold it, so that the phrases of a template, which thousands share, do not crowd out the reprint. Of
    articles that share nothing rare, three are enough: either they tell one story, or none of them tells it.
    """
    weights: dict[int, float] = {}
    shared: Counter[int] = Counter()
    for ids in postings.values():
        shared.update(ids)
        for article in ids:
            weights[article] = weights.get(article, 0.0) + 1 / len(ids)
    ranked = sorted(weights, key=lambda article: (-weights[article], -article))
    rare = [article for article in ranked if weights[article] >= _RARE and shared[article] >= _RARE_KEYS]
    common = [article for article in ranked if weights[article] < _RARE and shared[article] >= _COMMON_KEYS]
    return (rare + common[:_COMMON])[:CANDIDATES]


def components(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return for each article the smallest id of its story: whatever a chain of `same` pairs connects is one story."""
    parents: dict[int, int] = {}

    def root(article: int) -> int:
        while (parent := parents.setdefault(article, article)) != article:
            parents[article] = parents[parent]
            article = parent
        return article

    for left, right in pairs:
        low, high = sorted((root(left), root(right)))
        parents[high] = low
    return {article: root(article) for article in parents}
