"""List pages of our own writing: which links are the list, what they are called, when, and what comes next."""

from datetime import date, datetime

import pytest

from crawler.dates import CST
from crawler.extract import extract_links, extract_list

URL = "https://gxj.example.cn/zwgk/tzgg/index.html"
NOW = datetime(2026, 3, 5, 8, 0, tzinfo=CST)
TITLES = [
    "关于公布2026年第一批承接产业转移项目名单的通知",
    "江城市工业和信息化局关于开展设备更新贴息申报的公告",
    "全市工程机械产业链供需对接会在青川工业园举行",
    "西山开发区驾驶室总成项目竣工投产",
    "江城市召开一季度工业经济运行调度会",
    "关于组织参加国际工程机械展览会的函",
]
DAYS = [date(2026, 3, 4), date(2026, 3, 2), date(2026, 2, 27), date(2026, 2, 20), date(2026, 1, 15), date(2025, 12, 30)]
NAV = "".join(
    f'<li><a href="/{n}/">{name}</a></li>' for n, name in enumerate(["首页", "政务公开", "政策解读", "互动交流"])
)
HOT = "".join(f'<li><a href="/hot/{n}.html">江城市政府网站年度工作报表及说明第{n}号（全文）</a></li>' for n in range(8))
FRAME = f"""<html><head><meta charset="utf-8"><title>通知公告</title></head><body><div class="nav"><ul>{NAV}</ul></div>
<div class="left-menu"><ul><li><a href="/zwgk/zcwj/">政策文件</a></li></ul></div>
<div class="main"><div class="rows">%s</div></div><div class="right hot"><h3>点击排行</h3><ul>{HOT}</ul></div>
<div class="footer"><a href="/about.html">关于我们及网站使用说明（无障碍）</a></div></body></html>"""


def address(number: int) -> str:
    day = DAYS[number]
    return f"./{day:%Y%m}/t{day:%Y%m%d}_{5919200 + number}.shtml"


def rows(form: str) -> str:
    filled = []
    for number, (title, day) in enumerate(zip(TITLES, DAYS, strict=True)):
        first = "first" if number == 0 else "odd"
        filled.append(
            form.format(url=address(number), title=title, cut=title[:14] + "…", day=day, n=number, first=first)
        )
    return "".join(filled)


FORMS = {
    "list": rows('<li class="{first}"><a href="{url}" title="{title}">{cut}</a><span>{day}</span></li>'),
    "month_day": rows('<li><span>[{day:%m-%d}]</span><a href="{url}">{title}</a></li>'),
    "table": "<table>"
    + rows('<tr><td>{n}</td><td><a href="{url}">{title}</a></td><td>{day:%Y/%m/%d}</td></tr>')
    + "</table>",
    "definition": "<dl>" + rows('<dt><a href="{url}">{title}</a></dt><dd>{day:%Y年%m月%d日}</dd>') + "</dl>",
    "flat": rows('·<a href="{url}">{title}</a> <span>({day})</span><br>'),
    "flat_before": rows('<i>{day}</i> <a href="{url}">{title}</a><br>'),
    "cards": rows(
        '<div class="item {first}"><a href="{url}"><img src="/{n}.jpg"></a><h3><a href="{url}">{title}</a></h3>'
        '<p>今年以来把承接产业转移作为一号工程……<a href="{url}">详情</a></p><em>{day:%d}</em><i>{day:%Y-%m}</i></div>'
    ),
    "inside": rows('<li><a href="{url}"><b>{title}</b><span>{day}</span></a></li>'),
    "whole_row": rows('<li><a href="{url}"><h4>{title}</h4><p>第{n}号，全市一盘棋。</p><span>{day}</span></a></li>'),
    "several": rows('<ul><li><a href="{url}">{title}</a>{day}</li></ul>'),
    "with_column": rows('<li>[<a href="/zwgk/">公告</a>] <a href="{url}">{title}</a> {day}</li>'),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_main_list(form: str) -> None:
    found = extract_list((FRAME % form).encode(), URL, now=NOW)
    assert [link.title for link in found.links] == TITLES
    assert [link.date for link in found.links] == DAYS
    assert found.links[0].url == "https://gxj.example.cn/zwgk/tzgg/202603/t20260304_5919200.shtml"
    assert found.next_page is None


def test_rows_that_are_built_differently_belong_to_the_list() -> None:
    picture = (
        '<li class="item"><div class="pic"><div><p><a href="https://pic.example.cn/v/9.html">园区的一天：图片故事</a>'
    )
    form = rows('<li class="item"><h3><a href="{url}">{title}</a></h3><em>{day}</em></li>')
    first, _, rest = form.partition("</li>")
    page = f'<ul class="items">{first}</li>{picture}</p></div></div></li>{rest}</ul>'
    found = extract_list((FRAME % page).encode(), URL, now=NOW)
    assert [link.title for link in found.links] == [TITLES[0], "园区的一天：图片故事", *TITLES[1:]]


def test_links_without_options() -> None:
    assert [link.title for link in extract_links((FRAME % FORMS["list"]).encode(), URL)] == TITLES


def test_article_pattern_returns_exactly_what_matches() -> None:
    page = (FRAME % FORMS["cards"]).encode()
    found = extract_list(page, URL, article=r"/t\d{8}_\d+\.shtml$|/hot/1\.html", now=NOW)
    assert [link.title for link in found.links] == [*TITLES, "江城市政府网站年度工作报表及说明第1号（全文）"]
    assert extract_list(page, URL, article=r"/nothing/").links == []


def test_selectors_choose_links_and_next() -> None:
    page = (FRAME % (FORMS["list"] + '<a class="more" href="older.html">更早</a>')).encode()
    found = extract_list(page, URL, selectors={"links": ".hot li", "next": "a.more"}, article="hot/[0-3]")
    assert [link.url for link in found.links] == [f"https://gxj.example.cn/hot/{n}.html" for n in range(4)]
    assert found.next_page == "https://gxj.example.cn/zwgk/tzgg/older.html"


@pytest.mark.parametrize(
    ("pager", "wanted"),
    [
        ('<a href="index_1.html">下一页</a>', "index_1.html"),
        ('<a href="index_1.html">下一页 &gt;&gt;</a>', "index_1.html"),
        ('<a class="nextPage" href="index_1.html"></a>', "index_1.html"),
        ('<a href="index_1.html" title="下一页">&gt;</a>', "index_1.html"),
        ('<a href="index_1.html"><span>下頁</span></a><a href="index_9.html">末頁</a>', "index_1.html"),
        ('<a href="javascript:go(2)">下一页</a>', None),
        ('<a href="#">下一页</a>', None),
        ('<a href="index.html">下一页</a>', None),
        ('<a class="next disabled" href="index_1.html">下一页</a>', None),
        ('<a href="/x.html">下一页的秘密：一个仓库管理员的二十年</a>', None),
        ("<script>createPageHTML(9, 0, 'index', 'html')</script>", None),
    ],
)
def test_next_page(pager: str, wanted: str | None) -> None:
    found = extract_list((FRAME % (FORMS["list"] + f'<div class="page">{pager}</div>')).encode(), URL).next_page
    assert found == (wanted and f"https://gxj.example.cn/zwgk/tzgg/{wanted}")


def test_page_without_list() -> None:
    assert extract_list(b"<html><body><p>404</p></body></html>", URL).links == []
    assert extract_list(b"", URL).links == []
