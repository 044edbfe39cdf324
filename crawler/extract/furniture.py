"""What stands in an article's container without being the article: editors' lines, notices, tools, related links."""

import re

from crawler.extract.labels import simplify, without_annotation
from crawler.extract.lines import Line
from crawler.extract.rules import DROP, END, RELATED, TOOL, TOOL_FIRSTS

SHORT, NOTICE, HEADING, SENTENCE, LEAST, LONGEST_TOOLS = 120, 400, 30, 30, 60, 60  # characters
OPENERS = ' \t\u3000[【(（〔「『“"*-—–>»•·●■◆▶▲△○◎※#|｜:：+＋'
SENTENCE_ENDS = "。！？”…；：）)』」"
BLANK = "\u200b\ufeff \t"
SCAN = re.compile(
    r"^.{0,16}(?:扫描|扫一扫|长按|扫码|识别|二维码).{0,20}(?:二维码|分享|关注|阅读|手机|下载|浏览|打开|微信|查看)|二维码.{0,6}$|扫码"
)
PAGING = re.compile(
    r"(?:[\[【(（<]?\d{1,3}[\]】)）>]?\s*){2,}(?:\s*(?:上一?页|下一?页|首页|末页|尾页|全文))*$|共\s?\d{1,3}\s?页.{0,20}$"
)
EDITOR_INSIDE = re.compile(r"(?:责任编辑|责编|编辑|校对|审核|审校|排版)\s*[:：|｜丨︱/／]\s*[\u4e00-\u9fff]{2,4}")
INSIDE = re.compile("[扫掃编編校审審二]")
INSIDE_END = re.compile(
    r"未经.{0,10}(?:授权|许可|允许|同意).{0,16}(?:转载|复制|使用|摘编)|(?:仅代表|不代表).{0,16}(?:观点|立场)|^\d+条?(?:评论|跟贴)$"
)
NOTICE_WORDS = re.compile(r"转载|版权|侵权|本网|本站|平台|不代表|观点|立场|证实|投资|仅供|删除|评论|跟贴|法律责任|核实")
FIRSTS = DROP.firsts | TOOL_FIRSTS | set("0123456789共")
TAIL = re.compile(
    r"\s*(?:[\[【(（]\s*(?:责任编辑|责编|编辑|校对|审核|值班主任)\s*[:：].{1,40}?[\])）】]|[\[【]\s*纠错\s*[\]】]|"
    r"(?:责任编辑|责编|本文编辑)\s*[:：]\s*[\w、，· /]{1,24}|返回[^。]{0,10}首页>*|[＋+]1)\s*$"
)
DATED = re.compile(r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")
ONLY_DATE = re.compile(r"[\d\s:：/年月日.\-]{4,24}")
GLUED = re.compile(r"(?<=[。！？”…）])\s*[A-Za-z0-9]{2,4}([\u4e00-\u9fff]{2,12})$")


def clean(lines: list[Line], headline: str, site: str = "") -> list[str]:
    """Return the article's paragraphs; `site` is the title tag, which names the site."""
    texts = [(line, line.text if line.joined else " ".join(line.text.split())) for line in lines]
    texts = _cut(_open([(line, text) for line, text in texts if text.strip(BLANK)], headline))
    kept = [(line, text if text[-1] in "。！？”" else TAIL.sub("", text)) for line, text in texts if not _drops(text)]
    kept = [(line, text) for line, text in kept if text]
    while kept and (
        _is_link(*kept[-1]) or (len(kept) > 1 and _is_link(*kept[-2]) and ONLY_DATE.fullmatch(kept[-1][1]))
    ):
        kept.pop()
    return _unglue([text for _, text in kept], site)


def _bare(text: str) -> str:
    """Return the text as rules read it: without reading aids and opening marks, labels in Simplified script."""
    return simplify(without_annotation(text)).lstrip(OPENERS)


def _drops(text: str) -> bool:
    """Return whether the line is furniture wherever it stands."""
    if len(text) > SHORT or not (text.lstrip(OPENERS)[:1] in FIRSTS or INSIDE.search(text)):
        return False
    bare = _bare(text)
    if not bare or DROP.match(bare):
        return True
    if len(bare) <= LONGEST_TOOLS and bare[-1] not in SENTENCE_ENDS and _is_tools(bare):
        return True
    return ("扫" in bare or "二维码" in bare) and SCAN.search(bare) is not None


def _is_tools(bare: str) -> bool:
    return not TOOL.sub("", bare) or PAGING.match(bare) is not None or EDITOR_INSIDE.search(bare) is not None


def _is_link(line: Line, text: str) -> bool:
    return not line.files and line.linked > 0 and line.linked >= 0.85 * len(text.replace(" ", ""))


def _open(texts: list[tuple[Line, str]], headline: str) -> list[tuple[Line, str]]:
    """Drop what stands before the article: the headline again, the line of date and source."""
    wanted = "".join(headline.split())
    start = 0
    for number, (_, text) in enumerate(texts[:14]):
        if len(text) > SHORT or (len(text) > 40 and ("。" in text or "，" in text)):
            break
        dated = len(text) < 90 and "。" not in text and "，" not in text and DATED.search(text)
        if (wanted and "".join(text.split()) == wanted) or (dated and number - start < 4):
            start = number + 1
    return texts[start:]


def _cut(texts: list[tuple[Line, str]]) -> list[tuple[Line, str]]:
    """Drop what follows a notice or a heading of related links; go on where running text comes again."""
    total = sum(len(text) for _, text in texts)
    kept: list[tuple[Line, str]] = []
    passed = 0
    skipping = False
    for number, (line, text) in enumerate(texts):
        if skipping and (_is_link(line, text) or len(text) < SENTENCE):
            passed += len(text)
            continue
        skipping = False
        if passed > LEAST and len(text) < NOTICE:
            if _heads_links(text):
                if passed >= 0.5 * total or total - passed < 0.25 * passed:
                    break
                skipping = True
                continue
            if _begins_notice(text, late=passed >= 0.4 * total) and _is_notice(texts[number : number + 4]):
                break
        kept.append((line, text))
        passed += len(text)
    return kept


def _heads_links(text: str) -> bool:
    return len(text) <= HEADING and text.lstrip(OPENERS)[:1] in RELATED.firsts and RELATED.match(_bare(text))


def _begins_notice(text: str, *, late: bool) -> bool:
    if text.lstrip(OPENERS)[:1] in END.firsts:
        bare = _bare(text)
        if (late or len(bare) <= 12) and END.match(bare):
            return True
    return late and len(text) < SHORT and INSIDE_END.search(text) is not None


def _is_notice(texts: list[tuple[Line, str]]) -> bool:
    return NOTICE_WORDS.search(simplify("".join(text[:NOTICE] for _, text in texts))) is not None


def _unglue(texts: list[str], site: str) -> list[str]:
    """Take off what copy protection glues to the ends of paragraphs: a few letters and the site's name."""
    glued = [found[1] for text in texts if text[-1] not in SENTENCE_ENDS and (found := GLUED.search(text))]
    names = {name for name in glued if glued.count(name) > 1 or name in site}
    if not names:
        return texts
    return [GLUED.sub(lambda found: "" if found[1] in names else found[0], text) for text in texts]
