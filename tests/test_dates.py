"""Date lines of our own, in the ways that Chinese sites glue them."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dates import CST, parse_dateline

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=CST)
SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared")

LINES = [
    # line, time, source
    ("2021-05-1710:20来源:新华网作者:某某", "2021-05-17 10:20", "新华网"),
    ("来源：甘肃日报2021-05-17 08:38|编辑：某某", "2021-05-17 08:38", "甘肃日报"),
    ("发布时间：2021-05-17 09:30:12点击：", "2021-05-17 09:30", None),
    ("阅读:3562021-05-17", "2021-05-17", None),
    ("2021\n05/17\n10:02", "2021-05-17 10:02", None),
    ("17\n2021-05", "2021-05-17", None),
    ("05-17\n2021", "2021-05-17", None),
    ("20210517 来源：兰州日报", "2021-05-17", "兰州日报"),
    ("20210517 10:20", "2021-05-17 10:20", None),
    ("202105171020", "2021-05-17 10:20", None),
    ("2021－05－17　10：20：30", "2021-05-17 10:20", None),
    ("２０２１年５月１７日", "2021-05-17", None),
    ("2021年5月17日 星期一 下午3:05", "2021-05-17 15:05", None),
    ("2021年5月17日9时5分", "2021-05-17 09:05", None),
    ("二〇二一年五月十七日", "2021-05-17", None),
    ("二零二五年十二月二十五日 来源：青海日报", "2025-12-25", "青海日报"),
    ("2021-05-17T02:20:30Z", "2021-05-17 10:20", None),
    ("Mon, 17 May 2021 02:20:30 GMT", "2021-05-17 10:20", None),
    ("May 17, 2021", "2021-05-17", None),
    ("2021-05-17 00:00:00", "2021-05-17", None),
    ("發(fā)布時(shí)間:2021-05-17 11:23:00來源: 中國新聞網", "2021-05-17 11:23", "中國新聞網"),
    ("2021年05月17日 22:11   來(lái)源:經(jīng)濟觀察", "2021-05-17 22:11", "經濟觀察"),
    ("發佈日期：2021/05/17 來源：大公報", "2021-05-17", "大公報"),
    ("2021-02-30 来源：新华网", None, "新华网"),
    ("2021年05期,第20-25页", None, None),
    ("二〇二一年五月", None, None),
    # several dates
    ("发布于:2021-05-17 更新于:2022-06-23 来自:安徽省发改委", "2021-05-17", "安徽省发改委"),
    ("更新时间：2022-06-23 发布时间：2021-05-17", "2021-05-17", None),
    ("成文日期：2021-04-30 发布日期：2021-05-17", "2021-05-17", None),
    ("入库时间:2021-05-17|字体:|\n来源:安徽省国资委", "2021-05-17", "安徽省国资委"),
    ("截止日期：2026-10-31 发布时间：2026-09-20", "2026-09-20", None),
    ("发布时间：2025-12-31 来源：人民日报 2021-05-17 10:20", "2021-05-17 10:20", "人民日报"),
    ("2021-05-17 来源：工人日报 发布时间：2021-05-17 10:20", "2021-05-17 10:20", "工人日报"),
    ("全省承接产业转移工作会议 2021-05-17", "2021-05-17", None),
    ("会议时间：2026-10-31 发布时间：2026-09-20", "2026-09-20", None),
    # relative and without a year
    ("3小时前", "2026-11-25 12:30", None),
    ("半小时前 来源：财联社", "2026-11-25 15:00", "财联社"),
    ("十二分钟前", "2026-11-25 15:18", None),
    ("刚刚", "2026-11-25 15:30", None),
    ("今天08:05", "2026-11-25 08:05", None),
    ("昨天 10:20", "2026-11-24 10:20", None),
    ("前天", "2026-11-23", None),
    ("两天前", "2026-11-23", None),
    ("1个月前", "2026-10-25", None),
    ("11-24 10:20", "2026-11-24 10:20", None),
    ("12月30日", "2025-12-30", None),
    ("新华社北京5月17日电（记者 某某）", "2026-05-17", "新华社"),
    # the source
    ("2021-05-17 08:37 环球网", "2021-05-17 08:37", "环球网"),
    ("四川日報 · 2021-05-17", "2021-05-17", "四川日報"),
    ("2021-05-17 - 兰州发布", "2021-05-17", "兰州发布"),
    ("百检网 2021-05-17", "2021-05-17", "百检网"),
    ("(5月17日《浙江日报》)", "2026-05-17", "浙江日报"),
    ("国内统一刊号:CN00-0000 陇东南日报社出版\n2021年5月17日", "2021-05-17", "陇东南日报"),
    ("2021-05-17 来源:《江淮学刊》2021年05期,第20-25页", "2021-05-17", "江淮学刊"),
    ("关键词 制造业|2021-05-17 09:03|来源 经济参考报", "2021-05-17 09:03", "经济参考报"),
    ("2021-05-17 来源: 商务部网站首席记者 某某", "2021-05-17", "商务部网站"),
    ("2021-05-17 来源：湖南省工业和信息化厅（原创）", "2021-05-17", "湖南省工业和信息化厅"),
    ("【来源：新华社】2021-05-17", "2021-05-17", "新华社"),
    ("2021-05-17 来源：人民网－人民日报", "2021-05-17", "人民网－人民日报"),
    ("发布机构：国务院办公厅 发文日期：2021年05月17日", "2021-05-17", "国务院办公厅"),
    ("2021-05-17 来源：36氪", "2021-05-17", "36氪"),
    ("2021-05-17 来源:网络整理 编辑:科技教育", "2021-05-17", None),
    ("2021-05-17 来源: sp20210517", "2021-05-17", None),
    ("2021-05-17 来源: 用户: ", "2021-05-17", None),
    ("2021-05-17 来源：本站 点击：123", "2021-05-17", None),
    ("2021-05-17 10:20 来自内蒙古自治区249人参与49评论", "2021-05-17 10:20", None),
    ("本文来源于国家统计局 2021-05-17 10:20", "2021-05-17 10:20", "国家统计局"),
    ("图片来源：某摄影社 2021-05-17 来源：青海日报", "2021-05-17", "青海日报"),
    ("2021-05-17 来源：求是网参与互动", "2021-05-17", "求是网"),
    ("某某/中国青年报 2021-05-17 09:10", "2021-05-17 09:10", "中国青年报"),
    ("国家统计局：上半年收到最新情报，涨价了 2021-05-17", "2021-05-17", None),
    ("2021年5月17日，工人们正在铺设防护网，以防落石。", "2021-05-17", None),
    ("2021-05-17张三李四", "2021-05-17", None),
    ("2021年05月17日张三 | 李四", "2021-05-17", None),
    ("首页 > 国内新闻 2021-05-17", "2021-05-17", None),
    ("http://www.example.com 2021-05-17", "2021-05-17", None),
    ("", None, None),
]


@pytest.mark.parametrize(("line", "time", "source"), LINES)
def test_line(line: str, time: str | None, source: str | None) -> None:
    found = parse_dateline(line, now=NOW)
    day_only = time is not None and len(time) == len("2021-05-17")
    assert found.precision == (None if time is None else "day" if day_only else "minute")
    assert (found.publish_time and f"{found.publish_time:%Y-%m-%d %H:%M}"[: 10 if day_only else 16]) == time
    assert found.source == source
    assert found.publish_time is None or found.publish_time.utcoffset() == timedelta(hours=8)


def test_without_now_what_needs_it_gives_no_time() -> None:
    for line in ("3小时前", "昨天 10:20", "11-24 10:20", "中新网兰州3月24日电 (记者 某某)"):
        assert parse_dateline(line).publish_time is None
    assert parse_dateline("中新网兰州3月24日电 (记者 某某)").source == "中新网"


def test_now_may_be_in_any_zone() -> None:
    now = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # 01:00 of the 25th in Shanghai
    assert parse_dateline("今天 00:30", now=now).publish_time == datetime(2026, 11, 25, 0, 30, tzinfo=CST)


@given(
    time=st.builds(
        lambda day, clock: datetime.combine(day, clock, CST),
        st.dates(date(1995, 1, 1), date(2035, 12, 31)),
        st.times(),
    ),
    pattern=st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y/%m/%d%n%H:%M", "%Y.%m.%d %H：%M", "%Y-%m-%d%H:%M"]
    ),
    before=st.sampled_from(["", "发布时间：", "時間:", "来源：光明日报 ", "点击:12 日期:"]),
    after=st.sampled_from(["", "来源：新华网", " 浏览：123", "|字号：大 中 小", "点击："]),
)
def test_every_minute_is_read_in_every_dress(time: datetime, pattern: str, before: str, after: str) -> None:
    line = f"{before}{time.strftime(pattern)}{after}"
    found = parse_dateline(line).publish_time
    assert found is not None
    assert found.replace(second=0) == time.replace(second=0, microsecond=0)


@given(st.text(alphabet="0123456789年月日-/: 前时分来源发布：昨天二〇十五Tz+《》（(|\n", max_size=40))
def test_no_line_is_too_strange(line: str) -> None:
    found = parse_dateline(line, now=NOW)
    assert (found.publish_time is None) == (found.precision is None)


@pytest.mark.skipif(not (SHARED / "sets/dates.dev.jsonl").exists(), reason="the development set is not here")
def test_development_set() -> None:
    rows = [json.loads(line) for line in (SHARED / "sets/dates.dev.jsonl").read_text("utf-8").splitlines()]
    found = [parse_dateline(row["raw"]) for row in rows]
    dates = [line.publish_time and line.publish_time.date().isoformat() for line in found]
    assert sum(date == row["date"] for date, row in zip(dates, rows, strict=True)) >= 0.98 * len(rows)
    assert sum(line.source == row["source"] for line, row in zip(found, rows, strict=True)) >= 0.95 * len(rows)


def test_naive_now_is_beijing_time() -> None:
    moment = datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001
    assert parse_dateline("3小时前", now=moment) == parse_dateline("3小时前", now=moment.replace(tzinfo=CST))
