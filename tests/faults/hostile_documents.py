"""Hostile documents, drawn by a seed: shapes that break parsers and patterns, in sizes and charsets that differ."""

import random
from collections.abc import Iterator
from typing import NamedTuple

SENTENCE = "三月三日，江城市举行集中签约活动，六家企业签订协议，总投资二十八亿元。"
HONEST = f"<p>{SENTENCE}</p>" * 4
CHARSETS = ("utf-8", "gb18030", "utf-16", "utf-16-le", "utf-8-sig", "big5", "utf-7")
DATE, LINK = "2026-11-20 09:30", '<li><a href="/a/1.html">某地重点项目集中开工建设</a> 2026-11-20</li>'


class Document(NamedTuple):
    """A document and the kind of reader that it was made for; every reader gets it all the same."""

    name: str
    data: bytes


# Each is repeated until the wanted size is reached, inside an article, a list row, a title, a date line.
PIECES = {
    "tags": "<div>",
    "inline_tags": "<b><i>",
    "unclosed_links": "<a href=/a/1.html>",
    "paragraphs": "<p>园</p>",
    "rows": "<tr><td>园</td></tr>",
    "cells": "<table><tr><td>",
    "list_rows": LINK,
    "angles": "<",
    "open_tags": "<a b",
    "comments": "<!-",
    "entities": "&#x110000;&amp;&lt;",
    "half_entities": "&#",
    "brackets": "（",
    "square": "[",
    "bracket_pairs": "（a）",
    "reporters": "（记者",
    "labels": "来源：",
    "editors": "责编 ",
    "sources_spaced": "来 源",
    "dates": f"{DATE} ",
    "half_dates": "2026-11-",
    "years": "2026年",
    "clocks": "12:",
    "digits": "9",
    "numerals": "二〇二六年",
    "spaces": " ",
    "wide_spaces": "　",
    "tabs_lines": "\t\n",
    "bars": "某某县|",
    "question_marks": "?园",
    "ghosts": "?(yuán)",
    "annotations": "園(yuán)",
    "combining": "a\u0301",
    "marks_only": "\u0301",
    "bidi": "\u202e\u2066",
    "zero_width": "\u200b",
    "emoji": "👨\u200d👩\u200d👧",
    "astral": "𠮷",
    "nul": "\0园",
    "latin": "aB",
    "glued": "园aBc某某日报",
    "commas": "，,",
    "stops": "。。",
    "quotes": "“",
    "titles": "《",
    "slashes": "../",
    "percent": "%e5%9b",
    "scripts": "<script>createPageHTML(",
    "onclicks": "<li onclick=\"open('",
    "datastores": "<datastore><record><![CDATA[",
    "nextgroups": '<nextgroup><a href="',
    "metas": '<meta http-equiv="refresh" content="0',
    "textareas": "<textarea></p>",
    "svg": "<svg><foreignObject><p>",
    "templates": "<template>",
    "selects": "<select><option>",
    "pagers": '<a href="/list/?2">下一页</a>',
    "crumbs": "首页 > ",
    "numbers_grown": "同比增长12.5%，",
    "places": "甘肃省兰州市",
    "topics": "承接产业转移",
}


def _page(inside: str, where: str) -> str:
    title = inside[:2000] if where == "title" else "某地重点项目集中开工建设"
    line = inside if where == "dateline" else f"{DATE} 来源：示例日报"
    head = f"<html><head><title>{title}_示例网</title></head><body><h1>{title}</h1><div>{line}</div>"
    if where == "list":
        return f"{head}<ul>{LINK}<li><a href='/a/2.html'>{inside}</a></li>{LINK}</ul></body></html>"
    if where == "attribute":
        return f"{head}<div class=\"{inside}\" id='{inside[:9000]}'>{HONEST}</div></body></html>"
    if where == "bare":
        return inside
    return f'{head}<div class="content">{HONEST}<p>{inside}</p>{HONEST}</div></body></html>'


def _filled(piece: str, size: int) -> str:
    return piece * max(1, size // len(piece.encode("utf-8", "replace")))


def pages(seed: int, size: int) -> Iterator[Document]:
    """Yield a page a piece, of about `size` bytes, in a place and a charset that are drawn."""
    draw = random.Random(seed)
    for name, piece in PIECES.items():
        where = draw.choice(("text", "text", "title", "dateline", "list", "attribute", "bare"))
        charset = draw.choice(CHARSETS) if draw.random() < 0.4 else "utf-8"
        text = _page(_filled(piece, size), where)
        yield Document(f"{name}-{where}-{charset}-{size}", text.encode(charset, "replace"))


def structures(size: int) -> Iterator[Document]:
    """Yield JSON, XML and bytes that are hostile by their structure."""
    depth, many = size // 8, size // 40
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    item = "<item><title>园</title><link>https://www.example.cn/a/1.html</link><pubDate>{}</pubDate></item>"
    texts = {
        "laughs": f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a0 "ha">{laughs}]><rss><item>&a11;</item></rss>',
        "external": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><title>&x;</title></item></rss>',
        "parameter": '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><rss></rss>',
        "feed_items": f"<rss>{item.format(DATE) * many}</rss>",
        "feed_date": f"<rss>{item.format('9' * size)}</rss>",
        "feed_mail_date": f"<rss>{item.format('Mon, ' * (size // 5))}</rss>",
        "feed_nested": "<rss>" + "<item>" * depth,
        "feed_cdata": "<rss><item><title><![CDATA[" * (many // 2),
        "feed_attributes": "<rss " + "".join(f'a{n}="1" ' for n in range(many)) + "/>",
        "feed_spaces": "<rss><item>" + " " * size + "</item></rss>",
        "sitemap_many": f"<urlset>{'<url><loc>https://www.example.cn/a/1.html</loc></url>' * many}</urlset>",
        "sitemap_schemes": "<urlset>" + "<url><loc>file:///a/1.html</loc></url>" * 9 + "</urlset>",
        "sitemap_long": f"<urlset><url><loc>https://www.example.cn/a/{'1' * size}.html</loc></url></urlset>",
        "json_deep": "[" * depth + "]" * depth,
        "json_deep_objects": '{"url":' * depth + "1" + "}" * depth,
        "json_numbers": '[{"url": 1' + "0" * size + "}]",
        "json_float": '[{"url": "/a/1.html", "date": 1e999999}, {"url": NaN, "date": Infinity}]',
        "json_date": '[{"url": "/a/1.html", "date": 9999999999999}, {"url": "/a/2.html", "date": "' + "1" * 40 + '"}]',
        "json_keys": "{" + ",".join('"url": "/a/1.html"' for _ in range(many)) + "}",
        "json_long_key": '{"' + "k" * size + '": {"url": "/a/1.html"}}',
        "json_surrogates": '[{"url": "/a/1.html?q=\\ud800", "title": "\\udfff"}, {"url": "/a/\\ud800/1.html"}]',
        "json_nul": '[{"url": "/a/1.html\\u0000", "title": "\\u0000园"}]',
        "json_ports": '[{"url": "http://www.example.cn:99999999/a/1.html"}, {"url": "http://[::1/a/1.html"}]',
        "json_rows": "[" + ",".join('{"url": "/a/1.html", "title": "园"}' for _ in range(many)) + "]",
        "json_in_json": '{"data": "' + ("[" * 5000) + '"}',
        "json_cut": '[{"url": "/a/1.html", "title": "' + "园" * (size // 3),
        "jsonp": "a.b.c" * (size // 5) + "(",
        "embedded": "articleList = [" * (size // 15),
        "link_list": "".join(f"<a href=/a/{n}.html>" for n in range(size // 20)),
        "ports": '<a href="http://www.example.cn:x/a/1.html">某地重点项目</a><a href="http://[/a/1.html">某地</a>' * 9,
        "long_address": f'<a href="/a/{"1" * size}.html">某地重点项目集中开工建设</a>',
    }
    for name, text in texts.items():
        yield Document(f"{name}-{size}", text.encode("utf-8", "surrogatepass"))
    draw = random.Random(size)
    raw = {
        "noise": draw.randbytes(size),
        "invalid_utf8": HONEST.encode() + b"\xff\xfe\xed\xa0\x80\xc0\xaf" * (size // 7),
        "invalid_gb18030": HONEST.encode("gb18030") + b"\x81\x30\xff\x81" * (size // 4),
        "half_utf16": b"\xff\xfe" + HONEST.encode("utf-16-le")[:-1] + b"\xd8" * size,
        "nuls": b"\0" * size,
        "zeros_and_tags": b"<\0p\0>" * (size // 5),
        "high_bytes": b"\xe3" * size,
        "pdf": b"%PDF-1.7\n" + draw.randbytes(size),
        "gzip_cut": b"\x1f\x8b\x08\0" + draw.randbytes(size),
        "empty": b"",
    }
    yield from (Document(f"{name}-{size}", data) for name, data in raw.items())
