"""Find the dates and times in a line and tell which one is the time of publishing."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from dateutil import parser
from dateutil.relativedelta import relativedelta

from crawler.dates.writing import in_simplified_labels, number

CST = timezone(timedelta(hours=8), "CST")

_WEEKDAY = r"(?:\s*[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?"
_CLOCK = (
    r"(?:[\s,，T]*(?P<half>上午|下午|晚上|晚间|凌晨|中午|早上|傍晚)?\s*"
    r"(?P<hour>[01]?\d|2[0-3])\s*[:时点]\s*(?P<minute>[0-5]?\d)(?!\d)(?:\s*[:分]\s*(?P<second>[0-5]?\d)(?!\d))?(?:\.\d+)?"
    r"\s*[秒分]?(?P<offset>Z|[+-]\d\d:?\d\d(?!\d))?)?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_COMPACT = rf"(?<![\dA-Za-z_]){_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
_FULL = [
    re.compile(
        rf"{_YEAR}\s*(?:年|[-/.]|\s(?=\s*\d\d?[-/]))\s*{_MONTH}\s*(?:月|[-/.])\s*{_DAY}(?:\s*[日号])?{_WEEKDAY}{_CLOCK}"
    ),
    re.compile(rf"{_COMPACT}(?!\d){_CLOCK}"),
    re.compile(rf"{_COMPACT}(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?(?!\d)"),
    re.compile(rf"(?<![\d:]){_DAY}\s*[\n/]\s*{_YEAR}[-/.年]{_MONTH}月?(?![-/.\d])"),
    re.compile(rf"(?<![\d:]){_MONTH}[-/.]{_DAY}(?:\s+|/){_YEAR}(?![-/.\d年]){_CLOCK}"),
]
_NO_YEAR = [
    re.compile(rf"(?<!\d){_MONTH}\s*月\s*{_DAY}\s*[日号]?{_WEEKDAY}{_CLOCK}"),
    re.compile(rf"(?<![\d第.-]){_MONTH}[-/]{_DAY}(?![-/.\d页期%])(?:{_WEEKDAY}{_CLOCK})"),
]
_ENGLISH = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
    r"(?:\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?\s+\d{4}"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4})"
    r"(?:[,\s]+\d{1,2}:\d\d(?::\d\d)?(?:\s*[AaPp]\.?[Mm]\.?)?(?:\s*(?:GMT|UTC|[+-]\d{4}))?)?"
)
_AGO = re.compile(
    r"((?<!\d)\d{1,3}|半|[一二两三四五六七八九]?十?[一二两三四五六七八九]|[一二三四五六七八九]?十)\s*个?\s*"
    r"(秒钟?|分钟|分|小时|钟头|天|日|周|星期|礼拜|半月|月|年)\s*(?:之|以)?前|刚刚|刚才"
)
_DAY_NAME = re.compile(rf"(?P<name>今天|今日|昨天|昨日|前天|前日){_CLOCK}")
_UNITS = {
    "秒": "seconds", "分": "minutes", "小": "hours", "钟": "hours", "天": "days", "日": "days",
    "周": "weeks", "星": "weeks", "礼": "weeks", "月": "months", "年": "years",
}  # fmt: skip

_OTHER = 9  # a deadline, the day of an event

# How far a label is from "published", the nearest first.
_LABELS = [
    (0, re.compile("(?:发布|发表|刊发|刊登|发稿|出版|上线|发帖|公开)(?:时间|日期|于|日|在)?$")),
    (3, re.compile("(?:更新|修改|编辑|入库|收录|采集|抓取|转载|成文|印发|生成|制发|登记)(?:时间|日期|于|日)?$")),
    (_OTHER, re.compile("(?:截止|截至)$")),
    (
        _OTHER,
        re.compile(
            "(?:截止|有效|失效|废止|生效|施行|实施|开始|结束|活动|开标|报名|会议|举办)(?:时间|日期|期至|于|日|期)$"
        ),
    ),
]
_PLAIN = 1


@dataclass(slots=True, frozen=True)
class Moment:
    """A time that a line names, and where."""

    time: datetime
    precision: str
    start: int
    end: int


def find_moments(text: str, now: datetime | None) -> list[Moment]:
    """Return the times in a normalised line, in its order. Dates without a year count where no full date stands."""
    found = [_full(match) for pattern in _FULL for match in pattern.finditer(text)]
    found += [_english(match) for match in _ENGLISH.finditer(text)]
    moments = _apart([moment for moment in found if moment])
    if not moments and now:
        local = now.astimezone(CST)
        found = [_ago(match, local) for match in _AGO.finditer(text)]
        found += [_named_day(match, local) for match in _DAY_NAME.finditer(text)]
        found += [_without_year(match, local) for pattern in _NO_YEAR for match in pattern.finditer(text)]
        moments = _apart([moment for moment in found if moment])
    return moments


def choose_moment(
    moments: list[Moment], text: str, source: tuple[int, int] | None, now: datetime | None
) -> Moment | None:
    """Return the time of publishing among the times of a line; `source` is where the source is named."""
    ranked = [(_rank(text, moment), moment) for moment in moments]
    ranked = [(rank, moment) for rank, moment in ranked if rank < _OTHER]
    past = [(rank, moment) for rank, moment in ranked if not now or moment.time <= now + timedelta(days=1)]
    if not ranked:
        return None
    best = min(past or ranked, key=lambda pair: pair[0])[1]
    for rank, moment in past:
        if rank <= _PLAIN and source and moment.time < best.time and _adjacent(text, moment, source):
            best = moment  # a mirror prints its own stamp and leaves the original's beside the source
    same_day = [moment for _, moment in ranked if moment.time.date() == best.time.date()]
    return next((moment for moment in same_day if moment.precision == "minute"), best)


def _apart(moments: list[Moment]) -> list[Moment]:
    """Return the moments in order, without those that overlap a longer one."""
    kept: list[Moment] = []
    for moment in sorted(moments, key=lambda moment: moment.start - moment.end):
        if all(moment.end <= other.start or moment.start >= other.end for other in kept):
            kept.append(moment)
    return sorted(kept, key=lambda moment: moment.start)


def _rank(text: str, moment: Moment) -> int:
    label = in_simplified_labels(text[: moment.start]).rstrip(" \t\n:|")
    return next((rank for rank, pattern in _LABELS if pattern.search(label)), _PLAIN)


def _adjacent(text: str, moment: Moment, source: tuple[int, int]) -> bool:
    between = text[moment.end : source[0]] if moment.end <= source[0] else text[source[1] : moment.start]
    return not re.sub(r"[\s:|·\-—(（]|[消信]息|文章|来源|來源|来自|來自", "", between)


def _full(match: re.Match[str]) -> Moment | None:
    return _moment(match, int(match["year"]), int(match["month"]), int(match["day"]))


def _without_year(match: re.Match[str], now: datetime) -> Moment | None:
    """Take the last such day that is not after tomorrow."""
    month, day = int(match["month"]), int(match["day"])
    for year in (now.year, now.year - 1):
        moment = _moment(match, year, month, day)
        if moment and moment.time <= now + timedelta(days=1):
            return moment
    return None


def _named_day(match: re.Match[str], now: datetime) -> Moment | None:
    day = now - timedelta(days="今昨前".index(match["name"][0]))
    return _moment(match, day.year, day.month, day.day)


def _moment(match: re.Match[str], year: int, month: int, day: int) -> Moment | None:
    clock = match.groupdict()
    hour, minute, second = (int(clock.get(name) or 0) for name in ("hour", "minute", "second"))
    if clock.get("half") in {"下午", "晚上", "晚间", "傍晚", "中午"} and hour < 11 + (clock["half"] != "中午"):
        hour += 12
    try:
        time = datetime(year, month, day, hour, minute, second, tzinfo=CST)
    except ValueError:
        return None
    if offset := clock.get("offset"):
        time = parser.isoparse(f"{time:%Y-%m-%dT%H:%M:%S}{offset}").astimezone(CST)
    # Midnight to the second is what a system writes that knows the day only.
    precise = clock.get("hour") is not None and (hour, minute, second) != (0, 0, 0)
    return Moment(time, "minute" if precise else "day", match.start(), match.end())


def _english(match: re.Match[str]) -> Moment | None:
    try:
        time = parser.parse(match[0], default=datetime(2000, 1, 1, tzinfo=CST))
    except (ValueError, OverflowError):
        return None
    return Moment(time.astimezone(CST), "minute" if ":" in match[0] else "day", match.start(), match.end())


def _ago(match: re.Match[str], now: datetime) -> Moment:
    if match[1] is None:
        return Moment(now, "minute", match.start(), match.end())
    unit = match[2].removeprefix("半")
    count = 1 if match[1] == "半" else number(match[1]) if not match[1].isdigit() else int(match[1])
    step = relativedelta(**{_UNITS[unit[0]]: count})  # type: ignore[arg-type]
    time = now - step
    if match[1] == "半":
        time = now - (now - time) / 2
    precise = unit[0] in "秒分小钟"
    return Moment(time if precise else _midnight(time), "minute" if precise else "day", match.start(), match.end())


def _midnight(time: datetime) -> datetime:
    return time.replace(hour=0, minute=0, second=0, microsecond=0)
