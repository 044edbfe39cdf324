"""Find the place names of a text. What they mean for it is judged in reading.py and direction.py."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from crawler.regions.names import PROVINCES

PROVINCE, PREFECTURE, COUNTY, ALIAS = range(4)
AREA, LETTERS = 4, 5  # several provinces: 长三角; 苏鲁豫皖
FROM, INTO = 6, 7  # 粤企, 入黔
SOFT, CHAINED, GUARD = 8, 9, 10  # a bare county name; a name that needs its parent before it; no place at all

# How much a name of each rank counts.
WORTH = {PROVINCE: 1.0, PREFECTURE: 1.0, COUNTY: 0.9, SOFT: 0.7, CHAINED: 0.7, ALIAS: 0.6, FROM: 0.6, INTO: 0.6}
WORTH |= {AREA: 0.5, LETTERS: 1.0}

# Letters that are rare in other words may stand in any of these compounds; those of the others are listed in extra.tsv.
CLEAR = "冀晋辽沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝黔滇陕陇"
AFTER_LETTER = "企商资籍北南东西中菜品货"
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
# 豫农机〔2024〕31号; cities, too, begin theirs with 宁 (南京), 青 (青岛), 吉 (吉安), 新 (新乡).
DOCUMENT = re.compile(
    "(?<![一-龥])([京津冀晋蒙辽黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔滇藏陕甘])[一-龥]{1,8}〔(?=20\\d\\d〕)"
)
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
    """The names of the country in one automaton."""

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
        self.values = list(self.places.values())
        self.automaton = AhoCorasick(list(self.places))

    def _add_place(self, code: str, name: str, short: str, weak: set[str], noun: set[str]) -> None:
        province = self.by_code[code[:2]]
        rank = PROVINCE if code.endswith("0000") else PREFECTURE if code.endswith("00") else COUNTY
        for kind, colloquial, kind_rank in (("自治县", "县", COUNTY), ("自治州", "州", PREFECTURE)):
            if name.endswith(kind):
                self._add(short + colloquial, province, kind_rank)
        doubtful = rank == COUNTY and (short in weak or len(name) == 2)
        self._add(name, province, CHAINED if name in noun else SOFT if doubtful else rank)
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
            for after in AFTER_LETTER:
                name = letter + after
                self.places.setdefault(name, ((self.by_letter[letter],), _rank_of_compound(name)))

    def mentions(self, text: str) -> list[Mention]:
        """Return the place names in `text`, in its order, guards and runs of letters resolved."""
        found = self._names(text)
        for run in self._runs(text):
            beside = [m for m in found if m.start < run.end and m.end > run.start]
            if all(AREA <= m.rank <= INTO and (m.end - m.start) < (run.end - run.start) for m in beside):
                found = sorted([*(m for m in found if m not in beside), run])
        return [m for m in found if m.rank != GUARD]

    def _names(self, text: str) -> list[Mention]:
        """Return the names that do not overlap: the first and longest, but a sure one before a doubtful one."""
        matches = self.automaton.find_matches_as_indexes(text, overlapping=True)
        matches.sort(key=lambda match: (match[1], -match[2]))
        found: list[Mention] = []
        for index, start, end in matches:
            provinces, rank = self.values[index]
            if found and start < found[-1].end:
                if end <= found[-1].end or rank >= SOFT or found[-1].rank not in {SOFT, CHAINED}:
                    continue
                found.pop()  # 来安徽 is not the county 来安
            found.append(Mention(start, end, provinces, rank))
        return found

    def _runs(self, text: str) -> list[Mention]:
        runs = [
            Mention(match.start(), match.end(), (self.by_letter[match[2]],), INTO)
            for match in INTO_LETTER.finditer(text)
            if match[1] in INTO_UNCLEAR.get(match[2], match[1])
        ]
        for match in RUN.finditer(text):
            names = tuple(dict.fromkeys(self.by_letter[letter] for letter in match[0] if letter in self.by_letter))
            clear = len(names) > 2 or not RUN_UNCLEAR.intersection(match[0])
            if clear or RUN_AFTER.match(text, match.end()):
                runs.append(Mention(match.start(), match.end(), names, LETTERS))
        if "〔" in text:
            runs += [
                Mention(match.start(), match.end(), (self.by_letter[match[1]],), PROVINCE)
                for match in DOCUMENT.finditer(text)
            ]
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
