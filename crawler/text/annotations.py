"""Take the pinyin out that mirror sites put in brackets behind Traditional characters: 產(chǎn)業(yè) → 產業."""

import re

from crawler.text.script import HAN, is_traditional, traditional_only

# One lower-case syllable with one tone mark, composed or combining. Without a mark (kg), (ha) and the like would go.
_MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_COMBINING = "\u0304\u0301\u030c\u0300"
_SYLLABLE = rf"[a-zü]{{0,4}}(?:[{_MARKED}]|[aeiouünm]\u0308?[{_COMBINING}]\u0308?)[a-z]{{0,3}}"
ANNOTATION = re.compile(rf"(?<=([{HAN}]))[(（]({_SYLLABLE})[ \u3000\xa0]?[)）]")


def strip_annotations(text: str) -> tuple[str, int]:
    """Return the text without annotations and their number; a reading aid in a text that has none stays.

    The sites annotate Traditional characters only, and wherever they stand.
    """
    count = 0

    def drop(match: re.Match[str]) -> str:
        nonlocal count
        if match[1] not in traditional_only():
            return match[0]
        count += 1
        return ""

    if not ANNOTATION.search(text):
        return text, 0
    stripped = ANNOTATION.sub(drop, text)
    return (stripped, count) if is_traditional(stripped) else (text, 0)
