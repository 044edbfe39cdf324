"""The section an article stands in, from the breadcrumb before the headline."""

import re

from crawler.extract import labels

SEPARATOR = re.compile(r"\s*(?:>+|»|›|→|/|\\|-{1,2}>?|\||·|＞|》|—)\s*")
NOT_A_SECTION = re.compile(
    r"^(?:您|你)?(?:现在|当前|目前)?(?:所在)?(?:的)?位置(?:是)?\W*$|^(?:网站)?首\s?页$|^主页$|^(?:正文|詳情|内容|详情|文章|新闻详情|详细内容|阅读|浏览|列表)$|^\W*$|^正在[阅閱][读讀]"
)
LEAD = re.compile(r"^.*?位置(?:是)?\s*[:：]\s*")
ALONE = frozenset((">", ">>", "»", "›", "→", "/", "＞", "》", "->", "-"))
DEPTH, LONGEST, NEAR = 6, 14, 24


def read(above: list[str], metas: dict[str, str], headline: str) -> str | None:
    """Return the breadcrumb's parts joined by " > "; `above` are the texts before the headline, nearest last."""
    start = _start(above)
    if start is not None:
        parts = _parts(above[start:], headline[:6])
        if parts:
            return " > ".join(parts)
    return metas.get("columnname") or metas.get("article:section") or None


def _parts(texts: list[str], lead: str) -> list[str]:
    """Return the parts of the breadcrumb, nothing where it turns out to be too deep or too long for one."""
    parts: list[str] = []
    parted = False
    for text in texts:
        shown = labels.without_annotation(" ".join(text.split()))
        pieces = SEPARATOR.split(LEAD.sub("", shown) if "位置" in shown else shown)
        parted = parted or len(pieces) > 1 or "位置" in shown
        for part in map(str.strip, pieces):
            if NOT_A_SECTION.match(part) or (lead and part.startswith(lead)):
                continue
            parts.append(part)
            if len(part) > LONGEST or len(parts) > DEPTH:
                return []
    return parts if parted else []  # a menu may begin with 首页, but has nothing between its words


def _start(above: list[str]) -> int | None:
    """Return where the breadcrumb begins: at 位置 or 首页, else one above the first of the last separators."""
    first = None
    for index in range(len(above) - 1, max(-1, len(above) - NEAR), -1):
        text = above[index]
        if "位置" in text or "首页" in text or "首頁" in text or "首 页" in text or "主页" in text:
            return index
        if text in ALONE and (first is None or first - index <= 3):
            first = index
    return max(0, first - 1) if first is not None else None
