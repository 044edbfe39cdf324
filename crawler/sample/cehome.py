"""铁甲工程机械网, www and its mobile twin, in its markup.

Lists: five fresh articles a page, six pages; every later page answers as the sixth does, and its pager still
leads on. Beside the fresh ones every list carries 编辑推荐 and 大家都在看 with articles that are years old.
The head of an article names no charset but in its meta tag. The article markup is that of real pages of 2025–26;
no real list page is on file: its list is the older markup (`ul#page_list`) with the newer pager (`a.nextPage`).
"""

import re
from datetime import UTC, date, datetime, time
from html import escape

from crawler.sample import mirror
from crawler.sample.markup import Markup, fill, paragraphs, robots
from crawler.sample.texts import SampleArticle, Trap, load

WWW, MOBILE, IMAGES = "www.cehome.com", "m.cehome.com", "upbbsimg.cehome.com"
PER_PAGE = 5
LAST_PAGE = 6
_PIXEL = "GIF89a\x01\x00\x01\x00\x00\x00\x00;"


class Cehome:
    """The site."""

    name = "cehome"
    hosts: tuple[str, ...] = (WWW, MOBILE, IMAGES)

    def __init__(self, today: date) -> None:
        self.articles = load(self.name, today)
        self.changed = self.articles[0].published
        self._start = datetime.combine(today, time(), UTC)

    def urls(self, article: SampleArticle) -> tuple[str, ...]:
        """Return the www address and its mobile twin."""
        path = f"/news/{article.published:%Y%m%d}/{article.id}.shtml"
        return f"https://{WWW}{path}", f"https://{MOBILE}{path}"

    def page(self, host: str, path: str) -> Markup | None:
        """Return a list, an article, robots.txt or nothing."""
        if path == "/robots.txt" and host != IMAGES:
            return robots("User-agent: *\nallow: /\n", self._start)
        if host == IMAGES:
            return Markup(_PIXEL, self._start, "latin-1", "image/gif") if path.startswith("/cms/") else None
        if host == WWW and path in {"/", "/news/", "/news/hangye/"}:
            return self._list(1)
        if host == WWW and (listed := re.fullmatch(r"/news/hangye/([1-9]\d{0,4})/", path)):
            return self._list(int(listed[1]))
        for article in self.articles:
            if path == f"/news/{article.published:%Y%m%d}/{article.id}.shtml":
                return self._article(article) if host == WWW else self._mobile(article)
        return None

    def _fresh(self) -> list[SampleArticle]:
        return [article for article in self.articles if Trap.STALE not in article.traps]

    def _stale(self) -> list[SampleArticle]:
        return [article for article in self.articles if Trap.STALE in article.traps]

    def _list(self, number: int) -> Markup:
        fresh = self._fresh()
        entries = []
        for article in fresh:
            www, twin = self.urls(article)
            entries += [(article, www)] + ([(article, twin)] if Trap.MOBILE_LISTED in article.traps else [])
        start = (min(number, LAST_PAGE) - 1) * PER_PAGE
        rows = "\n".join(_list_row(article, url) for article, url in entries[start : start + PER_PAGE])
        text = fill(
            "cehome_list",
            rows=rows,
            editors="\n".join(f"<li>{self._link(article)}</li>" for article in self._stale()[:5]),
            watched=self._watched(),
            number=number,
            next=number + 1,
        )
        return Markup(text, self.changed)

    def _link(self, article: SampleArticle) -> str:
        return f'<a href="{self.urls(article)[0]}" target="_blank">{escape(article.title)}</a>'

    def _watched(self) -> str:
        heat = '<div class="heat mt5"><span class="fl">热度</span></div>'
        return "\n".join(f'<li><p class="cb h40">{self._link(old)}</p>{heat}</li>' for old in self._stale()[3:])

    def _article(self, article: SampleArticle) -> Markup:
        charset = "gbk" if Trap.GBK in article.traps else "utf-8"
        related = [other for other in self._fresh() if other.published < article.published][:2]
        text = fill(
            "cehome_article",
            charset=charset,
            title=escape(article.title),
            twin=self.urls(article)[1],
            id=article.id,
            time=f"{article.published:%Y年%m月%d日 %H:%M}",
            source=escape(article.source_name),
            author=article.author or article.byline,
            image=f"https://{IMAGES}/cms/{article.published:%y%m%d}/{article.id}.jpg!W550",
            body=paragraphs((*article.paragraphs, f"来源:{article.source_name}"), "<p><span>{}</span></p>"),
            related="\n".join(f"<li>{self._link(other)}</li>" for other in related),
            watched=self._watched(),
        )
        if Trap.GARBLED in article.traps:
            text = mirror.garble(text)
        return Markup(text, article.published, charset)

    def _mobile(self, article: SampleArticle) -> Markup:
        text = fill(
            "cehome_mobile",
            title=escape(article.title),
            time=f"{article.published:%Y-%m-%d %H:%M}",
            source=escape(article.source_name),
            body=paragraphs(article.paragraphs, "<p>{}</p>"),
        )
        return Markup(text, article.published)


def _list_row(article: SampleArticle, url: str) -> str:
    return (
        '<li class="clearfix">\n<div class="w">\n'
        f'<h2><a href="{url}" target="_blank">{escape(article.title)}</a></h2>\n'
        f"<p>{escape(article.paragraphs[0][:48])}…</p>\n"
        f'<div class="w color9">日期：{article.published:%Y-%m-%d}　来源：{escape(article.source_name)}</div>\n'
        "</div>\n</li>"
    )
