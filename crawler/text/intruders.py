"""Lines and words that hijackers and mirrors put into an article: keyword lines, link farms, advertisements."""

import re
from collections import Counter

from crawler.text.data import data_lines
from crawler.text.script import HAN

_LISTS = {name: words.split() for name, words in (line.split(" ", 1) for line in data_lines("intruders.txt"))}
_BRAND = f"(?:{'|'.join(_LISTS['brands'])})"
_TRADE = _LISTS["games"] + _LISTS["films"]
# Without one of these there is nothing to look for.
_SUSPECT = re.compile("|".join([*_LISTS["brands"], *_TRADE, "癫痫", "蜘蛛池", "友情链接"]))
_HARD = re.compile(rf"{'|'.join(_TRADE)}|{_BRAND}(?:体育|娱乐|棋牌|电竞|彩票|综合|官网|网址|app)", re.IGNORECASE)
_SOFT = re.compile("|".join(_LISTS["around"]), re.IGNORECASE)
_FARM = re.compile("蜘蛛池模板|友情链接[:：]")
_PLACES = re.compile(rf"(?:[{HAN}]{{2,8}}[县市区旗州]\s*[|｜]\s*){{8,}}")
_AD = re.compile(
    rf"{_BRAND}(?:(?:体育|娱乐|棋牌|电竞)(?:官方)?(?:官网|网址|网站|入口|登录|注册|下载|app)+|(?:官网|网址|app)(?:登录|注册|入口|下载)*)"
    "|癫痫病?[^，。！？\n]{0,8}(?:哪家好|哪里好|好不好|能治好吗|怎么治疗?|多少钱)",
    re.IGNORECASE,
)
# A copy-protection tail: three letters that change, and the site's name that does not, behind a sentence.
_TAIL = re.compile(rf"([。！？”])[A-Za-z]{{3}}([{HAN}]{{3,10}})(?=[\n|]|$)", re.MULTILINE)


def drop_lines(text: str, simplified: str) -> tuple[str, str, dict[str, int]]:
    """Return a text and its Simplified form without keyword lines and link farms, with counts.

    A text that is nothing else stays.
    """
    if simplified.count("|") < 8 and not _SUSPECT.search(simplified):
        return text, simplified, {}
    counts = {"hijacked_line": 0, "link_farm": 0}
    kept: list[tuple[str, str]] = []
    for line, folded in zip(text.split("\n"), simplified.split("\n"), strict=True):
        if _is_keywords(folded):
            counts["hijacked_line"] += 1
        elif _FARM.search(folded) or _PLACES.search(folded):
            counts["link_farm"] += 1
        else:
            kept.append((line, folded))
    if not any(line.strip() for line, _ in kept) or not any(counts.values()):
        return text, simplified, {}
    return "\n".join(line for line, _ in kept), "\n".join(folded for _, folded in kept), counts


def _is_keywords(line: str) -> bool:
    """Tell whether a line is a row of keywords: a word of the trade, and half the line is such words."""
    if not _HARD.search(line):
        return False
    letters = re.sub(r"[\W_]+", "", line)
    rest = _SOFT.sub("", _HARD.sub("", letters))
    return len(letters) - len(rest) >= 0.5 * len(letters) and "。" not in line


def drop_advertisements(text: str) -> tuple[str, dict[str, int]]:
    """Return a Simplified text without advertisements inside sentences and copy-protection tails, with counts."""
    text, ads = _AD.subn("", text) if _SUSPECT.search(text) else (text, 0)
    tails = 0
    if found := _TAIL.findall(text):
        names = Counter(name for _, name in found)
        tails = sum(count for count in names.values() if count > 1)
        text = _TAIL.sub(lambda match: match[1] if names[match[2]] > 1 else match[0], text)
    return text, {"inline_ad": ads, "copy_tail": tails}
