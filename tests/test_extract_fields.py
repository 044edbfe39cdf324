"""Single fields and options of an article page."""

from datetime import datetime
from pathlib import Path

import pytest

from crawler.dates import CST
from crawler.errors import UsageError
from crawler.extract import Extracted, check_selectors, explain, extract_article, extract_list

PAGES = Path(__file__).parent / "pages"
URL = "https://www.example.cn/news/202503/t20250304_1.html"
NOW = datetime(2026, 3, 5, 8, 0, tzinfo=CST)
TITLE = "青川工业园承接东部装备企业整体搬迁"
TEXT = (
    "三月三日，江城市在青川工业园举行装备制造项目集中签约活动，六家东部企业与园区签订协议，总投资二十八亿元。",
    "园区负责人介绍，今年以来全市把承接产业转移作为一号工程，对接企业三百余家，首批设备六月底前安装完毕。",
)
BODY = "\n".join(TEXT)


def article(
    info: str = "2025-03-04 10:21 来源：江城日报", head: str = "", before: str = "", inside: str = "", after: str = ""
) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in TEXT)
    return (
        f"<html><head><title>{TITLE}_江城新闻网</title>{head}</head><body>{before}<h1>{TITLE}</h1>"
        f'<div class="info">{info}</div><div class="text">{paragraphs}{inside}</div>{after}</body></html>'
    )


def read(html: str, **options: object) -> Extracted:
    return extract_article(html.encode(), URL, now=NOW, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("info", "time", "precision"),
    [
        ("2025-03-04 10:21", "2025-03-04T10:21", "minute"),
        ("<span>2025年3月4日</span><em>星期二</em><span>10:21</span>", "2025-03-04T10:21", "minute"),
        ("时间：2025/03/04 10时21分", "2025-03-04T10:21", "minute"),
        ("发布日期：2025.03.04", "2025-03-04T00:00", "day"),
        ("活动报名截止：2025-04-30　发布时间：2025-03-04 10:21", "2025-03-04T10:21", "minute"),
        ("展会将于2031-09-16举行 2025-03-04", "2025-03-04T00:00", "day"),
        ("03-04 10:21", "2025-03-04T10:21", "minute"),
        ("2025-02-31 2025-03-04", "2025-03-04T00:00", "day"),
        ("江城日报", "2025-03-04T00:00", "day"),
    ],
)
def test_time(info: str, time: str, precision: str) -> None:
    found = read(article(info))
    assert found.publish_time is not None
    assert found.publish_time.isoformat() == f"{time}:00+08:00"
    assert found.precision == precision


@pytest.mark.parametrize(
    ("head", "time"),
    [
        ('<meta name="PubDate" content="2025-03-04 10:21:30">', "2025-03-04T10:21:00+08:00"),
        ('<meta property="article:published_time" content="2025-03-04T02:21:00Z">', "2025-03-04T10:21:00+08:00"),
        ('<meta property="article:published_time" content="2025-03-04T10:21:00+08:00">', "2025-03-04T10:21:00+08:00"),
        ('<meta name="publishdate" content="2025-03-04">', "2025-03-04T00:00:00+08:00"),
    ],
)
def test_time_from_metadata(head: str, time: str) -> None:
    found = read(article("来源：江城日报", head))
    assert found.publish_time is not None
    assert found.publish_time.isoformat() == time


def test_metadata_adds_the_clock_but_does_not_overrule_the_page() -> None:
    meta = '<meta name="pubdate" content="%s">'
    found = read(article("2025-03-04 来源：江城日报", meta % "2025-03-04 10:21:30"))
    assert found.publish_time == datetime(2025, 3, 4, 10, 21, tzinfo=CST)
    found = read(article("2025-03-04 来源：江城日报", meta % "2019-01-01 08:00:00"))
    assert found.publish_time == datetime(2025, 3, 4, tzinfo=CST)


@pytest.mark.parametrize(
    ("info", "source"),
    [
        ("来源：<a>江城日报</a> 2025-03-04", "江城日报"),
        ("稿源： 江城网－江城日报 作者：林晓", "江城网－江城日报"),
        ("<span>2025-03-04</span> <span>信息来源：市工信局</span> <span>浏览次数：12</span>", "市工信局"),
        ("<a>江城财经网</a> <span>2025-03-04 10:21</span>", "江城财经网"),
        ('<span class="source">江城晚报</span> <b>字号</b> <span>2025-03-04</span>', "江城晚报"),
        ("2025-03-04 发布于：<span>江城市</span>", None),
        ("2025-03-04 <a>打印</a> <a>分享到微信</a> <a>评论(12)</a>", None),
        ("來源：青川日報 2025-03-04", "青川日報"),
        ("2025年3月4日 下午3:05　江城日报", "江城日报"),
    ],
)
def test_source(info: str, source: str | None) -> None:
    assert read(article(info)).source == source


def test_source_behind_the_article() -> None:
    named = "<div>来源：江城日报　责任编辑：王小小</div>"
    assert read(article("2025-03-04", after=named)).source == "江城日报"
    assert read(article("2025-03-04 来源：江城晚报", after=named)).source == "江城晚报"
    cards = "".join(f"<p>另一篇新闻的标题第{number}条</p>" for number in range(9))
    assert read(article("2025-03-04", after=cards + named)).source is None


@pytest.mark.parametrize(
    ("info", "inside", "author"),
    [
        ("作者：林晓 2025-03-04", "", "林晓"),
        ("本报记者　林　晓　周一帆 2025-03-04", "", "林晓 周一帆"),
        ("<span>本报记者　林　晓　周一帆</span><span>2025-03-04</span>", "", "林晓 周一帆"),
        ("记者 | 林晓<br>编辑 | 周一帆", "", "林晓"),
        ("2025-03-04", "<p>（江城日报记者 林晓 通讯员 周一帆）</p>", "林晓 周一帆"),
        ("2025-03-04", "<p>（文/图 林晓 周一帆）</p>", "林晓 周一帆"),
        ("2025-03-04", "<p>（作者：林晓，系江城大学教授）</p>", "林晓"),
        ("2025-03-04", "<p>责任编辑：林晓</p>", None),
        ("责编：林晓 校对：周一帆 2025-03-04", "", None),
        ("2025-03-04", "<p>（江城日报评论员）</p>", None),
        ("2025-03-04", "<p>图为签约现场。（林晓 摄）</p>", None),
        ("2025-03-04 编辑：林晓", "<p>（林晓）</p>", None),
        ("2025-03-04", "<p>特此公告。（林晓）</p>", "林晓"),
    ],
)
def test_author(info: str, inside: str, author: str | None) -> None:
    assert read(article(info, inside=inside)).author == author


@pytest.mark.parametrize("row", (PAGES / "bylines.tsv").read_text("utf-8").splitlines())
def test_byline_in_the_text(row: str) -> None:
    place, text, wanted = row.split("\t")
    html = article("2025-03-04", inside=f"<p>{text}</p>" if place == "last" else "")
    if place != "last":
        html = html.replace("<p>", f"<p>{text}" if place == "first" else f"<p>{text}</p><p>", 1)
    assert (read(html).author or "-") == wanted


def test_addresses() -> None:
    head = '<link rel="canonical" href="/news/1.html"><meta name="mobile-agent" content="format=html5;url=https://m.example.cn/1">'
    inside = (
        '<p><img src="a.jpg"><img data-src="//img.example.cn/b.png" src="data:,"></p><p><a href="../f.wps">表</a></p>'
    )
    found = read(article(head=head, inside=inside))
    assert found.canonical == "https://www.example.cn/news/1.html"
    assert found.mobile == "https://m.example.cn/1"
    assert found.images == ("https://www.example.cn/news/202503/a.jpg", "https://img.example.cn/b.png")
    assert found.attachments == ("https://www.example.cn/news/f.wps",)
    twin = (
        '<link rel="alternate" media="handheld" href="https://m.example.cn/2"><base href="https://cdn.example.cn/x/">'
    )
    found = read(article(head=twin, inside='<p><img src="a.jpg"></p>'))
    assert found.mobile == "https://m.example.cn/2"
    assert found.images == ("https://cdn.example.cn/x/a.jpg",)


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0;url=https://www.example.cn/new.html", "https://www.example.cn/new.html"),
        ("0; URL='/new.html'", "https://www.example.cn/new.html"),
        ("600;url=/self.html", None),
        ("5", None),
        ("0;url=javascript:alert(1)", None),
    ],
)
def test_refresh(content: str, target: str | None) -> None:
    html = f'<html><head><meta http-equiv="Refresh" content="{content}"></head><body></body></html>'
    assert read(html).refresh == target


@pytest.mark.parametrize(
    "html",
    [
        "<title>404-页面未找到</title><body><p>返回首页</p></body>",
        "<title>江城新闻网</title><body><h2>抱歉，您访问的页面不存在</h2><a href='/'>返回首页</a></body>",
        "<title>页面没有找到</title><body><div>页面没有找到，5秒钟之后将会带您进入网站首页!</div></body>",
        "<title>提示信息</title><body><p>该文章已被删除</p></body>",
        "<title>404 Not Found</title><body><h1>404 Not Found</h1></body>",
    ],
)
def test_soft_404(html: str) -> None:
    assert read(html).missing


def test_article_about_missing_pages_is_not_missing() -> None:
    found = read(article(inside="<p>记者点开链接，显示“404 页面未找到”。</p>"))
    assert not found.missing
    assert not read("<title>江城新闻网</title><body><ul><li>要闻</li></ul></body>").missing


def test_selectors_override_and_heuristics_fill() -> None:
    html = article(
        info='<i class="d">2024-01-02</i><i class="s">甲报</i><i class="w">乙某</i>',
        before='<div class="t">栏目标题一则</div><div class="c">要闻</div>',
        inside='<p class="ad">购车热线请拨打本台电话，优惠多多。</p><a class="n" href="1_2.html">后页</a>',
    )
    found = read(html, selectors={"title": ".t", "date": ".d", "source": ".s", "author": ".w", "section": ".c"})
    assert (found.title, found.source, found.author, found.section) == ("栏目标题一则", "甲报", "乙某", "要闻")
    assert found.publish_time == datetime(2024, 1, 2, tzinfo=CST)
    found = read(html, selectors={"body": ".text", "strip": ".ad, .n", "next_page": "a.n"})
    assert (found.title, found.body) == (TITLE, BODY)
    assert found.next_page == "https://www.example.cn/news/202503/1_2.html"
    assert read(article(), selectors={"body": ".nothing", "title": ".nothing"}).body == BODY


def test_selector_that_cannot_be_read_names_its_key() -> None:
    with pytest.raises(UsageError, match="selector body"):
        read(article(), selectors={"body": "div["})
    with pytest.raises(UsageError, match="article"):
        extract_list(b"<a href='/a'>a</a>", URL, article="(")
    with pytest.raises(UsageError, match="selector next"):
        check_selectors({"links": "li a", "next": "::"})
    check_selectors({"links": "li a"}, r"\.html$")


def test_time_out_of_structured_data() -> None:
    script = '<script type="application/ld+json">{"datePublished": "2025-03-05T09:30:00+08:00"}</script>'
    assert read(article("江城日报", script)).publish_time == datetime(2025, 3, 5, 9, 30, tzinfo=CST)
    script = '<script>var ct = "1741138260"; var title = "x";</script>'
    assert read(article("江城日报", script)).publish_time == datetime(2025, 3, 5, 9, 31, tzinfo=CST)


def test_hidden_and_foreign_parts_stay_out() -> None:
    inside = (
        '<p style="display: none">藏起来的字，谁也不该读到。</p><div class="comment">好文章，支持，下次还来。</div>'
    )
    assert read(article(inside=inside)).body == BODY
    inside = (
        "<div>甲<script></script>乙<script>var x = 1;</script>丙<style>p {}</style>丁<b>戊</b>己，项目已经开工。</div>"
    )
    assert read(article(inside=inside)).body == f"{BODY}\n甲乙丙丁戊己，项目已经开工。"


@pytest.mark.parametrize("line", (PAGES / "furniture.txt").read_text("utf-8").splitlines())
def test_furniture_behind_the_text_is_dropped(line: str) -> None:
    assert read(article(inside=f"<p>{line}</p>")).body == BODY


@pytest.mark.parametrize("line", (PAGES / "sentences.txt").read_text("utf-8").splitlines())
def test_lines_that_only_look_like_furniture_stay(line: str) -> None:
    assert read(article(inside=f"<p>{line}</p>")).body == f"{BODY}\n{line}"
    more = "".join(f"<p>{text}</p>" for text in TEXT)
    assert read(article(inside=f"<p>{line}</p>{more}")).body == f"{BODY}\n{line}\n{BODY}"


def test_explain_names_elements_and_reasons() -> None:
    why = explain(article().encode(), URL, now=NOW)
    assert isinstance(why["title"], dict)
    assert why["title"]["element"].endswith("h1")
    assert isinstance(why["body"], dict)
    assert why["body"]["element"].endswith("div.text")
    assert isinstance(why["date"], dict)
    assert why["date"]["why"] == "beside the headline"
    assert why["source"] == {"value": "江城日报", "why": "label"}
