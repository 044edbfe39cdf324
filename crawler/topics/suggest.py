"""Words that stand in marked articles and seldom in others: what a rule may lack. Proposes, never changes a rule."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.topics.reading import fold

LONGEST = 6  # characters of a proposed word
HEAD = 3000  # characters of a text that are looked at
_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_LOOSE_ENDS = frozenset("的了和与及在是为对将把被从向于并等也都就而或以其这那有各个们中上下年月日")


@dataclass(slots=True, frozen=True)
class Proposal:
    """A word, in how many marked and other texts it stands, and its weight: share times log ratio."""

    word: str
    marked: int
    others: int
    weight: float


def suggest(
    marked: Iterable[str], others: Iterable[str], *, most: int = 30, known: Iterable[str] = ()
) -> list[Proposal]:
    """Return the words that tell the marked texts from the others, best first; `known` words are left out."""
    marked = [fold(text[:HEAD]) for text in marked]
    in_marked, number = _frequencies(marked)
    in_others, rest = _frequencies((fold(text[:HEAD]) for text in others), in_marked)
    known = set(known)
    least = max(2, math.ceil(number / 20))
    whole = _whole({word for word, count in in_marked.items() if count >= least}, marked)
    proposals = []
    for word, count in in_marked.items():
        if word not in whole or word in known or word[0] in _LOOSE_ENDS or word[-1] in _LOOSE_ENDS:
            continue
        ratio = (count / number) / ((in_others[word] + 0.5) / (rest + 1))
        if ratio > 1:
            proposals.append(Proposal(word, count, in_others[word], round(count / number * math.log(ratio), 4)))
    proposals.sort(key=lambda proposal: (-proposal.weight, -len(proposal.word), proposal.word))
    return _distinct(proposals, most)


def _frequencies(texts: Iterable[str], only: Counter[str] | None = None) -> tuple[Counter[str], int]:
    """Return in how many texts each run of 2 to LONGEST characters stands, and the number of texts."""
    counts: Counter[str] = Counter()
    number = 0
    for text in texts:
        number += 1
        counts.update({gram for gram, _, _ in _grams(text) if only is None or gram in only})
    return counts, number


def _grams(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each run of characters with its neighbours, "" at a border."""
    for run in _RUN.findall(text):
        for length in range(2, min(LONGEST, len(run)) + 1):
            for start in range(len(run) - length + 1):
                end = start + length
                yield run[start:end], run[start - 1 : start] if start else "", run[end : end + 1]


def _whole(words: set[str], texts: list[str]) -> set[str]:
    """Return those with at least three different neighbours on either side: others are pieces of longer words."""
    left: dict[str, set[str]] = {word: set() for word in words}
    right: dict[str, set[str]] = {word: set() for word in words}
    for number, text in enumerate(texts):
        for word, before, after in _grams(text):
            if word in words:
                left[word].add(before or str(number))
                right[word].add(after or str(number))
    return {word for word in words if len(left[word]) > 2 and len(right[word]) > 2}


def _distinct(proposals: list[Proposal], most: int) -> list[Proposal]:
    """Drop a word that lies in, or contains, a better one and says nothing more."""
    chosen: list[Proposal] = []
    for proposal in proposals:
        if len(chosen) == most:
            break
        if not any(proposal.word in better.word or better.word in proposal.word for better in chosen):
            chosen.append(proposal)
    return chosen
