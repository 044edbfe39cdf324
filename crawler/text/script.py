"""Tell Traditional from Simplified and convert to Simplified. OpenCC does the converting; its gaps are mended here."""

import re
from functools import cache
from itertools import chain

from opencc import OpenCC

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

# Variant characters that OpenCC leaves: Hong Kong prints, GBK fonts, converters that go by code page.
VARIANTS = str.maketrans(
    "衞陜敍値淸靑槪衹擧鹻厰堦粧蔴鬪鬭鬬崐顚馀黙栢歩囘囬凖刼劵叡囯墖寃崕帋幇庿廏徧悤慙憇挿攷晧枏氊氷渇濬澁煑燄牎牐牓琹甎畧畱疎皐盌碁竒竝緐繙罇翺肎胷脃脗膓臯蔕蕋裠襃詧"
    "詶讐賸趂躭躶迯逥遯銕鎻鏁鑛閧閙陗隂隄隣霛靭韮飡驘鴈鵞鷰麄麤麐鼇鼈偪凟剏剙劒劔勦坿埀壐姉宂尅屛忩愼抝攩曁檝毘汚濳獘畊疉甦窻緖纎缾聦裵覉謌餠兎冩凴鑵錬賛鄕毬頥吿呑谘",
    "卫陕叙值清青概只举碱厂阶妆麻斗斗斗昆颠余默柏步回回准劫券睿国塔冤崖纸帮庙厩遍匆惭憩插考皓楠毡冰渴浚涩煮焰窗闸榜琴砖略留疏皋碗棋奇并繁翻樽翱肯胸脆吻肠皋蒂蕊裙褒察"
    "酬仇剩趁耽裸逃回遁铁锁锁矿哄闹峭阴堤邻灵韧韭餐骡雁鹅燕粗粗麟鳌鳖逼渎创创剑剑剿附垂玺姊冗克屏匆慎拗挡暨楫毗污潜弊耕叠苏窗绪纤瓶聪裴羁歌饼兔写凭罐炼赞乡球颐告吞咨",
)
_VARIANT = re.compile(f"[{''.join(map(chr, VARIANTS))}]")

# Where OpenCC goes by the character and the word says otherwise. 著 stays in what is written and what is known.
_WORDS = {"规画": "规划", "产业炼": "产业链", "价值炼": "价值链", "供应炼": "供应链"}
_WORD = re.compile("|".join(_WORDS))
_WRITTEN = re.compile(
    "(?<=[显卓昭原论专巨遗译合编拙名土撰校])着|着(?=称)|着(?=书立说|有[一二三四五六七八九十百多数《诗专论])|(?<=见微知)着"
)
_BANKERS_ONE = re.compile("壹(?![万佰仟拾亿元圆角分])(?<![拾佰仟万]壹)")


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
def simplified_chars() -> dict[int, str]:
    """Return for the code of each character that conversion changes the Simplified one, for `str.translate`."""
    chars = [chr(code) for code in chain(range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00))]
    simplified = converter().convert("\n".join(chars)).translate(VARIANTS).split("\n")
    return {ord(char): other for char, other in zip(chars, simplified, strict=True) if char != other}


@cache
def traditional_only() -> frozenset[str]:
    """Return the characters that conversion changes and that no Simplified text is written with.

    GB 2312 is the judge: 乾, 著, 瞭 and 於 are in it, because Simplified text has 乾坤, 著名, 瞭望 and the surname 於.
    """
    return frozenset(char for char in map(chr, simplified_chars()) if not _in_charset(char, "gb2312"))


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


def is_han(char: str) -> bool:
    """Tell whether a character is a Chinese one."""
    return "\u3400" <= char <= "\u9fff"


def is_level_1(char: str) -> bool:
    """Tell whether a character, in either script, is one of the 3,755 that GB 2312 counts as common."""
    raw = char.translate(simplified_chars()).encode("gb2312", "ignore")
    return b"\xb0\xa1" <= raw < b"\xd7\xfa"


def is_traditional(text: str) -> bool:
    """Tell whether a text is written in Traditional characters, not Simplified with a name or a quotation in them."""
    if not traditional_pattern().search(text):
        return False
    return len(traditional_pattern().findall(text)) > 2 * len(simplified_pattern().findall(text))


def to_simplified(text: str) -> str:
    """Return the text in Simplified characters, of the same length; the words stay the writer's own."""
    simplified: str = converter().convert(text)
    if _VARIANT.search(simplified):
        simplified = simplified.translate(VARIANTS)
    if "著" in text and len(simplified) == len(text):
        simplified = _WRITTEN.sub(lambda match: text[match.start()], simplified)
    if "壹" in simplified and "一" not in simplified:  # some converters write the banker's one for every one
        simplified = _BANKERS_ONE.sub("一", simplified)
    return _WORD.sub(lambda match: _WORDS[match[0]], simplified)
