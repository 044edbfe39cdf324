"""Bytes to text: which encoding a page is really in, whatever was declared. Guesses nothing silently."""

import codecs
import re
from typing import NamedTuple

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
GB, BIG5, UTF8 = "gb18030", "big5hkscs", "utf-8"
ALIASES = {
    **dict.fromkeys(("gb2312", "gbk", "gb_2312", "gb_2312-80", "x-gbk", "cp936", "gb18030", "hz-gb-2312"), GB),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5", "cp950", "big-5"), BIG5),
    **dict.fromkeys(("utf-8", "utf8", "unicode"), UTF8),
}
NAMES = {BIG5: "big5"}
# The commonest characters of running Chinese text, Simplified and Traditional: about a quarter of any real text.
COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学"
    "法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天"
    "政四日这為個國時來們發動過說產種麼後學經進對會電裡現實加兩體機當點從業應開還與關區網新市月公司全省改展企建"
)
# What UTF-8 Chinese becomes when it is read as GBK or as Latin-1.
MOJIBAKE = ("锛", "鈥", "銆", "鐨", "锟斤拷", "ã€", "ï¼", "çš", "å…", "æœ")
MOJIBAKE_BEGINS = {mark[0] for mark in MOJIBAKE}
HAN = re.compile(rb"[\xe3-\xe9]")  # how Chinese characters and punctuation begin in UTF-8
SAMPLE = 1000  # characters
STRIDE, ENOUGH = 4096, 150  # bytes; bytes that continue a character
READS_WELL, READS_BADLY = 0.12, 0.04  # share of common characters


class Decoded(NamedTuple):
    """A page as clean UTF-8 for the parser, the encoding it came in, and whether reading it lost or bent something."""

    data: bytes
    encoding: str
    doubt: bool


def decode(html: bytes, header: str | None = None) -> Decoded:
    """Return the page as UTF-8 without NULs; `header` is the charset of the HTTP header and may be wrong."""
    for mark, name in BOMS:
        if html.startswith(mark):
            text = html.decode(name, "replace").lstrip("\ufeff")
            return _pack(text, name, "\ufffd" in text)
    if not _is_utf8(html):
        return _legacy(html, header)
    return Decoded(html.replace(b"\0", b"") if b"\0" in html else html, UTF8, False)


def looks_like_mojibake(text: str) -> bool:
    """Return whether the text shows the marks of bytes read in the wrong encoding, here or before they came here."""
    if "\ufffd" in text:
        return True
    start = text[:SAMPLE]
    if not any(map(start.__contains__, MOJIBAKE_BEGINS)):
        return False
    return sum(map(start.count, MOJIBAKE)) * 50 > len(start)


def _is_utf8(html: bytes) -> bool:
    """Return whether the bytes are UTF-8; a beginning with enough Chinese in it speaks for the whole."""
    at = continuing = 0
    while at < len(html) and continuing < ENOUGH:
        part = html[at : at + STRIDE]
        try:
            text, read = codecs.utf_8_decode(part, "strict", at + STRIDE >= len(html))
        except UnicodeDecodeError:
            return False
        continuing += read - len(text)
        at += read
    # Two characters of GBK may look like one of Arabic or Hebrew.
    return continuing >= ENOUGH or not continuing or HAN.search(html) is not None


def _pack(text: str, name: str, doubt: bool) -> Decoded:
    return Decoded(text.replace("\0", "").encode("utf-8", "replace"), NAMES.get(name, name), doubt)


def _legacy(html: bytes, header: str | None) -> Decoded:
    """Return the best reading of bytes that are not clean UTF-8; a declaration only decides the order of trying."""
    best, best_name, best_score = "", UTF8, -9.0
    for name in _candidates(html, header):
        text = html.decode(name, "replace")
        score = _quality(text)
        if score > best_score + 0.01:
            best, best_name, best_score = text, name, score
        if score > READS_WELL and "\ufffd" not in text:
            break
    return _pack(best, best_name, "\ufffd" in best or best_score < READS_BADLY)


def _candidates(html: bytes, header: str | None) -> list[str]:
    declared = [header or "", *(found.decode("ascii") for found in META.findall(html[:4096]))]
    names = [ALIASES.get(name.strip().lower(), "") for name in declared]
    return list(dict.fromkeys([*filter(None, names), GB, BIG5, UTF8]))


def _quality(text: str) -> float:
    """Return how much a text reads like Chinese: share of common characters, less what could not be read."""
    wide = "".join(re.findall(r"[^\x00-\x7f]+", text[:400_000]))[: 20 * SAMPLE]
    if not wide:
        return 0.0
    common = sum(map(COMMON.__contains__, wide))
    broken = wide.count("\ufffd") + sum("\ue000" <= char <= "\uf8ff" for char in wide)
    return (common - 3 * broken) / len(wide)
