"""Lists in every form: what is taken for a link, and what is refused."""

import gzip
import re
from datetime import date
from typing import Any

import pytest

from crawler.lists.formats import feed_list, html_list, json_list, record_list, sitemap_list

URL = "http://site.example/col/index.html"
ARTICLE = r"/a/\d+\.html$"
ONE = ("http://site.example/a/1.html", date(2026, 11, 20))
ATOM = """\
<feed xmlns="http://www.w3.org/2005/Atom"><entry>
<link rel="enclosure" href="/a/9.html"/><link href="/a/1.html"/><updated>2026-11-19T16:00:00Z</updated>
</entry></feed>
"""
TWO = ("http://site.example/a/2.html", date(2026, 11, 19))


def links(page: Any) -> list[tuple[str, date | None]]:
    return [(link.url, link.date) for link in page.links]


@pytest.mark.parametrize(
    "row",
    [
        "<a href='/a/1.html'>南塬市公布标准厂房招租结果</a><span>2026-11-20</span>",
        "<a onclick=\"open('../a/1.html', '_blank')\">南塬市公布标准厂房招租结果</a><span>2026-11-20</span>",
        "<div><p data-href='/a/1.html'>南塬市公布标准厂房招租结果</p><span>2026/11/20</span></div>",
    ],
)
def test_html_rows(row: str) -> None:
    page = html_list(f"<ul><li>{row}</li></ul><a href='/b/7.html'>关于</a>".encode(), URL, article=ARTICLE)
    assert links(page) == [ONE]


def test_html_facts_lists_and_refresh() -> None:
    html = b"<a href='node_2.html'>2</a><script>var total = 7;</script>"
    page = html_list(html, URL, article=ARTICLE, lists=r"/node_\d+\.html$", facts={"total": r"total = (\d+)"})
    assert [link.url for link in page.lists] == ["http://site.example/col/node_2.html"]
    assert page.facts == {"total": "7"}
    stub = b'<meta http-equiv="refresh" content="0; url=../list.html?a=1&amp;b=2">'
    assert html_list(stub, URL, article=ARTICLE).refresh == "http://site.example/list.html?a=1&b=2"


@pytest.mark.parametrize(
    "record",
    [
        "<![CDATA[<li><a href='/a/1.html'>甲</a><span>2026-11-20</span></li>]]>",
        "\n<![CDATA[<tr><td><a href='/a/1.html' title='甲'>甲…</a></td><td>2026-\n 11-\n 20</td></tr>]]>\n",
        "&lt;li&gt;&lt;a href='/a/1.html'&gt;甲&lt;/a&gt;&lt;span&gt;2026-11-20&lt;/span&gt;&lt;/li&gt;",
    ],
)
def test_records(record: str) -> None:
    store = f"<datastore><totalrecord>9</totalrecord><recordset><record>{record}</record></recordset></datastore>"
    for text in (store, f"<div id='77'><script type='text/xml'>{store}</script></div>"):
        page = record_list(text.encode(), URL, article=ARTICLE)
        assert links(page) == [ONE]
        assert page.facts == {"records": "1", "total": "9"}


def test_records_of_one_unit() -> None:
    def unit(number: int, *articles: int) -> str:
        records = "".join(f"<record><![CDATA[<a href='/a/{n}.html'>消息</a>]]></record>" for n in articles)
        return f"<div id='{number}'><script type='text/xml'><datastore>{records}</datastore></script></div>"

    text = (unit(11, 1, 2) + "<p>" + "间" * 400 + "</p>" + unit(22, 3)).encode()
    assert [url for url, _ in links(record_list(text, URL, article=ARTICLE))] == [ONE[0], TWO[0]]
    assert [url for url, _ in links(record_list(text, URL, article=ARTICLE, unit="22"))] == [
        "http://site.example/a/3.html"
    ]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (
            '{"data": [{"url": "/a/1.html", "title": "甲", "day": "2026-11-20 08:00"}]}',
            {"items": "data", "date": "day"},
        ),
        ('cb({"x": {"a": {"l": [{"url": "/a/1.html", "t": 1795132800000}]}}});', {"items": "x.*.l", "date": "t"}),
        ('[{"URL": "", "FILE": "/a/1.html", "D": "2026.11.20"}]', {"items": "", "address": "URL|FILE", "date": "D"}),
        (
            '{"r": [{"s": {"u": "{\\"pc\\": \\"/a/1.html\\"}", "t": 1795132800}}]}',
            {"items": "r.s", "address": "u.pc", "date": "t"},
        ),
        (
            '{"r": [{"id": 1, "d": "11月20日, 2026-11-20"}]}',
            {"items": "r", "address": "id", "template": "/a/{}.html", "date": "d"},
        ),
        (
            '<script>var list = [{"url": "/a/1.html", "d": "2026-11-20"}];</script>',
            {"embedded": r"list = (?=\[)", "date": "d"},
        ),
        ('{"data": {"html": "<li><a href=\\"/a/1.html\\">甲</a> 2026-11-20</li>"}}', {"fragment": "data.html"}),
    ],
)
def test_json(text: str, options: dict[str, str]) -> None:
    assert links(json_list(text.encode(), URL, article=ARTICLE, **options)) == [ONE]


@pytest.mark.parametrize(
    "text",
    [
        "<rss><item><link>/a/1.html</link><pubDate>Fri, 20 Nov 2026 00:10:00 GMT</pubDate></item></rss>",
        "<rss><item><guid>http://site.example/a/1.html</guid><pubDate>2026-11-20 08:00:00</pubDate></item></rss>",
        '<r:RDF xmlns:r="r" xmlns:d="d"><item><link>/a/1.html</link><d:date>2026-11-20</d:date></item></r:RDF>',
        ATOM,
        "<rss><item><title>工业&nbsp;&运输</title><link>/a/1.html</link><pubDate>2026-11-20</pubDate></item>",
    ],
)
def test_feeds_of_all_kinds_broken_ones_too(text: str) -> None:
    assert links(feed_list(text.encode(), URL, article=ARTICLE)) == [ONE]


def test_sitemap_newest_first_and_packed() -> None:
    entries = "".join(f"<url><loc>{url}</loc><lastmod>{day}</lastmod></url>" for url, day in (TWO, ONE))
    entries += "<url><loc>http://site.example/b</loc></url>"
    text = f'<?xml version="1.0" encoding="GBK"?><urlset xmlns="s">{entries}</urlset>'.encode("gbk")
    for data in (text, gzip.compress(text)):
        assert links(sitemap_list(data, URL, article=ARTICLE)) == [ONE, TWO]


@pytest.mark.parametrize(
    ("read", "data", "reason"),
    [
        (json_list, b"<html>challenge</html>", "not JSON but '<html>challenge</html>'"),
        (json_list, b"", "not JSON but ''"),
        (feed_list, b"<html><body>challenge</body></html>", "not XML but '<html>"),
        (feed_list, b"", "not XML"),
        (feed_list, b'<!DOCTYPE r [<!ENTITY x "y">]><rss><item><title>&x;</title></item></rss>', "declares entities"),
        (feed_list, '<!DOCTYPE r [<!ENTITY x "y">]><rss/>'.encode("utf-16"), "declares entities"),
        (sitemap_list, b"\x1f\x8bbroken", "not readable as gzip"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(read: Any, data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        read(data, URL, article=ARTICLE)
