"""Spaces, invisible characters and punctuation: what a mirror changed goes back, what a page published stays."""

import re
from operator import ne

from crawler.text.script import HAN

_HIDDEN = "\x00-\x08\x0e-\x1f\x7f\xad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_INVISIBLE = re.compile(f"[{_HIDDEN}]|(?<=[{HAN}])[\u200c\u200d]|[\u200c\u200d](?=[{HAN}])")  # emoji need the joiners
_MAYBE_INVISIBLE = re.compile(f"[{_HIDDEN}\u200c\u200d]")
_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|thinsp|#160|#8194|#8195|#12288);")
_HEAD_MARKS = re.compile(rf"^[?\ufffd]{{2,8}}[ \u3000]*(?=[{HAN}])", re.MULTILINE)

_FULL = str.maketrans(",:;!?()", "，：；！？（）")
_LEFT = rf"{HAN}％%”’》〉」』】〕）)\]"
_RIGHT = rf"{HAN}“‘《〈「『【〔（(\[—"
# Between digits or letters a mark stays: 10:20, 3,127, http://.
_HALF = re.compile(rf"(?<=[{_LEFT}])[,:;!?]+|(?<=[^\n])[,:;!?]+(?=[{_RIGHT}])")
_ANY_HAN = re.compile(f"[{HAN}]")
_BRACKETS = re.compile("[(（]([^()（）\n]{1,99})[)）]")
_PUBLISHED = re.compile("[，：；！？]")
# Some mirrors put a comma before every stop. An ellipsis and !! are the writer's.
_DOUBLED = re.compile(r"[,，]+(?=[,，、。；;：:！？])|。(?=。(?!。))(?<!。。)")


def drop_invisible(text: str) -> tuple[str, dict[str, int]]:
    """Return the text without zero-width and control characters, entities left in it and ???? for an indent."""
    text, invisible = _INVISIBLE.subn("", text) if _MAYBE_INVISIBLE.search(text) else (text, 0)
    text, entities = _ENTITY.subn(" ", text) if "&" in text else (text, 0)
    text, heads = _HEAD_MARKS.subn("", text) if "?" in text or "\ufffd" in text else (text, 0)
    return text, {"zero_width": invisible, "entity": entities, "lost_indent": heads}


def is_folded(text: str) -> bool:
    """Tell whether all punctuation of a text is half-width. A text that uses both was published so."""
    return not _PUBLISHED.search(text) and _HALF.search(text) is not None


def restore_marks(text: str) -> tuple[str, int]:
    """Return a text whose punctuation was folded with full-width marks beside Han characters, and their number."""
    restored = _HALF.sub(lambda match: match[0].translate(_FULL), text)
    restored = _BRACKETS.sub(lambda match: f"（{match[1]}）" if _ANY_HAN.search(match[1]) else match[0], restored)
    return restored, sum(map(ne, text, restored))


def drop_doubled(text: str) -> tuple[str, int]:
    """Return the text without the commas that a mirror put before each stop, and their number."""
    return _DOUBLED.subn("", text)
