"""Fold a text to the form in which rules and fingerprints see it."""

import re
import unicodedata
from functools import cache

from crawler.text.data import data_lines
from crawler.text.script import simplified_chars

SWAPS = dict(line.split(" ") for line in data_lines("swaps.txt"))  # Taiwan's word, in Simplified: the mainland's
_SWAP = re.compile("|".join(sorted(SWAPS, key=len, reverse=True)))
_DROPPED = re.compile("[\u200b-\u200d\u2060\ufeff\xad]")
# Simplified characters that stand in the fonts of PDF files in place of common ones, without a decomposition.
_RADICALS = dict(
    zip("⻓⻔⻋⻅⻚⻛⻢⻩⻬⻰⻆⻝⺠⻄⻘⻮⻨⻤⻉⻦⻥", "长门车见页风马黄齐龙角食民西青齿麦鬼贝鸟鱼", strict=True)
)


@cache
def _fold() -> tuple[re.Pattern[str], dict[str, str]]:
    """Return the folding of single characters: widths, case, Traditional, variants, Kangxi radicals."""
    fold = {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}
    fold |= {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
    fold |= {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    fold |= {ord(radical): char for radical, char in _RADICALS.items()}
    folded = {chr(code): char for code, char in (fold | simplified_chars()).items()}
    return re.compile(f"[{''.join(map(re.escape, folded))}]"), folded


def canonical(text: str) -> tuple[str, list[int] | None]:
    """Return the form used for matching and fingerprints, and for each of its characters the index in `text`.

    None in place of the indices means that they are 0, 1, 2 …
    Full-width forms and capitals are folded, each Traditional character is made its Simplified one whatever the word
    (著 → 着, 乾 → 干), and the words of Taiwan and of converters are swapped for the mainland's (资讯 → 信息). So it is
    no text to be shown, and a keyword must pass through here once like the text it is looked for in: what a swap makes
    with its neighbours is not swapped again (品品质 → 品质量). Spaces and line breaks stay: a keyword that a line break
    cuts in two is the rule engine's business. Mirror damage is not looked for: call `clean` first.
    """
    indices: list[int] | None = None
    if _DROPPED.search(text):
        indices = [index for index, char in enumerate(text) if not _DROPPED.match(char)]
        text = _DROPPED.sub("", text)
    pattern, folded = _fold()
    text = pattern.sub(lambda match: folded[match[0]], text)  # few characters are folded: str.translate asks for each
    return _swap_words(text, indices) if _SWAP.search(text) else (text, indices)


def _swap_words(text: str, indices: list[int] | None) -> tuple[str, list[int] | None]:
    if indices is None and all(len(word) == len(SWAPS[word]) for word in _SWAP.findall(text)):
        return _SWAP.sub(lambda match: SWAPS[match[0]], text), None
    source = indices or range(len(text))
    pieces: list[str] = []
    swapped: list[int] = []
    end = 0
    for match in _SWAP.finditer(text):
        word = SWAPS[match[0]]
        pieces += text[end : match.start()], word
        swapped += source[end : match.start()]
        stretch = (len(match[0]) - 1) / (len(word) - 1)  # first to first, last to last
        swapped += [source[match.start() + round(position * stretch)] for position in range(len(word))]
        end = match.end()
    pieces.append(text[end:])
    swapped += source[end:]
    is_identity = swapped == list(range(len(text)))
    return "".join(pieces), None if is_identity and indices is None else swapped
