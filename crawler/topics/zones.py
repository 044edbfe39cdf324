"""Where words say little about a body: link lists, slogan chains, boilerplate tails, breadcrumbs, careers."""

import re
from collections.abc import Iterator

Zone = tuple[int, int, str]  # start, end, kind

LINKS, CHAIN, TAIL, CRUMB, CAREER = "link list", "slogan chain", "boilerplate", "breadcrumb", "career"

_CRUMB = re.compile(
    r"^[^\n]{0,60}(?:(?:当前|您?现在的|所在)?位置|您?所在的位置)[:：][^\n]{0,120}$|^[^\n。，]{1,20}(?:\s*(?:>+|»|›|→|＞)\s*[^\n。，>]{1,40}){2,}$",
    re.MULTILINE,
)
_TAIL = re.compile(
    r"^\s*[【\[（(]?(?:相关(?:阅读|文章|新闻|链接|推荐|报道|信息)|推荐(?:阅读|文章|视频)|延伸阅读|热门(?:文章|栏目|推荐|标签|新闻)|"
    r"最新(?:文章|资讯)|猜你(?:喜欢|想看)|友情链接|上一篇|下一篇|网友(?:留言|评论)|我要评论|返回顶部|版权(?:声明|所有)|"
    r"免责声明|(?:特别|郑重)?声明[:：]|关于我们|联系我们|网站地图|扫一扫|标签[:：]|点击排行|本类推荐|更多>|主办单位)",
    re.MULTILINE,
)
_LINE = re.compile(r"[^\n]+")
_SEPARATED = re.compile(r"[^\n]*(?:[^\n|｜丨·_]{2,24}\s*[|｜丨_]\s*){4,}[^\n]*")
_CHAIN = re.compile(r"(?:[^、，,。；;：:！？\n（）()《》]{2,16}、){3,}[^、，,。；;：:！？\n（）()]{2,16}")
_CAREER = re.compile(r"[^\n]*(?:出生|参加工作|入党|简历)[^\n]*")
_POST = re.compile(r"(?:历任|曾任|先后任|(?:19|20)\d\d[.年]\d{0,2}月?\s*(?:[-—–~～至]+|起任|任))")


def zones(body: str) -> list[Zone]:
    """Return the zones of a cleaned body, in order of their start; they may overlap."""
    found = [(m.start(), m.end(), CRUMB) for m in _CRUMB.finditer(body)]
    found += [(m.start(), m.end(), LINKS) for m in _SEPARATED.finditer(body)]
    found += [(m.start(), m.end(), CHAIN) for m in _CHAIN.finditer(body)]
    found += [(m.start(), m.end(), CAREER) for m in _CAREER.finditer(body) if len(_POST.findall(m[0])) > 1]
    found += _link_runs(body)
    found += _tail(body)
    return sorted(found)


def _tail(body: str) -> Iterator[Zone]:
    """Yield the rest of a body from the first tail line that stands behind its middle."""
    found = _TAIL.search(body, len(body) // 2)
    if found:
        yield found.start(), len(body), TAIL


def _link_runs(body: str) -> Iterator[Zone]:
    """Yield runs of at least five short lines none of which holds a sentence."""
    start, end, lines = 0, 0, 0
    for line in _LINE.finditer(body):
        text = line[0].strip()
        if text and len(text) <= 40 and not re.search(r"[。；;，,：:！？!?]$|，[^，]{6,}，", text) and "。" not in text:
            start, end, lines = (start if lines else line.start()), line.end(), lines + 1
            continue
        if text:
            if lines >= 5:
                yield start, end, LINKS
            lines = 0
    if lines >= 5:
        yield start, end, LINKS
