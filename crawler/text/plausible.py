"""Judge whether characters that were put together from bytes can be Chinese text. The files in data/ name sources."""

from collections import Counter
from functools import cache
from itertools import chain

from crawler.text.data import data_lines
from crawler.text.script import is_han, simplified_chars

# Words of one character that word pairs do not show.
_ALONE = frozenset(
    "的了在是和与及或等为将从由向往对给让使到于把被用以因但却如则即若不也就都又还已再更最很能会要可"
    "我你他她它们这那哪此谁其每各该第几两多些个里内外前后中上下间时来去过着得地"
)
_MARKS = frozenset("，。、；：！？（）《》“”‘’〈〉「」『』【】—…·")


@cache
def readings() -> dict[str, str]:
    """Return for each syllable with its tone mark the Traditional characters that can be read so."""
    return dict(line.split(" ") for line in data_lines("readings.txt"))


@cache
def pairs() -> frozenset[str]:
    """Return pairs of Simplified characters that often stand side by side inside a word."""
    return frozenset(line[0] + other for line in data_lines("pairs.txt") for other in line[1:])


@cache
def common() -> frozenset[str]:
    """Return the Simplified characters that such pairs are made of."""
    return frozenset("".join(pairs()))


@cache
def sociable() -> frozenset[str]:
    """Return the characters that stand beside anything: words of one character, and the commonest parts of words."""
    return _ALONE.union(char for char, _ in Counter(chain.from_iterable(pairs())).most_common(100))


def is_common(text: str) -> bool:
    """Tell whether a text, in either script, is all common characters and Chinese punctuation."""
    return all(char in common() or char in _MARKS for char in text.translate(simplified_chars()))


def is_pair(char: str, other: str) -> bool:
    """Tell whether two characters, in either script, often stand side by side inside a word."""
    return (char + other).translate(simplified_chars()) in pairs()


def known_pairs(text: str) -> int:
    """Return how many neighbours in a text, in either script, often stand side by side inside a word."""
    return sum(map(is_pair, text, text[1:]))


def holds_together(before: str, text: str, after: str) -> bool:
    """Tell whether no character of `text` is a stranger to the Chinese characters on both its sides.

    Where a page dropped two bytes inside a run, two characters merge into one that is common too; only its neighbours
    tell. One character alone has no inside.
    """
    around = f"{before[-1:] or ' '}{text}{after[:1] or ' '}".translate(simplified_chars())
    return len(text) == 1 or not any(
        all(map(is_han, around[index - 1 : index + 2]))
        and around[index] not in sociable()
        and pairs().isdisjoint((around[index - 1 : index + 1], around[index : index + 2]))
        for index in range(1, len(around) - 1)
    )
