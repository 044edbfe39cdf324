"""Corners of papers, news sites and machine-readable lists."""

import gzip
import json
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

from crawler.sample.families.corner import MISSING, Corner, page, rows
from crawler.sample.families.texts import Planted, planted, series
from crawler.sample.server import Page, Request


class Listing(Corner):
    """Numbered pages behind a script; any further page repeats the last; an off-site link of an article's shape."""

    name = "listing"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        self._articles = series("/article/{n}", 7, 7700, today)
        self.plant("cn_listing", self._articles)

    def publish(self) -> Planted:
        """Put a new article on top of the list."""
        new = planted("/article/{n}", 7790, self.today)
        self.plant("cn_listing", [new])
        self._articles = [new, *self._articles]
        return new

    def slip_in(self) -> Planted:
        """Put an article with an old date below the others, as a site does that publishes late."""
        late = planted("/article/{n}", 7791, self.today - timedelta(days=9))
        self.plant("cn_listing", [late])
        self._articles = [*self._articles, late]
        return late

    def answer(self, request: Request) -> Page:
        """Return a page of the list for any number."""
        parts = urlsplit(request.path)
        if parts.path != "/col/news":
            return super().answer(request)
        number = min(int(dict(parse_qsl(parts.query)).get("pageIndex", 1)), 3)
        foreign = '<li><a href="http://elsewhere.example/article/9999">站外转载</a></li>'
        pager = f'<a href="javascript:_gotPage({number + 1},30)">下一页</a>'
        asked = rows(self._articles[(number - 1) * 3 : number * 3])
        return Page(page("<ul>", asked, foreign, "</ul>", pager).encode())


class Epaper(Corner):
    """Papers of both generations: no issue today, two pages yesterday, a soft 404 the day before; PDFs everywhere."""

    name = "epaper"
    template = "epaper"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        self._paper("cn_epaper", "/gsrb/pc/{}/%Y%m/%d/", ("layout", "con"), ("node_01.html", "node_02.html"))
        self._paper("cn_epaper_old", "/html/%Y-%m/%d/", ("", ""), ("node_1.htm", "node_2.htm"))

    def _paper(self, source: str, folder: str, kinds: tuple[str, str], nodes: tuple[str, str]) -> None:
        layout, content = (folder.format(kind) for kind in kinds)
        pages = "".join(f'<a id="pageLink" href="{node}">版面</a>' for node in nodes)
        for age, count in ((1, 5), (3, 3)):
            day = self.today - timedelta(days=age)
            path = day.strftime(content) + "content_{n}." + nodes[0].rpartition(".")[2]
            first = 7800 + 10 * age + 50 * len(nodes[0])
            articles = [planted(path, first + index, day) for index in range(count)]
            self.plant(source, articles)
            older = (day - timedelta(days=30)).strftime(layout) + nodes[0]
            aside = f'<a href="/pc/att/a.pdf">PDF</a><a href="{older}">往期</a>'
            for node, part in zip(nodes, (articles[:3], articles[3:]), strict=True):
                text = page('<div id="bmdhTable">', pages, aside, "</div><ul>", rows(part), "</ul>")
                self.put(day.strftime(layout) + node, text)
            self.traps |= {older, "/pc/att/a.pdf"}
        gone = (self.today - timedelta(days=2)).strftime(layout) + nodes[0]
        self.put(gone, "<html><head><title>页面没有找到</title></head><body>您访问的页面没有找到</body></html>")


class Feeds(Corner):
    """RSS in GBK with CDATA and a link to another host, Atom with a next page, and a feed that declares entities."""

    name = "feeds"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        rss = series("/a/{day:%Y%m%d}/{n}.html", 4, 7900, today)
        atom = series("/b/{day:%Y%m%d}/{n}.html", 4, 7920, today)
        self.plant("cn_feeds", rss + atom)
        items = "".join(self._item(article) for article in rss)
        foreign = "<item><title>外站</title><link>http://elsewhere.example/a/20261101/1.html</link></item>"
        head = '<?xml version="1.0" encoding="GBK"?><rss version="2.0"><channel><title>要闻</title>'
        self.put("/rss.xml", f"{head}{items}{foreign}</channel></rss>", "application/rss+xml", "gb18030")
        self.put(
            "/atom.xml", self._atom(atom[:2], '<link rel="next" href="/atom.xml?page=2"/>'), "application/atom+xml"
        )
        self.put("/atom.xml?page=2", self._atom(atom[2:], ""), "application/atom+xml")
        bomb = '<!DOCTYPE rss [<!ENTITY a "哈哈"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
        item = f"<item><title>&f;</title><link>http://{self.host}/a/20261101/8.html</link></item>"
        self.put("/hostile.xml", f"{bomb}<rss><channel>{item}</channel></rss>", "text/xml")
        self.traps.add("/a/20261101/8.html")

    def _item(self, article: Planted) -> str:
        moment = f"{article.published:%a, %d %b %Y %H:%M:%S} +0800"
        return (
            f"<item><title><![CDATA[{article.title}]]></title><link>http://{self.host}{article.path}</link>"
            f"<pubDate>{moment}</pubDate></item>"
        )

    @staticmethod
    def _atom(articles: list[Planted], following: str) -> str:
        entries = "".join(
            f'<entry><title>{a.title}</title><link rel="alternate" href="{a.path}"/>'
            f"<updated>{a.published.isoformat()}</updated></entry>"
            for a in articles
        )
        return f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">{following}{entries}</feed>'


class Sitemaps(Corner):
    """An index with a packed sitemap, one that is too old and one on another host; old entries in a fresh sitemap."""

    name = "sitemaps"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        articles = series("/n/{day:%Y%m%d}/{n}.html", 6, 8000, today)
        self.plant("cn_sitemaps", articles)
        old = today - timedelta(days=400)
        stale = planted("/n/{day:%Y%m%d}/{n}.html", 8020, old)
        self.traps |= {stale.path, "/old.xml"}
        names = (("/new.xml.gz", today), ("/old.xml", old), ("/more.xml", today))
        children = "".join(self._entry("sitemap", f"http://{self.host}{name}", day) for name, day in names)
        foreign = self._entry("sitemap", "http://elsewhere.example/s.xml", today)
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        self.put("/sitemap.xml", f"<sitemapindex {space}>{children}{foreign}</sitemapindex>", "application/xml")
        for name, part in (("/new.xml.gz", articles[:4]), ("/more.xml", [*articles[4:], stale])):
            entries = "".join(self._entry("url", f"http://{self.host}{a.path}", a.day) for a in part)
            self.put(name, f"<urlset {space}>{entries}</urlset>", "application/xml")

    @staticmethod
    def _entry(tag: str, address: str, day: date) -> str:
        return f"<{tag}><loc>{address}</loc><lastmod>{day}</lastmod></{tag}>"


class Api(Corner):
    """Rows deep in an object keyed by kind, and rows that a form asks for page by page."""

    name = "api"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        kinds = series("/zhengce/content/content_{n}.htm", 5, 8100, today)
        self.plant("cn_api", kinds)
        found = {
            "gongwen": {"listVO": self._rows(kinds[:3])},
            "bumen": {"listVO": self._rows(kinds[3:])},
            "other": None,
        }
        self.put(
            "/search-gov/data?t=lib", f"callback({json.dumps({'searchVO': {'catMap': found}})});", "text/javascript"
        )
        self._posted = series("/detail?id={n}", 5, 8120, today)
        self.plant("cn_api_form", self._posted)

    @staticmethod
    def _rows(articles: list[Planted]) -> list[dict[str, object]]:
        return [
            {
                "title": a.title,
                "url": a.path,
                "id": a.path.rpartition("=")[2],
                "pubtime": int(a.published.timestamp()) * 1000,
            }
            for a in articles
        ]

    def answer(self, request: Request) -> Page:
        """Return a page of the rows that a form asks for."""
        if request.path != "/query":
            return super().answer(request)
        form = dict(parse_qsl(request.body.decode()))
        if request.method != "POST" or form.get("kind") != "news":
            return MISSING
        number = int(form["pageNo"])
        answer = {"rows": self._rows(self._posted[(number - 1) * 3 : number * 3])}
        return Page(json.dumps(answer).encode(), "application/json")


def packed(body: bytes) -> bytes:
    """Return a sitemap as its server packs it."""
    return gzip.compress(body, mtime=0)
