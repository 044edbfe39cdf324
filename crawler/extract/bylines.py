"""Who wrote it: bylines under the headline, in the first and last paragraphs. A duty editor (责编) is no author."""

import re

from crawler.extract import names
from crawler.extract.spots import AUTHOR_MARKS, PAIR, SHORT, UNLIKELY, Named, Spot

EDITOR = re.compile(r"(?:责任编辑|责编|编辑|选稿|审核|校对)\s*[:：|｜]?\s*([\u4e00-\u9fff、\s]{2,20})")
LABELLED = re.compile(
    r"(?:作者|撰文|撰稿|采写|文字?/图|图/文|(?<![全正原本公论征译])文字?|记者|执笔|采访)\s*[:：|｜丨︱/／]\s*(.{2,40})"
)
SPACED = re.compile(r"(?:^|[|｜]\s*)(?:作者|撰文|撰稿|采写|执笔|文|记者)\s+(.{2,40})$")
REPORTERS = re.compile(r"^[■□◎●▲★\u4e00-\u9fff·—－\-\s]{0,24}?(?:记者|通讯员)\s*[:：]?\s*([\u4e00-\u9fff·].{1,50})$")
OPENING = re.compile(r"^[\u4e00-\u9fff·\s]{0,14}记者\s?([\u4e00-\u9fff]{2,3}?)(?=\s?\d{1,2}月|\s?报道|\s?北京|\s?从)")
BRACKET = re.compile(
    r"[(（](?:[^()（）]{0,24}?(?:记者|通讯员|作者|撰稿|执笔)|文/图|图/文|文字|文)\s*[:：/／]?\s*([^()（）\n]{2,60})(?:[)）]|$)"
)
WIRE = re.compile(r"^.{0,24}[电讯]\s*[(（]([^()（）]{2,40})[)）]")
LONE = re.compile(r"[(（]\s*([\u4e00-\u9fff·]{2,4}(?:[\s、][\u4e00-\u9fff·]{2,4}){0,3})\s*[)）]\s*$")
HINT = re.compile("记者|作者|撰文|撰稿|采写|执笔|通讯员|采访|文[:：|｜丨︱/／\\s图字]|图/文|[/／]")
ALONE = re.compile(r"(?:作者|记者|撰文)\s*[:：]")
PHOTO = re.compile(r"摄(?!影\s*[:：])")
ROLES = ("记者", "作者", "通讯员", "撰稿", "执笔", "文")
EDGE, MARKED = 90, 12


def named(text: str) -> str | None:
    """Return the author out of a text that is known to name one."""
    found = LABELLED.search(text)
    named = found[1] if found else re.sub(r"^\s*[^：:]{1,6}[：:]", "", text)  # a desk is no name, but an author
    return names.read(named, labelled=True) or " ".join(named.split()) or None


def find(header: list[Spot], body: list[str], tail: list[str], metas: dict[str, str]) -> Named:
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
        if len(spot.text) <= MARKED and names.may_begin(spot.text) and AUTHOR_MARKS.search(spot.marks):
            name = names.read(spot.text, labelled=False)
            if name and len(name) == len(spot.text):
                return Named(name, "element marked as author")
    return None


def _by_label(text: str) -> str:
    for pattern, labelled in ((LABELLED, True), (SPACED, False), (REPORTERS, False)):
        match = pattern.search(text)
        if match and not PHOTO.search(text) and (name := names.read(match[1], labelled=labelled)):
            return name
    return ""


def _body_author(body: list[str], tail: list[str]) -> Named | None:
    for text in dict.fromkeys([*body[:3], *reversed(body[-3:]), *tail]):
        if len(text) <= SHORT and HINT.search(text) and (name := _by_label(text)):
            return Named(name, "byline in the text")
        if "（" in text or "(" in text:
            edges = text if len(text) <= SHORT else f"{text[:EDGE]}\n{text[-EDGE:]}"
            if name := _by_bracket(edges):
                return Named(name, "bracket")
    opening = OPENING.match(body[0]) if body else None
    return Named(opening[1], "opening words") if opening and names.has_surname(opening[1]) else None


def _signature(body: list[str]) -> Named | None:
    """Return the lone name in brackets at the very end, with which reporters sign."""
    match = LONE.search(body[-1][-EDGE:]) if body and body[-1][-1] in ")）" else None
    name = names.read(match[1], labelled=False) if match else ""
    return Named(name, "signature") if name else None


def _by_bracket(text: str) -> str:
    if any(map(text.__contains__, ROLES)):
        for match in BRACKET.finditer(text):
            if not PHOTO.search(match[0]) and (name := names.read(match[1], labelled=True)):
                return name
    wire = WIRE.match(text) if "电" in text or "讯" in text else None
    return names.read(wire[1], labelled=False) if wire else ""
