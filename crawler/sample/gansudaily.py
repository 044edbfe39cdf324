"""每日甘肃网, the Gansu channel, in the template its old articles have.

Lists are static. An article of two or three pages is joined by 下一页; one listed address is a meta refresh to
the article, another says 页面没有找到 with status 200. Headers name no charset.
"""

from datetime import UTC, date, datetime, time
from html import escape

from crawler.sample.markup import Markup, fill, paragraphs, robots
from crawler.sample.texts import SampleArticle, Trap, load

HOST = "gansu.gansudaily.com.cn"
COLUMNS = {"gsbb": "甘肃播报", "quanweifabu": "权威发布"}
EDITOR = "柯青禾"  # a duty editor is not an author
STUB_OFFSET = 40  # a stub's id is its article's plus this


class Gansudaily:
    """The site."""

    name = "gansudaily"
    hosts: tuple[str, ...] = (HOST,)

    def __init__(self, today: date) -> None:
        self.articles = load(self.name, today)
        self._start = datetime.combine(today, time(), UTC)
        self.changed = self.articles[0].published
        self.gone = f"https://{HOST}/system/{today:%Y/%m/%d}/031999404.shtml"

    def urls(self, article: SampleArticle) -> tuple[str, ...]:
        """Return the article's address, those of its further pages, and the listed stub if there is one."""
        folder = f"https://{HOST}/system/{article.published:%Y/%m/%d}"
        further = [f"{folder}/{article.id}_{number:02}.shtml" for number in range(1, len(article.pages))]
        stub = [f"{folder}/0{int(article.id) + STUB_OFFSET}.shtml"] if Trap.REFRESH in article.traps else []
        return f"{folder}/{article.id}.shtml", *further, *stub

    def page(self, host: str, path: str) -> Markup | None:
        """Return a list, a page of an article, a stub, the soft 404, robots.txt or nothing."""
        if path == "/robots.txt":
            return robots("User-agent: *\nDisallow: /search/\n", self._start)
        if f"https://{host}{path}" == self.gone:
            return Markup(fill("gansudaily_gone"), self._start)
        for column in COLUMNS:
            if path in {f"/{column}/", f"/{column}/index.shtml"}:
                return self._list(column)
        for article in self.articles:
            urls = [url.removeprefix(f"https://{host}") for url in self.urls(article)]
            if path in urls:
                return self._article(article, urls, urls.index(path))
        return None

    def _list(self, column: str) -> Markup:
        listed = [article for article in self.articles if article.column == column]
        entries = [
            (self.urls(article)[-1 if Trap.REFRESH in article.traps else 0], escape(article.title), article.published)
            for article in listed
        ]
        if column == "gsbb":
            entries.insert(1, (self.gone, "图解：一周要闻", self._start))
        rows = [
            f'<li><a href="{url}" target="_blank">{title}</a><span>{day:%Y-%m-%d}</span></li>'
            for url, title, day in entries
        ]
        text = fill("gansudaily_list", column=COLUMNS[column], rows="\n".join(rows))
        return Markup(text, self.changed)

    def _article(self, article: SampleArticle, urls: list[str], number: int) -> Markup:
        pages = article.pages
        if number == len(pages):
            return Markup(fill("gansudaily_stub", url=self.urls(article)[0]), article.published)
        text = fill(
            "gansudaily_article",
            title=escape(article.title),
            column=article.column,
            column_name=COLUMNS[article.column],
            time=f"{article.published:%Y-%m-%d %H:%M}",
            source=escape(article.source_name),
            author=f"作者：{byline}" if (byline := article.author or article.byline) else "",
            editor=EDITOR,
            body=paragraphs(pages[number], "<p>　　{}</p>"),
            pager=_pager(urls[: len(pages)], number),
        )
        return Markup(text, article.published)


def _pager(urls: list[str], number: int) -> str:
    if len(urls) == 1:
        return ""
    links = [f'<a href="{urls[number - 1]}">上一页</a>'] if number else []
    links += [
        f"<span>{index + 1}</span>" if index == number else f'<a href="{url}">{index + 1}</a>'
        for index, url in enumerate(urls)
    ]
    links += [f'<a href="{urls[number + 1]}">下一页</a>'] if number + 1 < len(urls) else []
    return f'<div id="news_more_page_div_id">{" ".join(links)}</div>'
