"""The section an article stands in, from the breadcrumb before the headline."""

import re

PLACE = re.compile(r"位置|位於|首\s?页|首\s?頁|主页")
SEPARATOR = re.compile(r"\s*(?:>+|»|›|→|/|\\|-{1,2}>?|\||·|＞|》|—)\s*")
NOT_A_SECTION = re.compile(
    r"^(?:您|你)?(?:现在|当前|目前)?(?:所在)?(?:的)?位置(?:是)?\W*$|^(?:网站)?首\s?页$|^主页$|^(?:正文|内容|详情|文章|新闻详情|详细内容|阅读|浏览|列表)$|^\W*$|^正在阅读"
)
LEAD = re.compile(r"^.*?位置(?:是)?\s*[:：]\s*")
DEPTH, LONGEST = 6, 14


def read(before: list[str], metas: dict[str, str]) -> str | None:
    """Return the breadcrumb's parts joined by " > "; `before` are the texts before the headline, nearest last."""
    start = next((index for index in range(len(before) - 1, -1, -1) if PLACE.search(before[index])), None)
    if start is not None:
        parts: list[str] = []
        for text in before[start:]:
            parts += [part for part in SEPARATOR.split(LEAD.sub("", text)) if not NOT_A_SECTION.match(part)]
        parts = [" ".join(part.split()) for part in parts]
        if parts and len(parts) <= DEPTH and all(len(part) <= LONGEST for part in parts):
            return " > ".join(parts)
    return metas.get("columnname") or metas.get("article:section") or None
