"""The publication time: the visible date near the headline first, the metadata to add or confirm."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.dates import CST

STAMP = re.compile(
    r"((?:19|20)(?<!\d\d\d)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s*日?号?"
    r"(?:[\sT,，|]*(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?)?[\sT,，|]*(下午|晚上|晚|上午|早上)?\s?(\d{1,2})\s?[:：时]\s?(\d{2})(?!\d))?"
)
BAD = re.compile(
    r"(?:今天是?|现在是?|当前(?:时间|日期)|页面生成|生成时间|制作时间|服务器时间|截止|有效期|成文日期|生效日期|注册|备案|Copyright|©)\D{0,12}$",
    re.IGNORECASE,
)
SPLIT = re.compile(r"((?:19|20)\d\d)\s+(\d{1,2})\s*[-/月]\s*(\d{1,2})\s+")
SCRIPTED = re.compile(
    rb"(?:date_?published|pub_?date|publish_?time|publish_?date|pub_?time|create_?time|[^\w]ct)[\"']?\s*[:=]\s*[\"']"
    rb"(\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2})?|1\d{9}(?=[\"']))",
    re.IGNORECASE,
)
SCRIPT_HINTS = (
    b"ublish",
    b"ub_date",
    b"ubDate",
    b"ubdate",
    b"ubTime",
    b"ubtime",
    b"reateTime",
    b"reate_time",
    b"ct =",
    b"ct=",
)
AFTERNOON = ("下午", "晚上", "晚")
YEARLESS = re.compile(r"(?<![\d/年.-])(\d{1,2})\s?[-/月]\s?(\d{1,2})日?\s+(\d{1,2})\s?[:：]\s?(\d{2})(?!\d)")
IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?(\d{2})[-/_]?(\d{2})(?!\d)")
TODAY = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?\s*(?:星期|周)[一二三四五六日天](?!\s*\d{1,2}:)"
)
LABEL = re.compile(r"(?:发布|发表|发稿|发文|上传|公布|更新|刊发|录入)?(?:时间|日期|于|日)\s*[:：]?\s*\D{0,4}$")
METAS = (
    *("pubdate", "publishdate", "article:published_time", "og:published_time", "publish_time", "publishtime"),
    *("datepublished", "og:release_date", "apub:time", "bytedance:published_time", "weibo:article:create_at"),
    *("firstpublishdate", "date", "published", "article:create_at", "dc.date.issued", "others", "_pubtime"),
    *("contentdate", "createdate", "publicationdate", "og:time", "dateupdate", "datemodified", "article:modified_time"),
)


class Found(NamedTuple):
    """A time, its precision and why it was taken."""

    time: datetime
    precision: str
    reason: str


def stamps(text: str) -> list[tuple[datetime, bool, int]]:
    """Return each date in the text: time, whether a clock time was given, where it begins."""
    found = []
    for match in STAMP.finditer(text) if "20" in text or "19" in text else ():
        year, month, day, half, hour, minute = match.groups()
        clock = hour is not None and int(hour) < 24 and int(minute) < 60
        hours, minutes = (int(hour), int(minute)) if clock else (0, 0)
        clock = hours + minutes > 0  # midnight sharp is what a machine writes that knows only the day
        if half in AFTERNOON and 0 < hours < 12:
            hours += 12
        try:
            time = datetime(int(year), int(month), int(day), hours, minutes, tzinfo=CST)
        except ValueError:
            continue
        found.append((time, clock, match.start()))
    return found


class Places(NamedTuple):
    """Where a page may show its time."""

    near: str  # the text around the headline
    before: str  # what precedes the headline
    behind: str  # the last lines of the article
    metas: dict[str, str]
    url: str
    html: bytes


def find(places: Places, now: datetime) -> Found | None:
    """Return the publication time: what is seen beside the headline, else what other places of the page say."""
    limit = now + timedelta(days=1)
    seen = visible(places.near, limit, "beside the headline")
    if seen is not None and seen.precision == "minute":
        return seen
    meta = _meta(places.metas, limit)
    if seen is None:
        address = _address(places.url, limit)
        return (
            _yearless(places.near, meta or address)
            or meta
            or visible(TODAY.sub(" ", places.before), limit, "before the headline")
            or _scripted(places.html, limit)
            or address
            or visible(places.behind, limit, "behind the article")
        )
    if meta is not None and meta.precision == "minute" and meta.time.date() == seen.time.date():
        return Found(meta.time, "minute", f"{seen.reason}, clock from {meta.reason}")
    return seen


def _scripted(html: bytes, limit: datetime) -> Found | None:
    """Return the time that structured data or a script of the page names."""
    if not any(map(html.__contains__, SCRIPT_HINTS)):
        return None
    for match in SCRIPTED.finditer(html):
        value = match[1].decode("ascii")
        if value.isdigit():
            found = Found(datetime.fromtimestamp(int(value), CST).replace(second=0), "minute", "a script")
        else:
            stamp = visible(value.replace("T", " "), limit, "a script")
            if stamp is None:
                continue
            found = stamp
        if found.time <= limit:
            return found
    return None


def _yearless(near: str, known: Found | None) -> Found | None:
    """Return the clock time of a date shown without its year, if another place gives the same day with the year."""
    match = YEARLESS.search(near) if known is not None else None
    if match is None or known is None:
        return None
    month, day, hour, minute = map(int, match.groups())
    if (month, day) != (known.time.month, known.time.day) or hour > 23 or minute > 59:
        return None
    return Found(
        known.time.replace(hour=hour, minute=minute), "minute", f"beside the headline, year from {known.reason}"
    )


def _address(url: str, limit: datetime) -> Found | None:
    match = IN_ADDRESS.search(url)
    if match is None:
        return None
    try:
        time = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=CST)
    except ValueError:
        return None
    return Found(time, "day", "the address") if time <= limit else None


def visible(text: str, limit: datetime, reason: str) -> Found | None:
    """Return the best date of a text: early, with a clock, behind a label."""
    best, top = None, 0.0
    for order, (time, clock, start) in enumerate(stamps(text) or stamps(SPLIT.sub(r"\1-\2-\3 ", text))):
        before = text[max(0, start - 24) : start]
        if time > limit or BAD.search(before):
            continue
        score = 3.0 - 0.3 * order + (2.0 if clock else 0.0) + (1.5 if LABEL.search(before) else 0.0)
        if score > top:
            best, top = Found(time, "minute" if clock else "day", reason), score
    return best


def _meta(metas: dict[str, str], limit: datetime) -> Found | None:
    for name in METAS:
        value = metas.get(name)
        if value:
            for time, clock, _ in stamps(value.replace("T", " ")):
                if time <= limit:
                    return Found(_zoned(time, value), "minute" if clock else "day", f"meta {name}")
    return None


def _zoned(time: datetime, value: str) -> datetime:
    return time + timedelta(hours=8) if value.endswith(("Z", "+00:00")) else time
