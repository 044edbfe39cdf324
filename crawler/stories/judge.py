"""Whether two prepared texts are one story, and what one says that the other does not."""

import re
from dataclasses import dataclass

from crawler.stories.compare import Alignment, Place, align, cover
from crawler.stories.prepared import Prepared
from crawler.stories.slots import is_verbatim, other_names, other_things, parts, swapped_words

_LEAST = 20  # characters: pictures under a headline such as 中标公告 tell nothing
_SHARED = 0.65  # of the prose of one text: a follow-up that quotes a paragraph stays below
_SHARED_PART = 0.75  # where the other text has twice as much to say
_LEAD_PART = 0.3  # a part smaller than this must be the lead: a brief quoted in the middle of a later report is not
_LEAD = 60  # characters
_SUBJECT = 30  # characters: what a text is about stands at the front of its lead
_OTHER_FIGURES = 0.4  # of the aligned figures: a reprint corrects one or two, the next month's report changes most
_MANY, _MANY_OTHER_FIGURES = 4, 0.2  # nobody corrects four at once
_OTHER_PERIODS = 0.25  # of the aligned dates, years, issues: a reprint keeps them
_OTHER_THINGS = 0.03  # of what is shared: rewording replaces short common words, filling in a template names and things
_WHOLE = 0.85  # of both texts: neither was cut nor extended
_PIECE = 0.8  # of the shorter text in one run: it was cut out of the other
_NEW_SENTENCE = 0.3  # covered less than this, a sentence is news to the other text
_PARAGRAPH = 40  # characters of new prose that make an addition material

_PERIOD = re.compile("[月日号批期届季]|标段")
_NUMBERED = re.compile("第.[^条章节款项]")  # 第三批; 第三条 is a heading
# What a text is beside another one, where its head says so.
_KINDS = {
    "draft": re.compile("征求意见|草案"),
    "correction": re.compile("更正|勘误|致歉"),
    "reading": re.compile("解读|读懂|答记者问|问答|图解"),
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
    # Always aligned from the shorter text: each of its passages has one place in the other, but not the reverse.
    turned = (len(b.marked), b.marked) < (len(a.marked), a.marked)
    first, second = (b, a) if turned else (a, b)
    covered = cover(first, second)
    less, more = sorted((_share(first, covered[0]), _share(second, covered[1])))
    if objection := _too_little(first, second, covered, less, more):
        return Verdict(False, min(more, 0.49), objection)
    found = align(first, second).after(first.lead, second.lead)
    likeness = more * (1 - _portion(found.other, found.equal))
    if objection := _other_event(first, second, found, less) or _other_subject(first, second, found):
        return Verdict(False, min(likeness, 0.49), objection)
    added = _added(b, covered[0] if turned else covered[1])
    pairs = [(first.figure_at(left), second.figure_at(right)) for left, right in found.other]
    figures = tuple((right, left) if turned else (left, right) for left, right in pairs)
    material = bool(figures) or sum(map(len, added)) >= _PARAGRAPH
    reason = "same text" if less >= _WHOLE else "one is a part of the other"
    return Verdict(True, max(likeness, 0.5), reason, added, figures, material)


def _too_little(a: Prepared, b: Prepared, covered: tuple[bytearray, bytearray], less: float, more: float) -> str:
    """Return why too little is shared by `a` and the longer `b`, or nothing."""
    if max(whole.count(1) for whole in covered) < _LEAST:
        return "too little text to tell"
    if more < (_SHARED if less >= 0.5 else _SHARED_PART):
        return "little in common"
    leads = _lead(a, covered[0]), _lead(b, covered[1])
    if less < _WHOLE and max(leads) < 0.5:
        return "neither begins in the other"
    if less < _LEAD_PART and leads[1] < 0.5:
        return "quoted in a longer text"
    return ""


def _other_event(a: Prepared, b: Prepared, found: Alignment, less: float) -> str:
    """Return what kind, period or figures tell two texts apart that share most of their words, or nothing."""
    cut = less >= _WHOLE or found.longest >= _PIECE * min(len(a.marked) - a.lead, len(b.marked) - b.lead)
    if _is_other_kind(a, b, cut) or _is_other_kind(b, a, cut):
        return "other kind of text"
    if _portion(_periods(a, b, found.other), _periods(a, b, found.equal)) >= _OTHER_PERIODS:
        return "other period"
    limit = _OTHER_FIGURES if len(found.other) < _MANY else _MANY_OTHER_FIGURES
    return "other figures" if _portion(found.other, found.equal) > limit else ""


def _other_subject(a: Prepared, b: Prepared, found: Alignment) -> str:
    """Return what names or things tell them apart, or nothing."""
    slots = found.slots
    leading, subject = (
        [slot for slot in slots if min(slot.a - a.lead, slot.b - b.lead) < length] for length in (_LEAD, _SUBJECT)
    )
    names = other_names(slots)
    if len({(slot.text_a, slot.text_b) for slot in names}) > 1 or other_names(leading):
        return "other names"
    if any(word in swapped_words(slots, a.marked, b.marked) for word in parts(subject)):
        return "one word for another throughout"
    if other_things(slots) > _OTHER_THINGS * min(len(a.marked), len(b.marked)):
        return "other things"
    return "another thing in the lead" if other_things(leading) and is_verbatim(slots) else ""


def _lead(text: Prepared, covered: bytearray) -> float:
    """Return the share of the first sixty characters of prose that is covered."""
    lead = covered[text.lead : text.lead + _LEAD]
    return sum(lead) / max(1, len(lead))


def _periods(a: Prepared, b: Prepared, places: list[Place]) -> list[Place]:
    """Return those of the figures that name a year, a day, an issue in both texts."""
    return [(left, right) for left, right in places if _is_period(a, left) and _is_period(b, right)]


def _is_period(text: Prepared, place: int) -> bool:
    if text.marked[place + 1 : place + 2] == "年":
        return len(text.figure_at(place)) == 4  # 2025年; 三年 is a duration
    return bool(_PERIOD.match(text.marked, place + 1)) or bool(_NUMBERED.match(text.marked, place - 1))


def _portion(some: list[Place], rest: list[Place]) -> float:
    return len(some) / max(1, len(some) + len(rest))


def _is_other_kind(text: Prepared, other: Prepared, cut: bool) -> bool:
    """Return whether the head of a text says that it is about the other. Nothing that is cut out of a text is."""
    head = text.marked[: text.lead + _HEAD]
    kinds = {kind for kind, words in _KINDS.items() if words.search(head) and not words.search(other.marked)}
    return "draft" in kinds or (bool(kinds) and not cut)


def _share(text: Prepared, covered: bytearray) -> float:
    """Return the share of what counts in the text that is covered."""
    length = sum(sentence.end - sentence.start for sentence in text.counted)
    return sum(covered.count(1, sentence.start, sentence.end) for sentence in text.counted) / max(1, length)


def _added(text: Prepared, covered: bytearray) -> tuple[str, ...]:
    """Return the sentences of prose that the other text lacks."""
    return tuple(
        sentence.text
        for sentence in text.sentences
        if sentence.prose
        and covered.count(1, sentence.start, sentence.end) < _NEW_SENTENCE * (sentence.end - sentence.start)
    )
