"""Find the place names of a text. What they mean for it is judged in reading.py and direction.py."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from crawler.regions.names import PROVINCES

PROVINCE, PREFECTURE, COUNTY, ALIAS = range(4)
AREA, LETTERS = 4, 5  # several provinces: 长三角; 苏鲁豫皖
FROM, INTO = 6, 7  # 粤企, 入黔
SOFT, CHAINED, GUARD = 8, 9, 10  # a bare county name; a name that needs its parent before it; no place at all

# Letters that are rare in other words may stand in any of these compounds; those of the others are listed in extra.tsv.
CLEAR = "冀晋辽沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝黔滇陕陇"
LETTER_BEFORE = "企商资籍北南东西中菜品货"
_LETTER = "入来赴在援驻离出返抵"
AFTER_LETTER = ("企", "商", "资", "籍", "地", "北", "南", "东", "西", "中", "菜", "品", "货", "港")
SPECIAL = {
    "四川": "入川 来川 在川 赴川 川企 川商 川内 出川 川货 川字号",
    "新疆": "入疆 援疆 在疆 来疆 疆内 疆外 疆企 进疆",
    "西藏": "入藏 援藏 进藏 在藏 来藏 藏企",
    "贵州": "贵商",
    "甘肃": "入甘 来甘 在甘 赴甘 甘企 援甘 驻甘 甘商",
    "青海": "入青 来青 援青 青企 在青",
    "宁夏": "入宁 来宁 在宁 宁企",
    "吉林": "入吉 来吉 在吉 吉企 吉商",
    "黑龙江": "龙企 龙商 入黑 来黑",
    "北京": "京企 京商 京资",
    "天津": "津企 津商 入津 来津 在津",
    "台湾": "台企 台商 台资",
    "香港": "港企 港商 港资",
    "云南": "云企 云品",
    "陕西": "秦商",
}
_LETTER = "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔滇藏陕甘陇青宁疆]"
RUN = re.compile(f"{_LETTER}(?:[、和与]?{_LETTER}){{1,5}}")
INTO_LETTER = re.compile(f"([入来赴在援驻抵进])([{CLEAR}川疆藏甘青宁吉])(?![企商资籍])")
INTO_UNCLEAR = {
    "川": "入赴在",
    "疆": "入赴在援进",
    "藏": "入在援进",
    "甘": "入赴在援",
    "青": "入援",
    "宁": "入援",
    "吉": "入",
}
RUN_UNCLEAR = frozenset("川藏甘青宁疆吉黑京津蒙、和与")
RUN_AFTER = re.compile(
    "(?:[一两二三四五]省|两地|三地|协作|合作|对口|帮扶|结对|携手|产业|交界|毗邻|联手|共建|东西部|优势)"
)


RANKS = {"alias": ALIAS, "letter": ALIAS, "area": AREA, "guard": GUARD}


class Mention(NamedTuple):
    """One place name in a text: `text[start:end]`, the provinces it may mean, and of what rank it is."""

    start: int
    end: int
    provinces: tuple[str, ...]
    rank: int


def _rank_of_compound(name: str) -> int:
    return FROM if name[-1] in "企商资籍" else ALIAS


def _lines(name: str) -> list[list[str]]:
    text = (files("crawler.regions") / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


class Gazetteer:
    """The names of the country in one automaton; the longest name at a position wins."""

    def __init__(self) -> None:
        self.by_code: dict[str, str] = {province.code: province.name for province in PROVINCES}
        self.places: dict[str, tuple[tuple[str, ...], int]] = {}
        extra = _lines("extra.tsv")
        weak = {name for kind, _, names in extra if kind == "weak" for name in names.split()}
        noun = {name for kind, _, names in extra if kind == "noun" for name in names.split()}
        for code, name, short in _lines("places.tsv"):
            self._add_place(code, name, short, weak, noun)
        for kind, provinces, names in extra:
            for name in names.split() if kind in RANKS else ():
                rank = _rank_of_compound(name) if kind == "letter" else RANKS[kind]
                if self.places.get(name, ((), SOFT))[1] >= SOFT:
                    self.places[name] = (tuple(provinces.split(",")), rank)
        self._add_letters()
        self.names = list(self.places)
        self.values = list(self.places.values())
        self.automaton = AhoCorasick(self.names, matchkind=MatchKind.LeftmostLongest)

    def _add_place(self, code: str, name: str, short: str, weak: set[str], noun: set[str]) -> None:
        province = self.by_code[code[:2]]
        rank = PROVINCE if code.endswith("0000") else PREFECTURE if code.endswith("00") else COUNTY
        if len(short) > 1 and "自治县" in name:
            self._add(short + "县", province, COUNTY)
        self._add(name, province, CHAINED if name in noun or (len(name) == 2 and rank == COUNTY) else rank)
        if short != name:
            self._add(short, province, CHAINED if short in weak and rank else SOFT if rank == COUNTY else rank)

    def _add(self, name: str, province: str, rank: int) -> None:
        provinces, known = self.places.get(name, ((), rank))
        if rank < known or not provinces:
            self.places[name] = ((province,), rank)
        elif rank == known and province not in provinces:
            self.places[name] = ((*provinces, province), rank)

    def _add_letters(self) -> None:
        self.by_letter = {letter: province.name for province in PROVINCES for letter in province.letters}
        for letter in CLEAR:
            for after in LETTER_BEFORE:
                name = letter + after
                self.places.setdefault(name, ((self.by_letter[letter],), _rank_of_compound(name)))

    def mentions(self, text: str) -> list[Mention]:
        """Return the place names in `text`, in its order, guards and runs of letters resolved."""
        values = self.values
        found = [
            Mention(start, end, *values[index]) for index, start, end in self.automaton.find_matches_as_indexes(text)
        ]
        for run in self._runs(text):
            beside = [m for m in found if m.start < run.end and m.end > run.start]
            if all(AREA <= m.rank <= INTO and (m.end - m.start) < (run.end - run.start) for m in beside):
                found = sorted([*(m for m in found if m not in beside), run])
        return [m for m in found if m.rank != GUARD]

    def _runs(self, text: str) -> list[Mention]:
        runs = [
            Mention(match.start(), match.end(), (self.by_letter[match[2]],), INTO)
            for match in INTO_LETTER.finditer(text)
            if match[1] in INTO_UNCLEAR.get(match[2], match[1])
        ]
        for match in RUN.finditer(text):
            letters = match[0]
            if RUN_UNCLEAR.intersection(letters) and not RUN_AFTER.match(text, match.end()) and len(letters) < 3:
                continue
            names = tuple(dict.fromkeys(self.by_letter[letter] for letter in letters if letter in self.by_letter))
            runs.append(Mention(match.start(), match.end(), names, LETTERS))
        return runs


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer, read at the first call."""
    return Gazetteer()


def province_of(name: str) -> str | None:
    """Return the short name of the province that a place, a province or a code of GB/T 2260 belongs to.

    甘肃省, 兰州, 兰州市, 620000 → 甘肃. None for an unknown name and for one that lies in several provinces (鼓楼区).
    """
    known = gazetteer()
    if name.isdigit():
        return known.by_code.get(name[:2]) if len(name) in {2, 4, 6} else None
    if name in known.by_letter:
        return known.by_letter[name]
    provinces, rank = known.places.get(name, ((), GUARD))
    return provinces[0] if len(provinces) == 1 and rank != GUARD else None
