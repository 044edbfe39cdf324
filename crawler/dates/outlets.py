"""Find the name of the source in a date line, behind a label or by its form."""

import re
from dataclasses import dataclass

from crawler.dates.writing import in_simplified_labels

_HAN = "\u3400-\u9fff"
_LABEL = re.compile(
    r"(?:本文|文章|信息)来源于\s*:?\s*|(?:(?:消息|信息|文章|稿件|新闻|内容)?(?<!图片)(?<!数据)(?<!资料)来源(?:于|自)?|来自|稿源|出处|转载自|转自|摘自|源自)"
    r"\s*(?:[:|]|(?<=来自)|\s)\s*"
)
_PUBLISHER = re.compile(r"(?:发布机构|发布单位|发布部门|发文机关|发文单位|供稿单位|信息提供|主办单位)\s*:\s*")
# What ends the value: the next field, whether or not a space stands before it.
_FIELDS = (
    r"原标题|作\s*者|责任编辑|网络编辑|责编|编辑|审核|校对|摄影|撰文|文字|关键词|标签|分类|栏目|类别|所属|索引号|文号|用户|字体|字号"
    "|浏览|点击|阅读|访问|人气|评论|收藏|点赞|分享|打印|下载|语音|发布|发表|更新|时间|日期|稿源|来源|信息来源"
)
_NEXT = re.compile(
    rf"[|\n\t]|\s{{2,}}|(?:{_FIELDS})[\w ]{{0,4}}[:【\[(]"
    r"|(?:发布|更新)(?:时间|日期|于)|作者\s|编辑(?!部)|字体|字号|浏览|点击|【|\[|https?:"
    r"|(?:本报|本刊|本网|本社|首席|特约|见习|实习|全媒体)*(?:记者|通讯员)(?!网|协会|站)|\d+人参与|参与互动|返回搜狐"
)
_NOBODY = re.compile(
    "(?:本站|网络|互联网|原创|转载|未知|不详|其他|其它|综合|网友|佚名|匿名|本网|整理|收集|用户|投稿|编辑|发布|采集|自媒体|站内|admin|管理员|转自|来自|小编|本报讯?|本刊|无)+",
    re.IGNORECASE,
)
_PLACE = re.compile(f"[{_HAN}]{{2,6}}(?:省|市|自治区)")  # where a reader's address lies
_PAPER = "(?:日报|晚报|早报|晨报|时报|商报|导报|快报|周报|都市报|参考报|青年报|农民报|学报|证券报|新闻报|[一-龥]报)"
_OUTLET = re.compile(
    rf"(?:[{_HAN}A-Za-z0-9]{{1,12}}?{_PAPER}(?:社|网|客户端|海外版|公众号)?"
    rf"|[{_HAN}A-Za-z0-9]{{1,14}}(?:网|网站|在线|热线|通讯社|电视台|广播电台|总台|卫视|客户端|公众号|杂志|周刊|月刊|学刊|融媒体中心|融媒)"
    rf"|[{_HAN}]{{2}}社|[{_HAN}]{{2,8}}(?:发布|新闻|财经)"
    rf"|[{_HAN}]{{2,20}}(?:人民政府|政府办公室|政府|委员会|发改委|工信委|工信厅|商务厅|厅|局|管委会|宣传部|[市省州县区]\w{{2,8}}委))"
)
_SECTION = re.compile(
    "(?:国内|国际|时政|社会|财经|地方|本地|行业|公司|企业|图片|头条|最新|热点|综合|新闻|政策|信息|权威|数据|通知|公告|要闻|今日|每日|视频|媒体|产业|工作|政务|动态)+"
    "(?:发布|新闻|在线|网)?"
)
_WIRE = re.compile(
    rf"(?:^|[\s(（|])([{_HAN}]{{2,8}}?(?:社|网|日报|晚报|时报|商报|报))[{_HAN}]{{0,8}}[\d月日|\s]*[电讯]"
)
_IMPRINT = re.compile(rf"([{_HAN}]{{2,10}}报)社?(?:出版|主办|主管)")
_TITLE = re.compile(r"《([^》]{2,20}?)》")

_EDGE = " \t\u3000:：,，。;；、·-－—_>|"
_LONGEST = 40  # characters; what is longer is a sentence


@dataclass(slots=True, frozen=True)
class Named:
    """The name of a source and the span of text in which it was found."""

    name: str
    span: tuple[int, int]


def find_source(masked: str, text: str) -> Named | None:
    """Return the source in `text`. `masked` is the same with ASCII separators, and | over all that is a date."""
    labels = in_simplified_labels(masked)
    for pattern in (_LABEL, _PUBLISHER):
        for match in pattern.finditer(labels):
            end = _NEXT.search(labels, match.end())
            value = text[match.end() : end.start() if end else len(text)]
            if name := _name(value):
                return Named(name, (match.start(), match.end() + len(value)))
        if pattern.search(labels):
            return None
    return _by_form(labels, text)


def _name(value: str) -> str | None:
    """Return the name in the value of a source field, or None for 网络, 本站 and the like."""
    value = value.strip(_EDGE)
    if title := re.match(r"[《“\"]([^》”\"]+)[》”\"]", value):
        return title[1]
    name = re.split(r"\s", value, maxsplit=1)[0].strip(_EDGE)
    name = re.sub("[(（](?:原创|转载|记者|作者)?[)）]?$", "", name)
    for opening, closing in ("(（", ")）"), ("【[", "】]"):
        opened, closed = (sum(map(name.count, marks)) for marks in (opening, closing))
        if opened != closed:
            name = re.split(f"[{re.escape(opening if opened > closed else closing)}]", name, maxsplit=1)[0]
    folded = in_simplified_labels(name)
    has_letters = re.search(f"[{_HAN}]", name) or re.fullmatch(r"[A-Za-z][A-Za-z .&]{2,}", name)
    if not has_letters or _NOBODY.fullmatch(folded) or _PLACE.fullmatch(folded) or len(name) > _LONGEST:
        return None
    return name


def _by_form(labels: str, text: str) -> Named | None:
    """Return the first name that has the form of a newspaper, a site, an agency or an office."""
    for pattern in (_WIRE, _IMPRINT, _TITLE):
        if (match := pattern.search(labels)) and (pattern is not _TITLE or _OUTLET.fullmatch(match[1])):
            return Named(text[match.start(1) : match.end(1)], match.span(1))
    for token in re.finditer(r"[^\s|·()（）【】\[\]<>《》/]+", labels):
        name = token[0].strip("-—_.")
        if _OUTLET.fullmatch(name) and not _SECTION.fullmatch(name):
            start = token.start() + token[0].index(name)
            return Named(text[start : start + len(name)], (start, start + len(name)))
    return None
