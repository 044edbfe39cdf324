"""What stands in one slot of two texts: another name or thing, or the same in other words.

Two fillings of one template differ in names and things; a reworded or garbled reprint differs in common words, in
Taiwan's words for the mainland's, in 我市 for a city, in broken characters. None of the latter counts.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from functools import cache, lru_cache

from crawler.stories.compare import Slot
from crawler.stories.figures import FIGURE

Converter = Callable[[str], str]

_POINTING = set("我本该全各当两同外这那其")  # 我市, 该公司 for a name
_NAMED = re.compile(r"(?:[省市县区州盟旗镇乡村厂店局厅院校园站港]|街道|公司|集团|学校|大学|银行|中心)$")
_PROVINCES = re.compile(
    "北京|天津|河北|山西|内蒙古|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|"
    "重庆|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾"
)
_LEVELS = set("省市县区州镇")  # 全省 and 全市: what a city copies from the province is its own
_NAMELESS = {"企业", "公司", "单位", "项目", "工程", "园区", "产业园"}
_FEW = 2  # different words: reworded texts have more
_NO_WORD = re.compile(r"[^\u4e00-\u9fff\w%]", re.ASCII)
_DAMAGED = 5  # characters
_THING = 3  # characters: shorter parts are mostly common words


def other_names(slots: Iterable[Slot]) -> list[Slot]:
    """Return the slots in which two names stand: 平川 and 柳河 before 县, 甘肃 and 青海."""
    return [slot for slot in slots if _is_name(slot)]


def swapped_words(slots: list[Slot], a: str, b: str) -> set[tuple[str, str]]:
    """Return the words of `a` that `b` has others for throughout, if nearly nothing else differs."""
    words = Counter(parts(slots))
    if len(words) > _FEW:
        return set()
    return {pair for pair, count in words.items() if count > 1 and pair[0] not in b and pair[1] not in a}


def other_things(slots: Iterable[Slot]) -> int:
    """Return how many characters of names and things differ, each pair counted once."""
    lengths = (min(len(left), len(right)) for left, right in set(parts(slots)))
    return sum(length for length in lengths if length >= _THING)


def is_verbatim(slots: Iterable[Slot]) -> bool:
    """Return whether next to no word was put for another."""
    return len(set(parts(slots))) <= _FEW


def parts(slots: Iterable[Slot]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of words that replace each other in slots, without figures and without what means the same."""
    for slot in slots:
        for left, right in _replaced(slot.text_a, slot.text_b):
            if min(len(left), len(right)) > 1 and not _means_the_same(left, right):
                yield left, right


def _is_name(slot: Slot) -> bool:
    provinces = _PROVINCES.search(slot.text_a), _PROVINCES.search(slot.text_b)
    if provinces[0] and provinces[1]:
        return provinces[0][0] != provinces[1][0]
    if any({left, right} <= _LEVELS for left, right in _replaced(slot.text_a, slot.text_b)):
        return True
    return _is_named(slot.text_a, slot.after) and _is_named(slot.text_b, slot.after) and any(parts([slot]))


def _is_named(text: str, after: str) -> bool:
    return any(_NAMED.search(text + after[:length]) for length in range(3))


@lru_cache(maxsize=1 << 12)
def _means_the_same(left: str, right: str) -> bool:
    if {left, right} <= _NAMELESS:
        return True
    if left[0] in _POINTING or right[0] in _POINTING or _is_damaged(left) or _is_damaged(right):
        return True
    return _is_taiwanese(left, right) or _is_taiwanese(right, left)


@lru_cache(maxsize=1 << 12)
def _replaced(a: str, b: str) -> tuple[tuple[str, str], ...]:
    steps = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    pairs = ((FIGURE.sub("", a[i:j]), FIGURE.sub("", b[k:m])) for step, i, j, k, m in steps if step == "replace")
    return tuple((left, right) for left, right in pairs if left and right)


def _is_damaged(text: str) -> bool:
    """Return whether bytes were lost: a sign that no word holds, one outside GB 2312, or a third rare ones.

    Common are those of GB 2312, level 1, up to row 55. A short text with rare ones can be a name, such as 鑫昊.
    """
    if _NO_WORD.search(text):
        return True
    codes = [sign.encode("gb2312", "replace") for sign in text if sign > "\x7f"]
    rare = sum(not b"\xb0" < code < b"\xd8" for code in codes)
    return len(text) >= _THING and (b"?" in codes or rare * 3 >= len(text) >= _DAMAGED)


def _is_taiwanese(mainland: str, taiwanese: str) -> bool:
    words, signs = _converters()
    return words(mainland) == signs(taiwanese)


@cache
def _converters() -> tuple[Converter, Converter]:
    import opencc

    return opencc.OpenCC("s2twp").convert, opencc.OpenCC("s2tw").convert
