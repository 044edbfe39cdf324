"""What the addresses of articles have in common, as a pattern."""

import re
from collections import Counter
from urllib.parse import urlsplit

# Shapes that platforms give to the addresses of articles; they come before what is made from the addresses alone.
SHAPES = (
    r"/\d{6}/t(?P<date>\d{8})_\d+\.s?html?$",
    r"/t(?P<date>\d{8})_\d+\.s?html?$",
    r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html$",
    r"/art/\d{4}/art_(?:\d+_\d+|[0-9a-f]{32})\.html$",
    r"/system/(?P<date>\d{4}/\d{2}/\d{2})/\d+\.s?html?$",
    r"/(?P<date>\d{4}-\d{2}/\d{2})/content_[\d_]+\.html?$",
    r"/con(?:tent)?/\d{6}/\d{2}/(?:content_|c)\d+\.html$",
    r"/content/post_\d+\.html$",
    r"/content/content_\d{15,20}\.html$",
    r"/\d{6}/[0-9a-f]{32}\.shtml$",
    r"/\d{4}/\d{1,2}/\d{1,2}/[0-9a-f]{32}\.shtml$",
)
UNSEEN = {"jpaas": SHAPES[3], "gkmlpt": r"/content/(?:.*/)?post_\d+\.html$"}  # their lists are not on the page
GOOD, ENOUGH = 0.9, 0.6  # share of the links that a pattern must fit: tried first, and taken where nothing fits better
MOST, LEAST = 3, 0.1  # shapes in a pattern; share of the links that each of them must fit
PIECES = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|\b(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{10,}\b"
    r"|(?<!\d)(?:19|20)\d{6}(?!\d)|\d+|[^\d/]+?(?=\d|[/._?=&-])|."
)
WORD = r"[\w-]+"
NUMBERED = re.compile(r"\\d|\[0-9")


def pattern_of(links: list[str]) -> str:
    """Return a pattern of one shape or a few that fits most of the addresses. Raises ValueError where none does."""
    if not links:
        raise ValueError("the page names no articles; is it a list?")
    least = min(max(2, LEAST * len(links)), len(links))
    for wanted in (GOOD, ENOUGH):
        for general in (False, True):  # first with the folders as they stand, then with any folders
            counts = Counter(_known(link) or _shape(link, general) for link in links).most_common(MOST)
            kept = {shape: count for shape, count in counts if count >= least and NUMBERED.search(shape)}
            if sum(kept.values()) >= wanted * len(links):
                return _either(list(kept))
    raise ValueError("the addresses of the page's links have no shape in common: write the source file by hand")


def _either(shapes: list[str]) -> str:
    # A group may have its name once in a pattern.
    first, *others = sorted(shapes, key=lambda shape: "(?P<date>" not in shape)
    return "|".join((first, *(shape.replace("(?P<date>", "(?:") for shape in others)))


def _known(link: str) -> str:
    return next((shape for shape in SHAPES if re.search(shape, link)), "")


def _shape(link: str, general: bool) -> str:
    """Return the address's path with numbers and identifiers made general, and its folders too where wanted."""
    parts = urlsplit(link)
    shape, dated = "", False
    for piece in PIECES.findall(parts.path + (f"?{parts.query}" if parts.query else "")):
        if len(piece) == 32:
            shape += "[0-9a-f]{32}"
        elif len(piece) == 8 and piece.isdigit() and not dated:
            shape, dated = shape + r"(?P<date>\d{8})", True
        elif piece.isdigit():
            shape += r"\d+"
        elif len(piece) >= 10 and re.search(r"\d", piece):
            shape += "[0-9A-Za-z]+"
        else:
            shape += (
                WORD
                if general and piece.isalpha() and len(piece) > 1 and not shape.endswith(r"\.")
                else re.escape(piece)
            )
    return shape + "$"
