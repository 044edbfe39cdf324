"""Lines and words that hijackers and mirrors put into an article: keyword lines, link farms, advertisements."""

import re
from collections import Counter

from crawler.text.script import HAN, to_simplified, traditional_pattern

# What only the advertising of gambling and pornography says; a report on a police raid uses other words.
_HARD = re.compile(
    "百家乐|六合彩|时时彩|老虎机|娱乐城|新葡京|威尼斯人|真人荷官|真人娱乐|捕鱼达人|赌场官网|博彩(?:官网|公司|平台|网站)|买球|现金网|投注(?:官网|网站|平台)"
    "|(?:开云|乐鱼|华体会|爱游戏|必威|亚博|半岛|幻影|广发|九游|米兰|江南|星空|云开|万博|凯发|皇冠|金沙)(?:体育|娱乐|棋牌|电竞|彩票|综合|官网|网址|app)"
    "|无码|一区二区|二区三区|久久精品|久久综合|亚洲精品|精品国产|国产精品|人妻|熟女|毛片|啪啪|做爱|性爱|露脸|a片|av在线|成人(?:网站|视频|电影|在线)|三级片|日韩欧美",
    re.IGNORECASE,
)
_SOFT = re.compile(
    "官网|网址|登录|注册|入口|下载|平台|app|手机版|最新版|官方|体育|娱乐|棋牌|电竞|彩票|开奖|真人|投注|真钱|澳门|直播|免费|在线|观看|视频|高清|中文字幕"
    "|欧美|日韩|亚洲|国产|综合|久久|精品|午夜|福利|成人|激情|电影|影院|三区|四区|自拍|偷拍|少妇|丝袜|伊人|色|www|com",
    re.IGNORECASE,
)
_FARM = re.compile("主站蜘蛛池模板|蜘蛛池|友情链接[:：]|相关站点[:：]")
_PLACES = re.compile(rf"(?:[{HAN}]{{2,8}}[县市区旗州]\s*[|｜]\s*){{8,}}")
_AD = re.compile(
    "(?:开云|乐鱼|华体会|爱游戏|必威|亚博|半岛|幻影|广发|九游|米兰|云开|万博|凯发)"
    "(?:(?:体育|娱乐|棋牌|电竞)(?:官方)?(?:官网|网址|网站|平台|入口|登录|注册|下载|app)*|(?:官网|网址|app)(?:登录|注册|入口|下载)*)"
    "|癫痫病?[^，。！？\n]{0,8}(?:哪家好|哪里好|好不好|能治好吗|怎么治疗?|多少钱)",
    re.IGNORECASE,
)
# A copy-protection tail: three letters that change, and the site's name that does not, behind a sentence.
_TAIL = re.compile(rf"(?<=[。！？”])[A-Za-z]{{3}}([{HAN}]{{3,10}})(?=[\n|]|$)", re.MULTILINE)


def drop_lines(text: str) -> tuple[str, dict[str, int]]:
    """Return the text without keyword lines and link farms, with counts. A text that is nothing else stays."""
    if not _suspect(text):
        return text, {}
    counts = {"hijacked_line": 0, "link_farm": 0}
    kept: list[str] = []
    for line in text.split("\n"):
        simplified = to_simplified(line)
        if _is_keywords(simplified):
            counts["hijacked_line"] += 1
        elif _FARM.search(simplified) or _PLACES.search(simplified):
            counts["link_farm"] += 1
        else:
            kept.append(line)
    if not any(map(str.strip, kept)):
        return text, {}
    return "\n".join(kept), counts


def _suspect(text: str) -> bool:
    simplified = to_simplified(text) if traditional_pattern().search(text) else text
    return any(pattern.search(simplified) for pattern in (_HARD, _FARM, _PLACES))


def _is_keywords(line: str) -> bool:
    """Tell whether a line is a row of keywords: a word of the trade, and half the line is such words."""
    if not _HARD.search(line):
        return False
    letters = re.sub(r"[\W_]+", "", line)
    rest = _SOFT.sub("", _HARD.sub("", letters))
    return len(letters) - len(rest) >= 0.5 * len(letters) and "。" not in line


def drop_advertisements(text: str) -> tuple[str, dict[str, int]]:
    """Return a Simplified text without advertisements inside sentences and copy-protection tails, with counts."""
    text, ads = _AD.subn("", text)
    names = Counter(_TAIL.findall(text))
    tails = 0
    for name, count in names.items():
        if count > 1:
            text, dropped = re.subn(rf"(?<=[。！？”])[A-Za-z]{{3}}{name}(?=[\n|]|$)", "", text, flags=re.MULTILINE)
            tails += dropped
    return text, {"inline_ad": ads, "copy_tail": tails}
