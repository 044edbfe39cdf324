"""Who says it (来源): the label, a marked element, the account, the name beside the date, the metadata."""

import re

from crawler.extract import names
from crawler.extract.spots import AUTHOR_MARKS, PAIR, SHORT, UNLIKELY, Named, Spot

SOURCE = re.compile(r"(?:来\s?源于?|稿源|出处|转自|信息来源|供稿单位|供稿)\s*[:：|｜丨]\s*(.{0,60})")
SOURCE_TAIL = re.compile(r"(?<![片图据料])(?:来源|稿源|出处)\s*[:：|｜丨︱]\s*(.{0,60})")
STOPS = re.compile(
    r"\s+[∙·•].*$|\s?记者.*$|\s+[\u4e00-\u9fff]{2,6}\s?[:：].*$|"
    r"\s*(?:[|｜【\[(]|（(?!.{0,12}）)|(?:19|20)\d\d\s?[-/.年]|(?:作者|记者|责任编辑|责编|编辑|选稿|审核|发布|时间|日期|发布时间|原标题|"
    r"浏览|点击|阅读|访问|人气|字号|字体|分享)(?:次数|量|数|人)?\s*[:：]).*$|"
    r"\s+(?:作者|记者|责任编辑|责编|编辑|打印|分享|评论|字号|字体|我要|参与|收藏|关闭|调整|点赞|小字号|大字号|浏览|阅读|点击|选稿).*$"
)
DATED = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|(?<!\d)\d{1,2}-\d{1,2}(?!\d)|\d{1,2}月\d{1,2}日")
CLOCK = re.compile(r"^(?:[上下中]午|早上|晚上|凌晨|傍晚)[\d:：时分秒\s]*")
PLACE_BEFORE = re.compile(r"发布于|IP属地|来自")
SOURCE_MARKS = re.compile(r"(?<!re)source|laiyuan|\bly\b|\bfrom\b|media-?name|origin", re.IGNORECASE)
SOURCE_METAS = ("contentsource", "source", "mediaid", "og:article:author", "article:author", "copyright-source")


def find(header: list[Spot], tail: list[str], metas: dict[str, str]) -> Named:
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


def behind(texts: list[str]) -> Named:
    """Return the source that a label names in the texts right behind the article."""
    found = next((text for text in texts if SOURCE_TAIL.match(text.lstrip("（([【"))), None)
    return (_tail_source([found]) if found else None) or Named(None)


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
    first, *_, last = DATED.split(header[dated].text)
    for piece in ("" if "：" in first or ":" in first else first, last):
        name = tidy(CLOCK.sub("", piece.strip("0123456789:：日-年月./ |")))
        if len(name) >= 3 and _plausible(name):
            return Named(name, "in the text of the date")
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
    return STOPS.sub("", " ".join(text.split())).strip(" :：|·-—>/《》")


def named(text: str) -> str | None:
    """Return the source out of a text that is known to name it."""
    found = SOURCE.search(text)
    return tidy(found[1] if found else text) or None
