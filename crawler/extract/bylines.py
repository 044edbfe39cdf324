"""Who says it (来源) and who wrote it: labels, marked elements, the name beside the date, bylines in head and tail.

A duty editor (责编) is never taken for an author.
"""

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.extract import names
from crawler.extract.page import INLINE

SOURCE = re.compile(r"(?:来源于?|稿源|出处|转自|信息来源)\s*[:：|｜丨]\s*(.{0,60})")
SOURCE_TAIL = re.compile(r"(?<![片图据料])(?:来源|稿源|出处)\s*[:：|｜丨︱]\s*(.{0,60})")
STOPS = re.compile(
    r"\s*(?:[|｜【\[(]|（(?!.{0,12}）)|(?:19|20)\d\d\s?[-/.年]|(?:作者|记者|责任编辑|责编|编辑|选稿|审核|发布|时间|日期|发布时间|原标题|"
    r"浏览|点击|阅读|访问|人气|字号|字体|分享)(?:次数|量|数|人)?\s*[:：]).*$|"
    r"\s+(?:作者|记者|责任编辑|责编|编辑|打印|分享|评论|字号|字体|我要|参与|收藏|关闭|调整|点赞|小字号|大字号|浏览|阅读|点击|选稿).*$"
)
DATED = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|(?<!\d)\d{1,2}-\d{1,2}(?!\d)|\d{1,2}月\d{1,2}日")
UNLIKELY = re.compile(
    r"^(?:打印.*|关闭.*|字号.*|字体.*|分享.*|微信|微博|评论.*|正文|首页|[大中小]|[大中小]字号?|原创|关注|\+关注|订阅|举报|收藏|参与.*|繁体?|简体?|"
    r"听新闻|朗读|手机看.*|下载.*|扫.*|点击.*|我要.*|人参与|独家.*|复制.*|X|A|保存|纠错|作者|视频|图片|发布|发布于|时间|日期|返回.*|.{0,4}首发|图文|"
    r".*空间|.*扫码.*|登录|搜索|QQ|Qzone|朋友圈|转发.*|链接.*)$|^[\W\d]|[。，！？；：…]|\d{2}:\d{2}|来源|^来自|编辑|记者|阅读|浏览|登录|注册|\d{3,}|位置|次$|加载"
)
PLACE_BEFORE = re.compile(r"发布于|IP属地|来自")
SOURCE_MARKS = re.compile(r"(?<!re)source|laiyuan|\bly\b|\bfrom\b|media-?name|origin", re.IGNORECASE)
AUTHOR_MARKS = re.compile(r"author|writer|byline|zuozhe|nickname|account|user-?name", re.IGNORECASE)
SOURCE_METAS = ("contentsource", "source", "mediaid", "og:article:author", "article:author", "copyright-source")
PAIR = re.compile(r"^([\u4e00-\u9fff·\s、]{2,12})[/／]([\u4e00-\u9fffA-Za-z·]{2,16})$")
EDITOR = re.compile(r"(?:责任编辑|责编|编辑|选稿|审核|校对)\s*[:：|｜]?\s*([\u4e00-\u9fff、\s]{2,20})")

LABELLED = re.compile(r"(?:作者|撰文|撰稿|采写|文字?/图|图/文|文|记者|执笔|采访)\s*[:：|｜丨︱/／]\s*(.{2,40})")
SPACED = re.compile(r"^(?:作者|撰文|撰稿|采写|执笔|文|记者)\s+(.{2,40})$")
REPORTERS = re.compile(r"^[\u4e00-\u9fff·—－\-\s]{0,24}?(?:记者|通讯员)\s*[:：]?\s*([\u4e00-\u9fff·].{1,50})$")
OPENING = re.compile(r"^[\u4e00-\u9fff·]{0,14}记者\s?([\u4e00-\u9fff]{2,3}?)(?=\s?\d{1,2}月|\s?报道|\s?北京|\s?从)")
BRACKET = re.compile(
    r"[(（](?:[^()（）]{0,24}?(?:记者|通讯员|作者|撰稿|执笔)|文/图|图/文|文字|文)\s*[:：/／]?\s*([^()（）\n]{2,60})(?:[)）]|$)"
)
WIRE = re.compile(r"^.{0,24}[电讯]\s*[(（]([^()（）]{2,40})[)）]")
LONE = re.compile(r"[(（]\s*([\u4e00-\u9fff·]{2,4}(?:[\s、][\u4e00-\u9fff·]{2,4}){0,3})\s*[)）]\s*$")
HINT = re.compile("记者|作者|撰文|撰稿|采写|执笔|通讯员|采访|文[:：|｜丨︱/／\\s图字]|图/文|[/／]")
ALONE = re.compile(r"(?:作者|记者|撰文)\s*[:：]")
SHORT, EDGE, MARKED = 60, 90, 12


class Spot:
    """A text near the headline; class and id of the elements it stands in are looked up when they are asked for."""

    __slots__ = ("_marks", "node", "text")

    def __init__(self, text: str, node: LexborNode) -> None:
        """`text` is as `labels` reads it, `node` the text node."""
        self.text = text
        self.node = node
        self._marks: str | None = None

    @property
    def marks(self) -> str:
        """Class and id of the inline elements and the first block around the text."""
        if self._marks is None:
            self._marks = ""
            node = self.node.parent
            for _ in range(2):
                if node is None:
                    break
                attributes = node.attributes
                if attributes:
                    self._marks += f" {attributes.get('class') or ''} {attributes.get('id') or ''}"
                if node.tag_id not in INLINE:
                    break
                node = node.parent
        return self._marks


class Named(NamedTuple):
    """A name and why it was taken."""

    name: str | None
    why: str = ""


def source(header: list[Spot], tail: list[str], metas: dict[str, str]) -> Named:
    """Return the source; `header` are the texts around the headline, `tail` first and last lines of the container."""
    return (
        _labelled_source(header)
        or _marked_source(header)
        or _tail_source(tail)
        or _account(header)
        or _meta_source(metas, trusted=True)
        or _beside_date(header)
        or _meta_source(metas, trusted=False)
        or Named(None)
    )


def _labelled_source(header: list[Spot]) -> Named | None:
    for index, spot in enumerate(header):
        found = SOURCE.search(spot.text)
        if not found:
            continue
        name = tidy(found[1])
        if name:
            return Named(name, "label")
        if STOPS.match(found[1]):
            continue
        for follower in header[index + 1 : index + 3]:
            name = tidy(follower.text)
            if name and not UNLIKELY.search(name) and len(name) <= 30:
                return Named(name, "label and what follows it")
            if name:
                break
    return None


def _marked_source(header: list[Spot]) -> Named | None:
    for spot in header:
        if SOURCE_MARKS.search(spot.marks):
            pair = PAIR.match(spot.text)
            name = tidy(pair[2] if pair else spot.text)
            if _plausible(name):
                return Named(name, "element marked as source")
    return None


def _tail_source(tail: list[str]) -> Named | None:
    for text in tail:
        if len(text) <= SHORT and (found := SOURCE_TAIL.search(text)):
            name = tidy(found[1]).rstrip("）)】]")
            if 2 <= len(name) <= 20 and not UNLIKELY.search(name):
                return Named(name, "label in the text")
    return None


def _account(header: list[Spot]) -> Named | None:
    for spot in header:
        if pair := PAIR.match(spot.text):
            if not names.NOT_A_PERSON.search(pair[1]):
                return Named(tidy(pair[2]), "name/source")
        elif AUTHOR_MARKS.search(spot.marks) and _plausible(name := tidy(spot.text)) and not names.has_surname(name):
            return Named(name, "account name")
    return None


def _beside_date(header: list[Spot]) -> Named | None:
    dated = next((index for index, spot in enumerate(header) if DATED.search(spot.text)), -1)
    if dated < 0:
        return None
    rest = DATED.split(header[dated].text)[-1].lstrip("0123456789:：日-年月. ")
    if _plausible(rest.strip()) and len(rest) >= 3:
        return Named(tidy(rest), "behind the date")
    for index in (dated - 1, dated + 1, dated - 2, dated + 2):
        if 0 <= index < len(header):
            name = tidy(header[index].text)
            before = header[index - 1].text if index else ""
            if _plausible(name) and not PLACE_BEFORE.search(before):
                return Named(name, "beside the date")
    return None


def _plausible(name: str) -> bool:
    return 2 <= len(name) <= 14 and not UNLIKELY.search(name) and not DATED.search(name)


def _meta_source(metas: dict[str, str], *, trusted: bool) -> Named | None:
    for key in SOURCE_METAS[:3] if trusted else SOURCE_METAS[3:]:
        name = tidy(metas.get(key, "").split("：")[-1])
        if 2 <= len(name) <= 20 and not name.isascii() and not UNLIKELY.search(name):
            return Named(name, f"meta {key}")
    return None


def tidy(text: str) -> str:
    """Return a source's name without what stands behind it on the line."""
    return STOPS.sub("", " ".join(text.split())).strip(" :：|·-—>/")


def named_source(text: str) -> str | None:
    """Return the source out of a text that is known to name it."""
    found = SOURCE.search(text)
    return tidy(found[1] if found else text) or None


def named_author(text: str) -> str | None:
    """Return the author out of a text that is known to name one."""
    found = LABELLED.search(text)
    return names.read(found[1] if found else text, labelled=True) or " ".join(text.split()) or None


def author(header: list[Spot], body: list[str], tail: list[str], metas: dict[str, str]) -> Named:
    """Return the author out of the texts around the headline, then of the first and last paragraphs."""
    if found := _header_author(header) or _body_author(body, tail):
        return found
    found = _marked_author(header) or _signature(body)
    if found is None:
        return Named(None)
    editors = _editors([*(spot.text for spot in header), *tail]) | set(metas.get("author", "").split())
    return Named(None) if found.name in editors else found


def _editors(texts: list[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        if "编" in text and (match := EDITOR.search(text)):
            found |= set(names.read(match[1], labelled=True).split())
    return found


def _header_author(header: list[Spot]) -> Named | None:
    for index, spot in enumerate(header):
        text = spot.text
        if not HINT.search(text):
            continue
        following = header[index + 1].text if index + 1 < len(header) else ""
        if ALONE.fullmatch(text) and len(following) <= 20 and not UNLIKELY.search(following):
            text += following
        name = _by_label(text)
        if name and not ("编" in following and name in following):
            return Named(name, "byline under the headline")
        pair = PAIR.match(text)
        if pair and (name := names.read(pair[1], labelled=False)):
            return Named(name, "name/source")
    return None


def _marked_author(header: list[Spot]) -> Named | None:
    for spot in header:
        if len(spot.text) <= MARKED and AUTHOR_MARKS.search(spot.marks):
            name = names.read(spot.text, labelled=False)
            if name and len(name) == len(spot.text):
                return Named(name, "element marked as author")
    return None


def _by_label(text: str) -> str:
    for pattern, labelled in ((LABELLED, True), (SPACED, True), (REPORTERS, False)):
        match = pattern.search(text)
        if match and "摄" not in text and (name := names.read(match[1], labelled=labelled)):
            return name
    return ""


def _body_author(body: list[str], tail: list[str]) -> Named | None:
    for text in dict.fromkeys([*body[:3], *reversed(body[-3:]), *tail]):
        edges = text
        if len(text) > SHORT:
            edges = f"{text[:EDGE]}\n{text[-EDGE:]}"
        elif HINT.search(text) and (name := _by_label(text)):
            return Named(name, "byline in the text")
        if ("(" in edges or "（" in edges) and (name := _by_bracket(edges)):
            return Named(name, "bracket")
    opening = OPENING.match(body[0]) if body else None
    return Named(opening[1], "opening words") if opening and names.has_surname(opening[1]) else None


def _signature(body: list[str]) -> Named | None:
    """Return the lone name in brackets at the very end, with which reporters sign."""
    match = LONE.search(body[-1][-EDGE:]) if body and body[-1][-1] in ")）" else None
    name = names.read(match[1], labelled=False) if match else ""
    return Named(name, "signature") if name else None


def _by_bracket(text: str) -> str:
    for match in BRACKET.finditer(text):
        if "摄" not in match[0] and (name := names.read(match[1], labelled=True)):
            return name
    wire = WIRE.match(text)
    return names.read(wire[1], labelled=False) if wire else ""
