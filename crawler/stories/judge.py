"""Whether two prepared texts are one story, and what one says that the other does not."""

import re
from collections import Counter
from dataclasses import dataclass

from crawler.stories.compare import Comparison, Place, Slot, compare
from crawler.stories.figures import FIGURE
from crawler.stories.prepared import Prepared, Sentence

_SHARED = 0.65  # of the prose of one text: a follow-up that quotes a paragraph stays below
_SHARED_PART = 0.75  # where the other text has twice as much to say
_LEAD_PART = 0.3  # a part smaller than this must be the lead: a brief quoted in the middle of a later report is not
_LEAD = 60  # characters
_OTHER_FIGURES = 0.4  # of the aligned figures: a reprint corrects one or two, the next month's report changes most
_OTHER_PERIODS = 0.25  # of the aligned dates, years, issues: a reprint keeps them
_REPLACED = 0.05  # of the prose: rewording an article replaces less, filling in a template more
_NEW_SENTENCE = 0.3  # covered less than this, a sentence is news to the other text
_PARAGRAPH = 40  # characters of new prose that make an addition material

_PERIOD = set("月日号批期届季")
_NAME = re.compile(r"(?:[省市县区州盟旗镇乡村厂店局厅院校园站港社]|街道|公司|集团|学校|大学|银行|中心)$")
_NO_NAME = set("我本该全各当两同外")  # 我市 for 淮畔市 names nothing else
# What a text is, where its head says so. Texts of different kinds are one story only if they are all but equal.
_KINDS = {
    "reading": re.compile(r"解读|读懂|答记者问|问答|图解|热点问题"),
    "correction": re.compile(r"更正|勘误|致歉"),
    "draft": re.compile(r"征求意见|草案|公开征集"),
}
_HEAD = 60


@dataclass(slots=True, frozen=True)
class Verdict:
    """Whether two texts are one story, how alike they are (0 to 1, from 0.5 on one story), and in a few words why.

    The rest says what the second text has beside the first: sentences, figures (as the first and as the second writes
    them), and whether that is material, which is a new paragraph or other figures. It is empty where `same` is false.
    """

    same: bool
    similarity: float
    reason: str
    added: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    material: bool = False


def judge(a: Prepared, b: Prepared) -> Verdict:
    """Return whether two texts are one story. Symmetric but for what was added."""
    shared = compare(a, b) if a.marked <= b.marked else compare(b, a).swapped()
    less, more = sorted((_share(a, shared.covered_a), _share(b, shared.covered_b)))
    likeness = more * (1 - _portion(shared.other, shared.equal))
    objection = _too_little(a, b, shared, less, more) or _other_event(a, b, shared, less)
    if objection:
        return Verdict(False, min(likeness, 0.49), objection)
    added = tuple(sentence.text for sentence in _added(b, shared.covered_b))
    figures = tuple((a.figure_at(left), b.figure_at(right)) for left, right in shared.other)
    material = bool(figures) or sum(map(len, added)) >= _PARAGRAPH
    return Verdict(True, max(likeness, 0.5), "shared text", added, figures, material)


def _too_little(a: Prepared, b: Prepared, shared: Comparison, less: float, more: float) -> str:
    """Return why too little is shared, or nothing."""
    if more < (_SHARED if less >= 0.5 else _SHARED_PART):
        return "little in common"
    if less < _LEAD_PART:
        longer, covered = (a, shared.covered_a) if len(a.marked) > len(b.marked) else (b, shared.covered_b)
        if sum(covered[longer.lead : longer.lead + _LEAD]) < _LEAD / 2:
            return "quoted in a longer text"
    return ""


def _other_event(a: Prepared, b: Prepared, shared: Comparison, less: float) -> str:
    """Return what tells two texts apart that share most of their words, or nothing."""
    if _kinds(a) != _kinds(b) and ("draft" in _kinds(a) ^ _kinds(b) or less < 0.9):
        return "other kind of text"
    if _portion(*_periods(a, shared)) >= _OTHER_PERIODS:
        return "other period"
    if _portion(shared.other, shared.equal) > _OTHER_FIGURES:
        return "other figures"
    return _other_names(a, b, shared)


def _other_names(a: Prepared, b: Prepared, shared: Comparison) -> str:
    slots = set(shared.slots)
    names = [slot for slot in slots if _is_name(slot)]
    if len(names) > 1 or any(min(slot.a - a.lead, slot.b - b.lead) < _LEAD for slot in names):
        return "other names"
    replaced = sum(_replaced(*pair) for pair in {(slot.text_a, slot.text_b) for slot in slots})
    if replaced > _REPLACED * min(sum(shared.covered_a), sum(shared.covered_b)):
        return "other names or things"
    return ""


def _is_name(slot: Slot) -> bool:
    left, right = _NAME.search(slot.text_a + slot.after), _NAME.search(slot.text_b + slot.after)
    if not (left and right) or _NO_NAME & {slot.text_a[:1], slot.text_b[:1]}:
        return False
    return _replaced(slot.text_a, slot.text_b) >= 2


def _replaced(a: str, b: str) -> int:
    """Return how many characters, figures aside, stand in one and not in the other, the lesser of both ways."""
    left, right = Counter(FIGURE.sub("", a)), Counter(FIGURE.sub("", b))
    return min((left - right).total(), (right - left).total())


def _periods(a: Prepared, shared: Comparison) -> tuple[list[Place], list[Place]]:
    """Return the aligned figures that name a year, a day, an issue: the differing ones and the equal ones."""
    return [place for place in shared.other if _is_period(a, place[0])], [
        place for place in shared.equal if _is_period(a, place[0])
    ]


def _is_period(text: Prepared, place: int) -> bool:
    following = text.marked[place + 1 : place + 2]
    if following == "年":
        return len(text.figure_at(place)) == 4  # 2025年; 三年 is a duration
    return following in _PERIOD or text.marked[place - 1 : place] == "第"


def _portion(some: list[Place], rest: list[Place]) -> float:
    return len(some) / max(1, len(some) + len(rest))


def _kinds(text: Prepared) -> set[str]:
    head = text.marked[: text.lead + _HEAD]
    return {kind for kind, pattern in _KINDS.items() if pattern.search(head)}


def _share(text: Prepared, covered: bytearray) -> float:
    """Return the share of the prose that is covered; of everything where there is no prose."""
    sentences = [sentence for sentence in text.sentences if sentence.prose] or text.sentences
    length = sum(sentence.end - sentence.start for sentence in sentences)
    return sum(sum(covered[sentence.start : sentence.end]) for sentence in sentences) / max(1, length)


def _added(text: Prepared, covered: bytearray) -> list[Sentence]:
    return [
        sentence
        for sentence in text.sentences
        if sentence.prose
        and sum(covered[sentence.start : sentence.end]) < _NEW_SENTENCE * (sentence.end - sentence.start)
    ]
