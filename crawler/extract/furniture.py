"""What stands in an article's container without being the article: editors' lines, notices, tools, related links."""

import re

from crawler.extract import labels
from crawler.extract.lines import Line
from crawler.extract.rules import DROP, END, RELATED, TOOL_FIRSTS, TOOLS

SHORT, NOTICE, HEADING, SENTENCE, LEAST, LONGEST_TOOLS = 120, 400, 30, 30, 60, 60  # characters
OPENERS = ' \t\u3000[【(（〔「『“"*-—–>»•·●■◆▶▲△○◎※#|｜:：+＋'
SENTENCE_ENDS = "。！？”…；：）)』」"
SCAN = re.compile(
    r"^.{0,16}(?:扫描|扫一扫|长按|扫码|识别|二维码).{0,20}(?:二维码|分享|关注|阅读|手机|下载|浏览|打开|微信|查看)|二维码.{0,6}$|扫码"
)
PAGING = re.compile(
    r"(?:[\[【(（<]?\d[\]】)）>]?\s*){2,}(?:\s*(?:上一?页|下一?页|首页|末页|尾页|全文))*$|共\s?\d{1,3}\s?页.{0,20}$"
)
EDITOR_INSIDE = re.compile(
    r"(?:责任编辑|责编|编辑|校对|审核|审校|排版)(?:\s*[:：|｜丨︱/／]\s*[\u4e00-\u9fff]{2,4}|\s+[\u4e00-\u9fff]{2,3}(?:\s|$))"
)
INSIDE_END = re.compile(
    r"未经.{0,10}(?:授权|许可|允许|同意).{0,16}(?:转载|复制|使用|摘编)|(?:仅代表|不代表|不表明).{0,16}(?:观点|立场)|^\d+条?(?:评论|跟贴)$"
)
NOTICE_WORDS = re.compile(
    r"转载|版权|侵权|本网|本站|不代表|不表明|不构成|立场|投资建议|据此操作|仅供参考|仅供其|法律责任|核实|存储服务|删除|个人观点|"
    r"条评论|评论[（(\d]|(?:网友|发表|最新|热门|全部|精彩|我要)评论|跟[贴帖]"
)
TAIL = re.compile(
    r"\s*(?:[\[【(（]\s*(?:责任编辑|责编|编辑|校对|审核|值班主任)\s*[:：].{1,40}?[\])）】]|[\[【]\s*纠错\s*[\]】]|"
    r"(?:责任编辑|责编|本文编辑)\s*[:：]\s*[\w、，· /]{1,24}|返回[^。]{0,10}首页>*|[＋+]1)\s*$"
)
TAIL_HINT = re.compile("[编纠校审值页+＋]")
LONGEST_TAIL = 48
DATED = re.compile(r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")
INFO = re.compile(r"来源|时间|日期|发布|作者|编辑|责编|浏览|字号|打印|分享|点击|阅读|稿源|评论|\d{1,2}:\d{2}")
ONLY_DATE = re.compile(r"[\d\s:：/年月日.\-]{4,24}")
GLUED = re.compile(r"(?<=[。！？”…）])\s*[A-Za-z0-9]{2,4}([\u4e00-\u9fff]{2,12})$")


def clean(lines: list[Line], headline: str, site: str = "") -> list[str]:
    """Return the article's paragraphs; `site` is the title tag, which names the site."""
    kept: list[Line] = []
    for line, text, bare in zip(lines, *labels.both_all([line.text for line in lines]), strict=True):
        if not line.joined:
            line.text = text
        line.bare = bare.lstrip(OPENERS)
        if line.bare:
            kept.append(line)
    kept = [line for line in _cut(_open(kept, headline)) if not _drops(line)]
    while kept and (
        _is_link(kept[-1]) or (len(kept) > 1 and _is_link(kept[-2]) and ONLY_DATE.fullmatch(kept[-1].text))
    ):
        kept.pop()
    return _unglue([text for line in kept if (text := _without_tail(line.text))], site)


def _without_tail(text: str) -> str:
    """Return a paragraph without the editor's name or the tool that is glued to its end."""
    if text[-1] in "。！？”" or not TAIL_HINT.search(text[-LONGEST_TAIL:]):
        return text
    return TAIL.sub("", text)


def _drops(line: Line) -> bool:
    """Return whether the line is furniture wherever it stands."""
    bare = line.bare
    if len(bare) > SHORT:
        return False
    if bare[0] in DROP.firsts and DROP.match(bare):
        return True
    if len(bare) <= LONGEST_TOOLS and bare[-1] not in SENTENCE_ENDS and _is_tools(bare):
        return True
    # Several sentences are text, even where they speak of scanning a code.
    return ("扫" in bare or "二维码" in bare) and "。" not in bare[:-1] and SCAN.search(bare) is not None


def _is_tools(bare: str) -> bool:
    first = bare[0]
    if first in TOOL_FIRSTS or first.isdecimal() or first == "共" or not first.isalnum():
        return (TOOLS.fullmatch(bare) or PAGING.match(bare)) is not None
    return ("编" in bare or "校" in bare or "审" in bare) and EDITOR_INSIDE.search(bare) is not None


def _is_link(line: Line) -> bool:
    return line.linked > 0 and not line.files and line.linked >= 0.85 * len(line.text.replace(" ", ""))


def _open(texts: list[Line], headline: str) -> list[Line]:
    """Drop what stands before the article: the headline again, the line of date and source."""
    wanted = "".join(headline.split())
    start = 0
    for number, line in enumerate(texts[:14]):
        text = line.text
        if len(text) > SHORT or "。" in text or (len(text) > 40 and "，" in text):
            break
        dated = len(text) < 90 and DATED.search(text) and (ONLY_DATE.fullmatch(text) or INFO.search(line.bare))
        if (wanted and "".join(text.split()) == wanted) or (dated and number - start < 4):
            start = number + 1
    return texts[start:]


def _cut(texts: list[Line]) -> list[Line]:
    """Drop what follows a notice or a heading of related links; go on where running text comes again."""
    total = sum(len(line.text) for line in texts)
    kept: list[Line] = []
    passed = 0
    skipping = False
    for number, line in enumerate(texts):
        length = len(line.text)
        if skipping and (_is_link(line) or length < SENTENCE):
            passed += length
            continue
        skipping = False
        if passed > LEAST and length < NOTICE:
            if length <= HEADING and line.bare[0] in RELATED.firsts and RELATED.match(line.bare):
                follows = _what_follows(texts[number + 1 :], passed)
                if follows == "end":
                    break
                if follows == "links":
                    skipping = True
                    continue
            late = passed >= 0.4 * total
            likely = line.bare[0] in END.firsts or (late and length < SHORT)
            if likely and _begins_notice(line, late=late) and _is_notice(texts[number : number + 4]):
                break
        kept.append(line)
        passed += length
    return kept


def _what_follows(rest: list[Line], passed: int) -> str:
    """Return what stands behind a heading of related links: the end of the page, some links, or the article again."""
    length = sum(len(line.text) for line in rest)
    linked = sum(line.linked for line in rest)
    if linked >= 0.5 * length or length < 0.15 * passed:
        return "end"
    return "links" if _is_link(rest[0]) else "article"


def _begins_notice(line: Line, *, late: bool) -> bool:
    bare = line.bare
    if (late or len(bare) <= 12) and bare[0] in END.firsts and END.match(bare):
        return True
    if not late or len(bare) >= SHORT:
        return False
    hinted = "未经" in bare or "代表" in bare or "表明" in bare or "评论" in bare or "跟贴" in bare
    return hinted and INSIDE_END.search(bare) is not None


def _is_notice(texts: list[Line]) -> bool:
    return NOTICE_WORDS.search("".join(line.bare[:NOTICE] for line in texts)) is not None


def _unglue(texts: list[str], site: str) -> list[str]:
    """Take off what copy protection glues to the ends of paragraphs: a few letters and the site's name."""
    glued = [found[1] for text in texts if text[-1] not in SENTENCE_ENDS and (found := GLUED.search(text))]
    names = {name for name in glued if glued.count(name) > 1 or name in site}
    if not names:
        return texts
    return [GLUED.sub(lambda found: "" if found[1] in names else found[0], text) for text in texts]
