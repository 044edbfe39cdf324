"""Mend what mirrors break by treating GBK as if each byte were a character: ghost annotations and shifted runs.

A repair is made where re-encoding to GBK and putting the lost byte back gives common Chinese; what cannot be proved
so is cut out, because a shifted run is other words than the page's.
"""

import re
from functools import cache

from crawler.text.annotations import SYLLABLE
from crawler.text.plausible import holds_together, is_common, is_pair, known_pairs, readings
from crawler.text.script import HAN, is_han, is_level_1, traditional_pattern

HOLE = "□"  # the sign that Chinese editors print for a character that cannot be read (GB/T 15834)

LOST = frozenset("?\ufffd")  # what a decoder writes for a byte that it cannot read
_GHOST = re.compile(rf"[?\ufffd][(（]?({SYLLABLE})[ \u3000\xa0]?[)）]")
# A mirror may fold ！ and ？ after it has split the bytes.
# Of several in a row, or beside what was cut, nothing can be made.
_LOST_BYTE = re.compile(rf"(?<![?\ufffd{HOLE}])[?\ufffd](?=[。！？!?{HAN}])")
_UNFOLD = {"!": "！", "?": "？"}
# Half of a mark and half of a character, or of another mark: no one writes them so.
_GLUED = re.compile(
    rf"[。！？](?:[\u2460-\u249b\u2160-\u217bΑ-я\u3105-\u3129─-▏Ａ-Ｚａ-ｚ]|[{HAN}]{{0,9}}[@-~][{HAN}(])"
)
_READING = re.compile(rf"[(（]({SYLLABLE})[ \u3000\xa0]?[)）]")
_START = re.compile(f"{_GHOST.pattern}|{_LOST_BYTE.pattern}")
_USUAL = "。省"  # what loses its first byte most
_WINDOW = 300  # characters; bytes are in step again long before
_CLOSING = "”’』」"
_ANY = 0xB0  # a first byte that makes a character with any second
_SINGLE = 0x80  # a second byte that decoders drop when it stands alone: 個 is 82 80
# First bytes of marks whose second byte makes, with the byte after it, a pair that decodes to nothing and is not shown.
_HIDING = {0xA3: "，", 0xA1: "、"}
_STOP = 0xA1  # first byte of 。


def mend_damage(text: str) -> tuple[str, dict[str, int]]:
    """Return the text with broken runs repaired or replaced by HOLE, and counts of ghost, shifted_run and cut_run."""
    if "?" not in text and "\ufffd" not in text:
        return text, {}
    counts = {"ghost": 0, "shifted_run": 0, "cut_run": 0}
    pieces: list[str] = []
    done = 0
    bytes_can_be_lost = _READING.search(text) or traditional_pattern().search(text)  # never seen in plain Simplified
    for start in _START.finditer(text):
        if start.start() < done or not (start[1] or bytes_can_be_lost):
            continue
        base = max(start.start() - 1, 0)
        window = text[base : base + _WINDOW]
        kind, mended, end = _mend(window, _START.match(window, start.start() - base) or start)
        if base + end > start.start():
            counts[kind] += max(1, mended.count(HOLE))
            pieces += text[done : start.start()], mended
            done = base + end
    return "".join(pieces) + text[done:], {kind: count for kind, count in counts.items() if count}


def _mend(text: str, start: re.Match[str]) -> tuple[str, str, int]:
    """Return the kind of the repair, what to write, and where the run ends; a run of no length needs no repair."""
    before = text[start.start() - 1 : start.start()]
    ghost = start[1] is not None
    if not ghost and is_han(text[start.end()]):  # the mark is lost too: nothing to go by
        rare = sum(map(_is_rare, text[start.end() : start.end() + 4]))
        return _cut(text, start) if rare > 1 else ("", "", start.start())
    if not ghost and (mark := _UNFOLD.get(text[start.end()])):
        text = text[: start.end()] + mark + text[start.end() + 1 :]
    walks = _ghost_runs(text, start, before) if ghost else _lost_byte_runs(text, start, before)
    scores = {(run, end): _likelihood(before, run, _after(text, end), ghost=ghost) for run, end in walks}
    best = [walk for walk, score in scores.items() if score and score == max(scores.values())]
    if len(best) == 1:
        run, end = best[0]
        end = _in_step(text, end)
        return ("cut_run" if HOLE in run else "ghost" if ghost else "shifted_run"), run, end
    return _cut(text, start) if ghost or _is_shifted(text, start.end()) else ("", "", start.start())


def _after(text: str, index: int) -> str:
    """Return the character behind a run, past the annotation of its last one."""
    if reading := _READING.match(text, index):
        index = reading.end()
    return text[index : index + 1]


def _ghost_runs(text: str, start: re.Match[str], before: str) -> list[tuple[str, int]]:
    """Return what stood in place of `?pinyin)` and behind it, and where it ends.

    The tool saw the character X in the second byte of A and the first byte of the character after it, and put X's
    reading between the two. X is known by its reading, so the lost byte is X's second.
    """
    raw = _encode(before)
    others = map(_encode, readings().get(start[1], "")) if len(raw) == 2 else ()
    return [_walk(text, start.end(), carry) for lead, carry in others if lead == raw[1]]


def _lost_byte_runs(text: str, start: re.Match[str], before: str) -> list[tuple[str, int]]:
    """Return what a lost byte and the shifted run behind it can have been, and where it ends."""
    run, end = _walk(text, start.end(), _ANY)
    known = run[1:].removesuffix(HOLE)
    raw = _encode(text[start.end()])
    if (
        not raw
        or not run
        or not is_common(known.replace(HOLE, ""))
        or (not known and start.string[start.end()] in _UNFOLD)
    ):
        return []
    firsts = _common_with(raw[0])
    return [(first + run[1:], end) for first in firsts if first in _USUAL or is_pair(before, first)]


@cache
def _common_with(trail: int) -> str:
    """Return the common characters whose second byte is `trail`."""
    return "".join(char for lead in range(0x81, 0xFF) if (char := _decode(lead, trail)) and is_common(char))


def _likelihood(before: str, run: str, after: str, *, ghost: bool) -> int:
    """Rank a run, 0 for one that is no text.

    A lost byte leaves the first character open, for its second byte alone is known. In the pages that were seen it was
    nearly always 。 or the 省 of 省（区、市）, else the second half of a word.
    """
    first, known = run[:1], run.removesuffix(HOLE)
    if not known or not is_common(known.replace(HOLE, "")):
        return 0
    if ghost:
        return holds_together(before, known, after) * (1 + known_pairs(before + known + after))
    if is_pair(before, first):
        return 3 * holds_together(before, known, after)
    guess = {"。": 4 if run[1:2] in _CLOSING else 2, "省": 4 if run[1:2] == "（" else 1}.get(first, 0)
    return guess * (len(known) == 1 or holds_together(first, known[1:], after))


def _walk(text: str, index: int, carry: int) -> tuple[str, int]:
    """Decode from `index` with one byte before it until the bytes are in step again: the run, and its end in `text`.

    The run is empty where the bytes are no characters. It ends with HOLE where its last character is lost.
    """
    run: list[str] = []
    while True:
        char = text[index : index + 1]
        if ghost := _GHOST.match(text, index):  # a true annotation, whose character was torn
            here = [char for char in readings().get(ghost[1], "") if _encode(char)[0] == carry]
            if len(here) > 1:
                here = [char for char in here if run and is_pair(run[-1], char)]
            return _joined([*run, *here]) if len(here) == 1 else "", ghost.end()
        if run and (reading := _READING.match(text, index)):
            last = _decode(carry, _SINGLE)
            if last and last in readings().get(reading[1], ""):  # a true annotation, whose character lost its end
                return _joined([*run, last]), reading.end()
            index = reading.end()  # another ghost, which the shift has made whole
            continue
        raw = _encode(char)
        if len(raw) == 2:
            decoded = _decode(carry, raw[0])
            mark = _HIDING.get(carry)
            run += [mark, HOLE] if mark and not (decoded and is_common(decoded)) else [decoded]
            carry = raw[1]
        elif raw and 0x40 <= raw[0] < 0x7F:
            run.append(_decode(carry, raw[0]))
            return _joined(run), index + 1
        else:
            end = index + (char in LOST)
            at_stop = carry == _STOP and not text[end : end + 1].strip("\n") and len(run) > 1 and is_han(run[-1])
            run.append("。" if at_stop else HOLE)
            return _joined(run), end
        index += 1


def _joined(run: list[str]) -> str:
    return "" if "" in run else "".join(run)


def _encode(char: str) -> bytes:
    """Return the one or two bytes of a character in GBK, or nothing."""
    return char.encode("gbk", "ignore")


def _decode(lead: int, trail: int) -> str:
    char = bytes([lead, trail]).decode("gbk", "ignore")
    return char if len(char) == 1 else ""


def _is_rare(char: str) -> bool:
    return char == "▍" or (is_han(char) and not is_level_1(char))


def _is_shifted(text: str, index: int) -> bool:
    """Tell whether what stands at `index` is out of step: rare characters, or halves glued together."""
    rare = [position for position, char in enumerate(text[index : index + 10]) if _is_rare(char)]
    return len(rare) > 1 or any(position < 3 for position in rare) or bool(_GLUED.match(text, index))


def _cut(text: str, start: re.Match[str]) -> tuple[str, str, int]:
    """Cut up to where the bytes are in step again, with the reading of the character that is cut last."""
    _, end = _walk(text, start.end(), 0)
    end = _in_step(text, end)
    reading = _READING.match(text, end)
    return "cut_run", HOLE, reading.end() if reading else end


def _in_step(text: str, end: int) -> int:
    """Return where the bytes are in step again after a run; a lost byte at its end need not have set them right."""
    while text[end - 1] in LOST and any(map(_is_rare, text[end : end + 4])) and is_han(text[end]):
        _, further = _walk(text, end, 0)
        if further == end:  # a character that GBK does not have is no half of anything
            break
        end = further
    return end
