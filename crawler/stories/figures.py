"""Figures in Chinese text as single characters that stand for values: 38.4亿 and 3840000000 become the same one.

Refuses to judge what a figure means; units other than the percent sign are left in the text.
"""

import re
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

_NUMERALS = "零〇一二三四五六七八九十百千万亿两"
_FIRST, _PLANE = 0xF0000, 0xFFFE  # supplementary private-use plane 15: only icon fonts use it
FIGURE = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + _PLANE - 1)}]")
_FIGURE = re.compile(
    rf"(?=[\d.*{_NUMERALS}{FIGURE.pattern[1:-1]}])(?:"  # what each of them may begin with: told at a glance
    rf"(?P<nothing>[\d.]*\*[\d.*]*[万亿]*|{FIGURE.pattern})|"
    rf"百分之(?P<percent>[{_NUMERALS}]{{1,30}}(?:点[{_NUMERALS}]{{1,30}})?)"
    r"|(?P<tenths>[一二三四五六七八九])成(?P<hundredths>[一二三四五六七八九半])?(?![员为立功本长交果就分])"
    r"|(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,30}(?:\.\d{1,30})?)(?:×10(?P<power>[⁰¹²³⁴-⁹]{1,2}))?"
    r"(?:[ \t]?(?P<scale>[十百千]?[万亿]{1,3}|[百千](?=[余多])))?"
    rf"|(?P<chinese>[{_NUMERALS}]{{1,30}}(?:点[{_NUMERALS}]{{1,30}})?))"
)
_ONES = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MYRIADS = {"万": 10_000, "亿": 100_000_000}


def mark(text: str, found: list[str]) -> str:
    """Return the text with a character for each figure; append the figures as written to `found`."""

    def replace(match: re.Match[str]) -> str:
        if match["nothing"]:  # digits that a mirror hides behind asterisks; an icon
            return ""
        found.append(match[0])
        return _marks(match[0])

    return _FIGURE.sub(replace, text)


@lru_cache(maxsize=1 << 14)
def _marks(written: str) -> str:
    match = _FIGURE.fullmatch(written)
    if match is None:  # the lookahead saw the text after it
        return _character(written)
    if match["percent"]:
        return _character(_spoken(match["percent"])) + "%"
    if match["tenths"]:
        last = {"半": "5", None: "0"}.get(match["hundredths"]) or str(_ONES[match["hundredths"]])
        return _character(f"{_ONES[match['tenths']]}{last}") + "%"
    if match["digits"]:
        power = int((match["power"] or "0").translate(_POWERS))
        return _character(str(Decimal(match["digits"].replace(",", "")).scaleb(power) * _scale(match["scale"] or "")))
    return _character(_spoken(match["chinese"]))


def _character(value: str) -> str:
    with suppress(ArithmeticError):  # a numeral that is no number, such as 十四五, stands for itself
        value = format(Decimal(value).normalize(), "f")
    return chr(_FIRST + crc32(value.encode()) % _PLANE)


def _scale(signs: str) -> int:
    scale = 1
    for sign in signs:
        scale *= _TENS.get(sign) or _MYRIADS[sign]
    return scale


def _spoken(numerals: str) -> str:
    """Return a numeral as decimal digits, or unchanged where it is no number."""
    whole, _, fraction = numerals.partition("点")
    plain = all(sign in _ONES for sign in whole)
    number = "".join(str(_ONES[sign]) for sign in whole) if plain else _read(whole)
    if number is None or any(sign not in _ONES for sign in fraction):
        return numerals
    return f"{number}.{''.join(str(_ONES[sign]) for sign in fraction)}" if fraction else number


def _read(numerals: str) -> str | None:
    """Return a numeral with place signs, such as 三千二百万, as decimal digits; None where it is not one number."""
    total = section = digit = 0
    for sign in numerals:
        if sign in _ONES:
            if digit:
                return None
            digit = _ONES[sign]
        elif sign in _TENS:
            section += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            carried = total + section + digit if sign == "亿" else section + digit
            total = carried * _MYRIADS[sign] + (0 if sign == "亿" else total)
            section = digit = 0
    return str(total + section + digit)
