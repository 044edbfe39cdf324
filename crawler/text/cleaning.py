"""The steps of cleaning, in the order they need."""

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from operator import ne

from crawler.text.annotations import strip_annotations
from crawler.text.damage import LOST, mend_damage
from crawler.text.intruders import drop_advertisements, drop_lines
from crawler.text.script import is_traditional, to_simplified, traditional_pattern
from crawler.text.widths import drop_doubled, drop_invisible, is_folded, restore_marks

MOST_PASSES = 5
LONGEST_NAME = 60  # characters


@dataclass(slots=True, frozen=True)
class Cleaned:
    """A cleaned text, the form the page was written in and what was repaired, with counts.

    The keys of `repairs`: annotation, ghost, shifted_run, cut_run (□ stands in the text), traditional (characters),
    width (marks made full-width again), zero_width, entity, lost_indent, doubled_punctuation, hijacked_line, link_farm,
    inline_ad, copy_tail. A text that came back unchanged has none.
    """

    text: str
    form: str = "simplified"  # "simplified", "traditional", "annotated"
    repairs: dict[str, int] = field(default_factory=dict)


def clean(text: str) -> Cleaned:
    """Return the text cleaned for display, with its form and repairs. Clean Simplified text comes back unchanged."""
    first = last = _cleaned(text)
    repairs = Counter(first.repairs)
    # What is left beside a repair may be damaged, too, now that its neighbours can be read.
    for _ in range(MOST_PASSES - 1):
        if not last.repairs or LOST.isdisjoint(last.text):
            break
        last = _cleaned(last.text)
        repairs.update(last.repairs)
    return Cleaned(last.text, first.form, dict(repairs))


def _cleaned(text: str) -> Cleaned:
    text, invisible = drop_invisible(text)
    folded = is_folded(text)
    text, damage = mend_damage(text)
    text, annotations = strip_annotations(text, proven="ghost" in damage)
    simplified = to_simplified(text) if traditional_pattern().search(text) else text
    text, simplified, lines = drop_lines(text, simplified)
    repairs = invisible | damage | {"annotation": annotations} | lines
    form = "annotated" if annotations or "ghost" in damage else "traditional" if is_traditional(text) else "simplified"
    if form != "simplified":
        repairs["traditional"] = sum(map(ne, text, simplified))
        text = simplified
    text, advertisements = drop_advertisements(text)
    repairs |= advertisements
    if form != "simplified" or damage:
        text, repairs["doubled_punctuation"] = drop_doubled(text)
        if folded:
            text, repairs["width"] = restore_marks(text)
    return Cleaned(text, form, {kind: count for kind, count in repairs.items() if count})


def clean_text(text: str) -> str:
    """Return the text cleaned for display."""
    return clean(text).text


def clean_name(text: str) -> str:
    """Return the name of a paper, a person or a column cleaned for display; the same ones come again and again."""
    return _clean_name(text) if len(text) <= LONGEST_NAME else clean_text(text)


_clean_name = lru_cache(maxsize=1000)(clean_text)
