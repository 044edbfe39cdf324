"""Take the pinyin out that mirror sites put in brackets behind Traditional characters: 產(chǎn)業(yè) → 產業."""

import re
from collections import Counter

from crawler.text.script import HAN, is_level_1, is_traditional, simplified_chars, traditional_only

# One lower-case syllable with one tone mark, composed or combining. Without a mark (kg), (ha) and the like would go.
_MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_COMBINING = "\u0304\u0301\u030c\u0300"
SYLLABLE = rf"[a-zü]{{0,4}}(?:[{_MARKED}]|[aeiouünm]\u0308?[{_COMBINING}]\u0308?)[a-z]{{0,3}}"
_TONE = re.compile(f"[{_MARKED}{_COMBINING}]")
ANNOTATION = re.compile(rf"([{HAN}])[(（]{SYLLABLE}[ \u3000\xa0]?[)）]")


def strip_annotations(text: str, *, proven: bool = False) -> tuple[str, int]:
    """Return the text without annotations and their number; a reading aid in a text that has none stays.

    The sites annotate Traditional characters only, and wherever they stand. `proven` says that the text is known to be
    such a site's.
    """
    if not _TONE.search(text) or not (proven or _is_annotated(text)):
        return text, 0
    count = 0

    def drop(match: re.Match[str]) -> str:
        nonlocal count
        if ord(match[1]) not in simplified_chars():
            return match[0]
        count += 1
        return match[1]

    return ANNOTATION.sub(drop, text), count


def _is_annotated(text: str) -> bool:
    """Tell annotations from reading aids, which explain a rare character, or a common one once and not again."""
    annotated: Counter[str] = Counter()
    for line in text.split("\n"):
        found = ANNOTATION.findall(line)
        if found and is_traditional(line):
            annotated.update(found)
    evidence = {char: count for char, count in annotated.items() if char in traditional_only() and is_level_1(char)}
    return sum(evidence.values()) > 2 or any(text.count(char) == count for char, count in evidence.items())
