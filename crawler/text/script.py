"""Tell Traditional from Simplified and convert to Simplified. OpenCC does the converting; its gaps are mended here."""

import re
from functools import cache
from itertools import chain

from opencc import OpenCC

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

# Variant forms that OpenCC's tw2s leaves: Hong Kong prints, old GBK fonts, converters that work by code page.
VARIANTS = str.maketrans(
    "衞陜敍値淸靑敎槪衹擧鹻厰堦粧蔴鬪崐顚馀黙眞悅說兌銳閱稅卽旣",
    "卫陕叙值清青教概只举碱厂阶妆麻斗昆颠余默真悦说兑锐阅税即既",
)


@cache
def converter() -> OpenCC:
    """Return OpenCC with its Taiwan-to-Simplified rules, which know 著力 (着力) from 著作."""
    return OpenCC("tw2s")


def _in_charset(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def traditional_only() -> frozenset[str]:
    """Return the characters that conversion changes and that no Simplified text is written with.

    GB 2312 is the judge: 乾, 著, 瞭 and 於 are in it, because Simplified text has 乾坤, 著名, 瞭望 and the surname 於.
    """
    chars = [chr(code) for code in chain(range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00))]
    simplified = converter().convert("\n".join(chars)).translate(VARIANTS).split("\n")
    changed = (char for char, other in zip(chars, simplified, strict=True) if char != other)
    return frozenset(char for char in changed if not _in_charset(char, "gb2312"))


@cache
def traditional_pattern() -> re.Pattern[str]:
    """Return a pattern for one character of `traditional_only`."""
    return re.compile(f"[{''.join(sorted(traditional_only()))}]")


@cache
def simplified_pattern() -> re.Pattern[str]:
    """Return a pattern for one character that only Simplified text has: in GB 2312, not in Big5."""
    chars = [chr(code) for code in range(0x4E00, 0xA000)]
    only = [char for char in chars if _in_charset(char, "gb2312") and not _in_charset(char, "cp950")]
    return re.compile(f"[{''.join(only)}]")


def is_traditional(text: str) -> bool:
    """Tell whether a text is written in Traditional characters, not Simplified with a name or a quotation in them."""
    if not traditional_pattern().search(text):
        return False
    return len(traditional_pattern().findall(text)) > len(simplified_pattern().findall(text))


def to_simplified(text: str) -> str:
    """Return the text in Simplified characters; the words stay the writer's own, and so does the length."""
    simplified: str = converter().convert(text)
    return simplified.translate(VARIANTS)
