"""Judge whether characters that were put together from bytes can be Chinese text. The files in data/ name sources."""

from collections import Counter
from functools import cache
from itertools import chain

from crawler.text.data import data_lines
from crawler.text.script import simplified_chars

# Words of one character that word pairs do not show.
_ALONE = frozenset("的了在是和与及等为将从由把被也不就都又以并各其每该")
_MARKS = frozenset("，。、；：！？（）《》“”‘’〈〉「」『』【】—…·％" + "０１２３４５６７８９")


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
def frequent(count: int = 600) -> frozenset[str]:
    """Return the characters that take part in most pairs, and so may stand beside anything."""
    return _ALONE.union(char for char, _ in Counter(chain.from_iterable(pairs())).most_common(count))


def is_han(char: str) -> bool:
    """Tell whether a character is a Chinese one."""
    return "\u3400" <= char <= "\u9fff"


def is_common(text: str) -> bool:
    """Tell whether a text, in either script, is all common characters and Chinese punctuation."""
    return all(char in common() or char in _MARKS for char in text.translate(simplified_chars()))


def is_pair(char: str, other: str) -> bool:
    """Tell whether two characters, in either script, often stand side by side inside a word."""
    return (char + other).translate(simplified_chars()) in pairs()


def holds_together(before: str, text: str, after: str) -> bool:
    """Tell whether no character of `text` is both infrequent and a stranger to its neighbours.

    Bytes that were lost inside a run merge two characters into one that is common too; only its neighbours tell.
    """
    around = before + text + after
    shift = len(before)
    return all(
        not is_han(char)
        or char.translate(simplified_chars()) in frequent()
        or is_pair(around[index - 1 : index], char)
        or is_pair(char, around[index + 1 : index + 2])
        for index, char in enumerate(text, shift)
    )
