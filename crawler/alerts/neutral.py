"""Text from the web made harmless for each format: it can mention nobody and add no markup, header or live link.

What has a meaning to a chat program is replaced by its full-width twin, since no two programs agree on an escape; the
eye reads the same. Names of hosts are broken by a joiner of no width.
"""

import html
import re
import unicodedata
from urllib.parse import quote

_JOINER = "\u2060"
_TWINS = str.maketrans({"@": "＠", "<": "＜", ">": "＞"})
_MARKUP = str.maketrans(
    {"[": "［", "]": "］", "*": "＊", "_": "＿", "`": "｀", "|": "｜", "~": "～", "\\": "＼", "#": "＃", "!": "！"}
)
_HOST = re.compile(r"(?<=[0-9A-Za-z-])\.(?=[A-Za-z]{2})")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def one_line(text: str) -> str:
    """Return the text on one line, without control characters, reading-direction marks and halves of characters."""
    kept = (" " if unicodedata.category(letter) in _DROPPED else letter for letter in text)
    return " ".join("".join(kept).split())


def neutral(text: str, form: str) -> str:
    """Return the text for "markdown", "html" or "text"."""
    line = _HOST.sub("." + _JOINER, one_line(text).replace("://", "：//"))
    if form == "html":
        return html.escape(line.replace("@", "＠"))
    line = line.translate(_TWINS)
    return line.translate(_MARKUP) if form == "markdown" else line


def safe_url(url: str) -> str:
    """Return a web address that ends where it ends in any markup, or "" if it is none."""
    line = one_line(url)
    if not re.match(r"https?://[^/]", line, re.IGNORECASE):
        return ""
    return quote(line, safe="/:?&=%#+,;.-_~")
