"""Fold a text to the form in which rules and fingerprints see it."""

import re
from functools import cache

from crawler.text.script import VARIANTS, to_simplified, traditional_pattern

# Taiwan's words and what big5 gates make of mainland words, in Simplified characters → the mainland word.
SWAPS = {
    "资讯": "信息",
    "品质": "质量",
    "水准": "水平",
    "共用": "共享",
    "回圈": "循环",
    "最佳化": "优化",
    "视讯": "视频",
    "智慧": "智能",
    "数位": "数字",
    "网路": "网络",
    "软体": "软件",
    "硬体": "硬件",
    "晶片": "芯片",
}

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_FOLD |= {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_FOLD |= {code: code - 0xFEE0 + 32 for code in range(ord("Ａ"), ord("Ｚ") + 1)}
_SWAP = re.compile("|".join(sorted(SWAPS, key=len, reverse=True)))


@cache
def _gate() -> re.Pattern[str]:
    """Return a pattern that finds nothing in a text which is its own canonical form."""
    classes = "A-Z\u3000\xa0\uff01-\uff5e" + "".join(map(chr, VARIANTS)) + traditional_pattern().pattern[1:-1]
    return re.compile(f"[{classes}乾著瞭於徵藉]|{_SWAP.pattern}")


def canonical(text: str) -> tuple[str, list[int] | None]:
    """Return the form used for matching and fingerprints, and for each of its characters the index in `text`.

    None in place of the indices means that they are 0, 1, 2 …
    Full-width forms and capitals are folded, Traditional characters are made Simplified, and the words of Taiwan and
    of converters are swapped for the mainland's (资讯 → 信息). Spaces and line breaks stay where they are: a keyword
    that a line break cuts in two is the rule engine's business. Mirror damage is not looked for: call `clean` first.
    Keywords and texts must both pass through here.
    """
    if not _gate().search(text):
        return text, None
    folded = text.translate(_FOLD)
    simplified = to_simplified(folded)
    if len(simplified) != len(folded):
        simplified = "".join(map(to_simplified, folded))
    return _swap_words(simplified)


def _swap_words(text: str) -> tuple[str, list[int] | None]:
    pieces: list[str] = []
    indices: list[int] = []
    end = 0
    for match in _SWAP.finditer(text):
        word = SWAPS[match[0]]
        pieces += text[end : match.start()], word
        indices += range(end, match.start())
        last = match.end() - match.start() - 1
        indices += (match.start() + min(position, last) for position in range(len(word)))
        end = match.end()
    pieces.append(text[end:])
    indices += range(end, len(text))
    swapped = "".join(pieces)
    return swapped, None if len(swapped) == len(text) and indices[-1:] == [len(text) - 1] else indices
