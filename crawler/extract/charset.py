"""Bytes to text: which encoding a page is really in, whatever was declared. Guesses nothing silently."""

import codecs
import re
from typing import NamedTuple

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "utf8": "utf-8",
    "unicode": "utf-8",
}
NAMES = {"gb18030": "gb18030", "big5hkscs": "big5", "utf-8": "utf-8"}
# The commonest characters of running Chinese text, Simplified and Traditional: about 30 % of any real text.
COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "這為個國時來們發動過說產種麼後學經進對會電裡現實加兩體機當點從業應開還與關區產網新市月公司全省改展企建"
)
# What UTF-8 Chinese becomes when it is read as GBK or as Latin-1: characters that running text does not hold in number.
MOJIBAKE = ("锛", "鈥", "銆", "鐨", "锟斤拷", "ã€", "ï¼", "ç\x9a", "çš", "å…")
MOSTLY = 0.02
SAMPLE = 1000
BEGINNING, ENOUGH = 32_768, 600  # bytes; bytes that continue a character


class Decoded(NamedTuple):
    """A page as clean UTF-8 for the parser, the encoding it came in, and whether reading it lost or bent something."""

    data: bytes
    encoding: str
    doubt: bool


def decode(html: bytes, header: str | None = None) -> Decoded:
    """Return the page as UTF-8 without NULs; `header` is the charset of the HTTP header and may be wrong."""
    for bom, name in BOMS:
        if html.startswith(bom):
            text = html[len(bom) :].decode(name, "replace")
            return _pack(text, name, "\ufffd" in text)
    if not _is_utf8(html):
        return _legacy(html, header)
    return Decoded(html.replace(b"\0", b"") if b"\0" in html else html, "utf-8", False)


def _is_utf8(html: bytes) -> bool:
    """Return whether the bytes are UTF-8; a beginning with enough Chinese in it speaks for the whole."""
    try:
        text, _ = codecs.utf_8_decode(html[:BEGINNING], "strict", len(html) <= BEGINNING)
        if len(html) > BEGINNING and len(text) + ENOUGH > BEGINNING:
            html.decode()
    except UnicodeDecodeError:
        return False
    return True


def looks_like_mojibake(text: str) -> bool:
    """Return whether the text shows the marks of bytes read in the wrong encoding, here or before they came here."""
    if "\ufffd" in text:
        return True
    start = text[:SAMPLE]
    return sum(map(start.count, MOJIBAKE)) * 50 > len(start)


def _pack(text: str, name: str, doubt: bool) -> Decoded:
    return Decoded(text.replace("\0", "").encode("utf-8", "replace"), name, doubt)


def _legacy(html: bytes, header: str | None) -> Decoded:
    """Return the best reading of bytes that are not clean UTF-8."""
    best, best_name, best_score = "", "utf-8", -9.0
    for name in _candidates(html, header):
        text = html.decode(name, "replace")
        score = _quality(text)
        if score > best_score + 1e-9:
            best, best_name, best_score = text, name, score
    doubt = "\ufffd" in best or best_score < MOSTLY
    return _pack(best, NAMES.get(best_name, best_name), doubt)


def _candidates(html: bytes, header: str | None) -> list[str]:
    """Return the encodings to try, declared ones first; a declaration only breaks a tie."""
    declared = [header or "", *(found.decode("ascii") for found in META.findall(html[:4096]))]
    names = [ALIASES.get(name.strip().lower(), name.strip().lower()) for name in declared]
    known = [name for name in names if name in NAMES]
    return list(dict.fromkeys([*known, "gb18030", "big5hkscs", "utf-8"]))


def _quality(text: str) -> float:
    """Return how much a text reads like Chinese: share of common characters, less what could not be read."""
    wide = [char for char in text[:200_000] if char > "\x7f"]
    if not wide:
        return 0.0
    common = sum(char in COMMON for char in wide)
    broken = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in wide)
    return (common - 3 * broken) / len(wide)
