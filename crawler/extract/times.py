"""The publication time: the visible date near the headline first, the metadata to add or confirm."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.dates import CST

STAMP = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s*日?号?"
    r"(?:[\sT,，|]*(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?)?[\sT,，|]*(\d{1,2})\s?[:：时]\s?(\d{2})(?!\d))?"
)
BAD = re.compile(
    r"(?:今天是?|现在是?|当前(?:时间|日期)|页面生成|生成时间|制作时间|服务器时间|截止|有效期|成文日期|生效日期|注册|备案|Copyright|©)\D{0,12}$",
    re.IGNORECASE,
)
SPLIT = re.compile(r"((?:19|20)\d\d)\s+(\d{1,2})\s*[-/月]\s*(\d{1,2})\s+")
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
    for match in STAMP.finditer(text):
        year, month, day, hour, minute = match.groups()
        clock = hour is not None and int(hour) < 24 and int(minute) < 60
        try:
            time = datetime(
                int(year), int(month), int(day), int(hour) if clock else 0, int(minute) if clock else 0, tzinfo=CST
            )
        except ValueError:
            continue
        found.append((time, clock, match.start()))
    return found


def find(near: str, before: str, behind: str, metas: dict[str, str], url: str, now: datetime) -> Found | None:
    """Return the publication time.

    `near` is the text around the headline, `before` what precedes it, `behind` the last lines of the article.
    """
    limit = now + timedelta(days=1)
    seen = _visible(near, limit, "beside the headline")
    meta = _meta(metas, limit)
    if seen is None:
        address = _address(url, limit)
        return (
            _yearless(near, meta or address)
            or meta
            or _visible(TODAY.sub(" ", before), limit, "before the headline")
            or address
            or _visible(behind, limit, "behind the article")
        )
    if (
        meta is not None
        and seen.precision == "day"
        and meta.precision == "minute"
        and meta.time.date() == seen.time.date()
    ):
        return Found(meta.time, "minute", f"{seen.reason}, clock from {meta.reason}")
    return seen


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


def _visible(text: str, limit: datetime, reason: str) -> Found | None:
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
                    midnight = clock and time.hour == time.minute == 0
                    return Found(_zoned(time, value), "minute" if clock and not midnight else "day", f"meta {name}")
    return None


def _zoned(time: datetime, value: str) -> datetime:
    return time + timedelta(hours=8) if value.endswith(("Z", "+00:00")) else time
