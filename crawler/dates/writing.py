"""Bring a date line into one way of writing, so that one pattern each is enough."""

import re

_ANNOTATION = re.compile(
    "(?<=[\u4e00-\u9fff])[(（][a-zü]{0,4}"
    "(?:[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]|[aeiouü][\u0300\u0301\u0304\u030c])[a-z]{0,3}[ \u3000]?[)）]"
)
_WIDE = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)} | str.maketrans("：／．－　\xa0｜", ":/.-  |")
_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
_NUMERAL = "〇零○Ｏ一二三四五六七八九十"
_CHINESE_DATE = re.compile(rf"([{_NUMERAL[:-1]}]{{4}})年([{_NUMERAL}]{{1,3}})月(?:([{_NUMERAL}]{{1,3}})[日号])?")
_SIMPLIFIED = str.maketrans(
    "發佈時間來處編輯責記訊員瀏覽點擊閱讀於報網載體單機構門開審校攝號標題",
    "发布时间来处编辑责记讯员浏览点击阅读于报网载体单机构门开审校摄号标题",
)


def normalise(line: str) -> str:
    """Return the line without annotations and with dates in digits."""
    return _CHINESE_DATE.sub(_in_digits, _ANNOTATION.sub("", line))


def fold(text: str) -> str:
    """Return the text with ASCII digits and separators, position by position."""
    return text.translate(_WIDE)


def in_simplified_labels(text: str) -> str:
    """Return the text with the characters of labels in Simplified, position by position."""
    return text.translate(_SIMPLIFIED)


def _in_digits(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    date = f"{year.translate(_DIGITS)}年{number(month)}月"
    return date + f"{number(day)}日" if day else date


def number(numeral: str) -> int:
    """Return the value of a numeral up to 99: 5, 05, 五, 两, 十五, 二十五."""
    if "十" in numeral:
        tens, _, ones = numeral.partition("十")
        return 10 * (number(tens) if tens else 1) + (number(ones) if ones else 0)
    return int(numeral.replace("两", "二").translate(_DIGITS))
