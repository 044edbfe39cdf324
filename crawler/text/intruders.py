"""Lines and words that hijackers and mirrors put into an article: keyword lines, link farms, advertisements."""

import re
from collections import Counter

from crawler.text.data import data_lines
from crawler.text.script import HAN, is_han

_LISTS = {name: words.split() for name, words in (line.split(" ", 1) for line in data_lines("intruders.txt"))}
_BRAND = f"(?:{'|'.join(_LISTS['brands'])})"
_TRADE = _LISTS["games"] + _LISTS["films"]
# Without one of these there is nothing to look for.
_SUSPECT = re.compile("|".join([*_LISTS["brands"], *_TRADE, *_LISTS["bets"], "癫痫", "蜘蛛池", "友情链接"]))
_HARD = re.compile(rf"{'|'.join(_TRADE)}|{_BRAND}(?:体育|娱乐|棋牌|电竞|彩票|综合|官网|网址|app)", re.IGNORECASE)
_BETS = re.compile("|".join(_LISTS["bets"]))
_SOFT = re.compile("|".join(_LISTS["around"]), re.IGNORECASE)
_FARM = re.compile("蜘蛛池模板|友情链接[:：]")
_PLACES = re.compile(rf"(?:[{HAN}]{{2,8}}[县市区旗州]\s*[|｜]\s*){{8,}}")
_AD = re.compile(
    rf"({_BRAND}(?:体育|娱乐|棋牌|电竞))(?:官方)?(?:官网|网址|网站|入口|登录|注册|下载|app)+"
    rf"|{_BRAND}(?:官网|网址|app)(?:登录|注册|入口|下载)*"
    "|癫痫病?[^，。！？\n]{0,8}(?:哪家好|哪里好|好不好|能治好吗|怎么治疗?|多少钱)",
    re.IGNORECASE,
)
# A copy-protection tail: three letters and the site's name, glued to paragraphs. GDP and APP are not of mixed case.
_TAIL = re.compile(
    rf"([。！？”{HAN}])(?=[a-z]*[A-Z])(?=[A-Z]*[a-z])[A-Za-z]{{3}}([{HAN}]{{3,10}})(?=[\n|]|$)", re.MULTILINE
)
_MIXED_CASE = re.compile("[A-Za-z](?:(?<=[a-z])[A-Z]|(?<=[A-Z])[a-z])")  # without it there is no tail


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
    while not kept[0][0].strip():
        del kept[0]
    return "\n".join(line for line, _ in kept), "\n".join(folded for _, folded in kept), counts


def _is_keywords(line: str) -> bool:
    """Tell whether a line is a row of keywords: it names the trade, and most of it is such words."""
    if "。" in line or not (_HARD.search(line) or len(set(_BETS.findall(line))) > 1):
        return False
    letters = re.sub(r"[\W_\d]+", "", line)
    rest = letters
    for words in (_HARD, _BETS, _SOFT):
        rest = words.sub("", rest)
    return len(rest) <= 0.4 * len(letters)


def drop_advertisements(text: str) -> tuple[str, dict[str, int]]:
    """Return a Simplified text without advertisements inside sentences and copy-protection tails, with counts."""
    ads = 0
    if _SUSPECT.search(text):
        names = set(_AD.findall(text)) - {""}
        text, ads = _AD.subn("", text)
        for name in names:  # what one advertisement names was put into other sentences too
            ads += text.count(name)
            text = text.replace(name, "")
    tails = 0
    if _MIXED_CASE.search(text) and (found := _TAIL.findall(text)):
        glued = {name for before, name in found if not is_han(before)}
        sites = Counter(name for _, name in found if name in glued)
        tails = sum(count for count in sites.values() if count > 1)
        text = _TAIL.sub(lambda match: match[1] if sites[match[2]] > 1 else match[0], text)
    return text, {"inline_ad": ads, "copy_tail": tails}
