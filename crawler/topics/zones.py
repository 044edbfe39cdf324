"""Where words say little about a body: link lists, slogan chains, boilerplate tails, breadcrumbs, careers.

Works line by line and clause by clause with patterns that cannot backtrack: a stranger's page of one endless line must
cost no more than its length.
"""

import re
from collections.abc import Iterator

Zone = tuple[int, int, str]  # start, end, kind

LINKS, CHAIN, TAIL, CRUMB, CAREER = "link list", "slogan chain", "boilerplate", "breadcrumb", "career"

_TAIL = re.compile(
    r"[【\[（(]?(?:相关(?:阅读|文章|新闻|链接|推荐|报道|信息)|推荐(?:阅读|文章|视频)|延伸阅读|热门(?:文章|栏目|推荐|标签|新闻)|"
    r"最新(?:文章|资讯)|猜你(?:喜欢|想看)|友情链接|上一篇|下一篇|网友(?:留言|评论)|我要评论|返回顶部|版权(?:声明|所有)|"
    r"免责声明|(?:特别|郑重)?声明[:：]|关于我们|联系我们|网站地图|扫一扫|标签[:：]|点击排行|本类推荐|更多>|主办单位)"
)
_LINE = re.compile(r"[^\n]+")
_PLACE = re.compile(r"(?:当前|所在|您?现在的|您?所在的)位置")
_SEPARATORS = re.compile(r"[|｜丨_]")
_CLAUSE = re.compile(r"[^，,。；;：:！？\n（）()《》“”]+")  # what 、 can divide
_SERIES = re.compile(r"[^。：:！？\n]+")  # what ； can divide
_SENTENCE = re.compile(r"[^。；;！？\n]+")
_POST = re.compile(r"历任|曾任|现任|先后任|(?:19|20)\d\d[.年]\d{0,2}月?(?:[-—–~～至]|起?任)")
_LIFE = re.compile(r"出生|参加工作|入党|简历")
_OFFICE = re.compile(r"历任|曾任|先后任|先后担任|曾担任|此前任|分管|兼任")
_ITEM = 16  # characters of the longest slogan


def zones(body: str) -> list[Zone]:
    """Return the zones of a cleaned body, in order of their start; they may overlap."""
    lines = [(line.start(), line.end(), line[0].strip()) for line in _LINE.finditer(body)]
    found = [*_lines(lines), *_chains(body), *_series(body), *_link_runs(lines)]
    found += [(match.start(), match.end(), CAREER) for match in _SENTENCE.finditer(body) if _OFFICE.search(match[0])]
    for start, _, text in lines:
        if start > len(body) // 2 and _TAIL.match(text):
            found.append((start, len(body), TAIL))
            break
    return sorted(found)


def _lines(lines: list[tuple[int, int, str]]) -> Iterator[Zone]:
    for start, end, text in lines:
        if len(text) < 200 and (
            _PLACE.search(text[:60]) or (len(re.findall(r"[>»›→]+", text)) > 1 and "。" not in text)
        ):
            yield start, end, CRUMB
        elif (len(_SEPARATORS.findall(text)) > 3 and "。" not in text) or _is_menu(text):
            yield start, end, LINKS
        elif _LIFE.search(text) and _POST.search(text):
            yield start, end, CAREER


def _is_menu(text: str) -> bool:
    """Return whether a line is five or more short words with nothing but spaces between."""
    words = text.split()
    return len(words) > 4 and max(map(len, words)) <= _ITEM // 2 and not re.search("[，,。；;：:！？0-9]", text)


def _chains(body: str) -> Iterator[Zone]:
    """Yield runs of at least four short items between 、, or three of a list that goes on with 等."""
    for clause in _CLAUSE.finditer(body):
        items = clause[0].split("、")
        if len(items) < 3 or any(len(item) > _ITEM for item in items[1:-1]):
            continue
        *_, last = items
        goes_on = last.find("等", 0, _ITEM)
        if len(items) < (3 if goes_on >= 0 else 4):
            continue
        # A long last item runs on into the sentence: what stands there is no longer a member of the list.
        member = goes_on if goes_on >= 0 else len(last) if len(last) <= _ITEM else 0
        yield clause.start() + max(0, len(items[0]) - _ITEM // 2), clause.end() - len(last) + member, CHAIN


def _series(body: str) -> Iterator[Zone]:
    """Yield runs of at least four short items between ；, such as the themes of a call for papers."""
    for match in _SERIES.finditer(body):
        items = re.split("[；;]", match[0])
        if len(items) > 3 and all(len(item.strip()) <= _ITEM for item in items):
            yield match.start(), match.end(), CHAIN


def _link_runs(lines: list[tuple[int, int, str]]) -> Iterator[Zone]:
    """Yield runs of at least five short lines none of which is a sentence."""
    run: list[tuple[int, int]] = []
    for start, end, text in [*lines, (0, 0, "。")]:
        if not text:
            continue
        if len(text) <= 40 and text[-1] not in "。；;，,：:！？!?、" and not any(sign in text for sign in "。；，"):
            run.append((start, end))
            continue
        if len(run) > 4:
            yield run[0][0], run[-1][1], LINKS
        run = []
