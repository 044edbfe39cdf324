"""What a message says: the sentence that matched, the user's own words, and nothing that the web smuggled in."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.alerts.items import Item
from crawler.alerts.neutral import neutral, one_line, safe_url
from crawler.alerts.quotes import LONGEST, Piece, quotes
from crawler.alerts.render import FORMATS, SAMPLE, Templates
from crawler.tomlfile import FileError

HOSTILE = [
    "@all @所有人 @13800138000",
    '<at user_id="all">所有人</at>',
    "<at id=all></at> <@userid> <!channel> <!here> <@U123>",
    "@everyone @here @room",
    "[点此](http://evil.example) ![图](http://evil.example/x.png)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "题\r\nBcc: victim@example.com\r\n\r\n正文",
    "**粗** `码` ~~删~~ # 题 > 引 | 表 |",
    "https://evil.example/path www.evil.com evil.cn",
    "\u202e倒\u2066写\u200b\ufeff",
    "\ud83d 半个字符 \udc00",
    "{{ 7 * 7 }} {% for x in y %} {# c #}",
    "&lt;at user_id=&quot;all&quot;&gt;",
]


def hostile_item(text: str) -> Item:
    pieces = (Piece(text), Piece(text, marked=True))
    return replace(SAMPLE, title=text, publisher=text, place=text, topics=text, quotes=(pieces,), added=(text,))


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.hrefs: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.hrefs += [value for name, value in attrs if name == "href"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_the_web_is_only_text(text: str) -> None:
    """Nobody is mentioned, the only link is the article's, no line and no tag is added."""
    templates = Templates()
    plain, markdown, html = (templates.item(hostile_item(text), form) for form in ("text", "markdown", "html"))
    calm = {form: templates.item(hostile_item("平"), form) for form in FORMATS}
    for form, shown in (("text", plain), ("markdown", markdown)):
        assert not set("@<") & set(shown), shown
        assert shown.count("://") == 1
        assert len(shown.splitlines()) == len(calm[form].splitlines())
    for sign in ("[", "`", "~", "|", "_", "*"):
        assert markdown.count(sign) == calm["markdown"].count(sign), sign
    found, expected = Links(), Links()
    found.feed(html)
    expected.feed(calm["html"])
    assert (found.tags, found.hrefs) == (expected.tags, expected.hrefs)
    assert "@" not in html
    assert html.count("://") == 1
    for shown in (plain, markdown, html):
        shown.encode("utf-8")
        assert all(letter.isprintable() or letter in "\n\u2060" for letter in shown)


@given(st.text(max_size=60))
def test_neutral_text_keeps_to_its_line(text: str) -> None:
    for form in FORMATS:
        shown = neutral(text, form)
        assert len(shown.splitlines()) <= 1
        assert "@" not in shown
        shown.encode("utf-8")
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://example.org/a?b=1&c=2", "http://example.org/a?b=1&c=2"),
        ("https://example.org/a) [x](http://evil)", "https://example.org/a%29%20%5Bx%5D%28http://evil%29"),
        ("https://example.org/新闻", "https://example.org/%E6%96%B0%E9%97%BB"),
        ("https://example.org/@all", "https://example.org/%40all"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org/", ""),
    ],
)
def test_link_ends_where_it_ends(url: str, shown: str) -> None:
    assert safe_url(url) == shown


def span(body: str, words: str) -> dict[str, object]:
    start = body.index(words)
    return {"field": "body", "start": start, "end": start + len(words), "text": words}


def shown(found: list[list[Piece]]) -> list[str]:
    return ["".join(f"「{piece.text}」" if piece.marked else piece.text for piece in quote) for quote in found]


def test_quotation_is_the_sentence_with_most_evidence() -> None:
    body = "会议听取了汇报。会议要求承接产业转移，建设产业园区。会议还研究了其他事项，涉及产业园区。散会。"
    evidence = [span(body, "承接产业转移"), span(body, "产业园区"), span(body, "要求承接产业转移，建设产业园区")]
    assert shown(quotes(evidence, body))[0] == "会议要求承接产业转移，建设产业园区。".replace(
        "要求承接产业转移，建设产业园区", "「要求承接产业转移，建设产业园区」"
    )
    long = {"field": "body", "start": 0, "end": len(body), "text": body}
    assert shown(quotes([long, *evidence[:2]], body))[0] == "会议要求「承接产业转移」，建设「产业园区」。"


def test_quotation_where_only_the_title_matched_is_the_first_sentence() -> None:
    evidence = [{"field": "title", "start": 0, "end": 2, "text": "转移"}]
    assert shown(quotes(evidence, "第一句。第二句。")) == ["第一句。"]
    assert quotes(evidence, "") == []


def test_long_sentence_is_shown_around_its_evidence() -> None:
    body = "前" * 300 + "承接产业转移" + "后" * 300
    (quote,) = shown(quotes([span(body, "承接产业转移")], body))
    assert "「承接产业转移」" in quote
    assert quote.startswith("…")
    assert quote.endswith("…")
    assert len(quote) <= LONGEST + 4


def test_users_macro_replaces_ours_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "text.j2").write_text(
        "{% macro item(item) %}我的：{{ item.title }}（{{ item.url }}）{% endmacro %}", "utf-8"
    )
    templates = Templates(tmp_path)
    assert templates.item(SAMPLE, "text") == f"我的：{SAMPLE.title}（{SAMPLE.url}）"
    assert templates.section("甘肃", "text") == "■ 甘肃"
    assert "http://evil" not in templates.item(replace(SAMPLE, title="http://evil.example/x"), "text")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("{% macro item(item) %}\n{{ item.titel }}\n{% endmacro %}", 2, "template does not render"),
        ("{% macro item(item) %}\n{{ item.title }\n{% endmacro %}", 2, "template: "),
        ("\n\n{% macro item(item) %}{{ item.title / 2 }}{% endmacro %}", 3, "template does not render"),
        ("{% macro item() %}{% endmacro %}", None, "macro 'item' takes 1 argument(s)"),
        ("{% macro line(text) %}{{ ''.__class__.__mro__ }}{% endmacro %}", 1, "template does not render"),
        ("{{ nothing }}", 1, "template"),
        ("{% macro item(item) %}{% if item.url %}x{% else %}{{ item.no }}{% endif %}{% endmacro %}", 1, "template"),
    ],
)
def test_template_that_does_not_render_is_named(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    path = tmp_path / "text.j2"
    path.write_text(text, "utf-8")
    with pytest.raises(FileError) as caught:
        Templates(tmp_path)
    assert str(caught.value).startswith(f"{path}:{line}: {message}" if line else f"{path}: {message}")
