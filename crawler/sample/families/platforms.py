"""Corners of the platforms that government sites are built with."""

import json
from datetime import date
from urllib.parse import parse_qs, parse_qsl, urlsplit

from crawler.sample.families.corner import MISSING, Corner, page, rows
from crawler.sample.families.texts import Planted, series
from crawler.sample.server import Page, Request

STUB = "<html><head><meta charset='utf-8'></head><body>" + "<!-- -->" * 40 + "</body></html>"
COLUMN, SEARCH = "5e1f0a7b3c9d4e2f8a6b1c0d9e8f7a6b", "0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e"


class Trs(Corner):
    """Zero-based pages counted only in a script; a stub where the count promises a page; a row without href."""

    name = "trs"
    template = "trs"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        articles = series("/tzgg/{day:%Y%m}/t{day:%Y%m%d}_{n}.html", 10, 7000, today)
        self.plant("cn_trs", articles)
        script = '<script>createPageHTML(4, {}, "index", "html");</script>'
        scripted = (
            f"<li><a onclick=\"isDownLoad('{articles[0].path}', 1)\">{articles[0].title}</a>"
            f"<span>[{articles[0].day:%m-%d}]</span></li>"
        )
        self.put("/tzgg/", page("<ul>", scripted, rows(articles[1:5], "/tzgg/"), "</ul>", script.format(0)))
        self.put("/tzgg/index_1.html", page("<ul>", rows(articles[5:], "/tzgg/"), "</ul>", script.format(1)))
        self.put("/tzgg/index_2.html", STUB)
        more = series("/zcjd/{day:%Y%m}/t{day:%Y%m%d}_{n}.shtml", 4, 7100, today)
        self.plant("cn_trs", more)
        self.put("/zcjd/list.shtml", page("<ul>", rows(more[:2]), "</ul>", "<script>var countPage = 2;</script>"))
        self.put("/zcjd/list_1.shtml", page("<ul>", rows(more[2:]), "</ul>", "<script>var countPage = 2;</script>"))
        self.traps |= {"/tzgg/index_3.html", "/zcjd/list_2.shtml", "/tzgg/index.html"}


class Jpage(Corner):
    """Records in CDATA, further ones from the proxy; another column whose proxy is encrypted."""

    name = "jpage"
    template = "jpage"
    proxy = "/module/web/jpage/dataproxy.jsp"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        self.articles = series("/art/{day.year}/{day.month}/{day.day}/art_284_{n}.html", 15, 7200, today)
        self.plant("cn_jpage", self.articles)
        query = (
            "page=1&amp;appid=1&amp;webid=3&amp;path=/&amp;columnid={}&amp;unitid={}&amp;webname=x&amp;permissiontype=0"
        )
        self.put("/col/col284/index.html", self._column("423656", self.articles[:6], query.format("284", "423656"), 15))
        few = series("/art/{day.year}/{day.month}/{day.day}/art_91_{n}.html", 4, 7230, today)
        self.plant("cn_jpage", few)
        secret = query.format("q8Zk%2Fw%3D%3D", "Jm2x%2Bg%3D%3D")
        self.put("/col/col91/index.html", self._column("8817", few, secret, 40))

    def _column(self, unit: str, articles: list[Planted], query: str, total: int) -> str:
        group = f'<nextgroup><![CDATA[<a href="./dataproxy.jsp?{query}"></a>]]></nextgroup>'
        store = f'<div id="{unit}"><script type="text/xml">{self._store(articles, total, group)}</script></div>'
        return page(store)

    @staticmethod
    def _store(articles: list[Planted], total: int, group: str = "") -> str:
        records = "".join(f"<record><![CDATA[{rows([article])}]]></record>" for article in articles)
        return f"<datastore>{group}<totalrecord>{total}</totalrecord><recordset>{records}</recordset></datastore>"

    def answer(self, request: Request) -> Page:
        """Return records as the proxy counts them."""
        parts = urlsplit(request.path)
        if parts.path != self.proxy:
            return super().answer(request)
        form = dict(parse_qsl(parts.query))
        if form.get("columnid") != "284" or form.get("unitid") != "423656":
            self.traps.add(request.path)  # whoever asks with an encrypted id has followed a trap
            return Page(b"<datastore><recordset></recordset></datastore>", "text/xml")
        asked = self.articles[int(form["startrecord"]) - 1 : int(form["endrecord"])]
        return Page(self._store(asked, len(self.articles)).encode(), "text/xml")


class Jpaas(Corner):
    """A column whose list comes from a unit endpoint, which ignores a bare pageNo."""

    name = "jpaas"
    unit = "/api-gateway/jpaas-publish-server/front/page/build/unit"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        self.articles = series("/zwgk/art/{day.year}/art_{n:032x}.html", 7, 7300, today)
        self.plant("cn_jpaas", self.articles)
        query = "{'webId':'8d9','pageId':'c21','parseType':'bulidstatic','pageType':'column','tagId':'当前栏目list'}"
        script = f'<script src="/cms/AuthorizedRead/unitbuild.js?v=3" url="{self.unit}" queryData="{{}}"></script>'
        scripts = [script.format(query.replace("当前栏目list", tag)) for tag in ("左侧导航", "当前栏目list")]
        self.put("/zwgk/zcfb/index.html", page(scripts[0], '<div id="list">', scripts[1], "</div>"))

    def answer(self, request: Request) -> Page:
        """Return a page of the unit."""
        parts = urlsplit(request.path)
        if parts.path != self.unit:
            return super().answer(request)
        form = parse_qs(parts.query)
        if form.get("tagId") == ["左侧导航"]:
            menu = '<ul><li><a href="/zwgk/index.html">政务公开</a></li></ul>'
            return Page(json.dumps({"success": True, "data": {"html": menu}}).encode(), "application/json")
        if form.get("tagId") != ["当前栏目list"]:
            return Page(b'{"success":false,"data":{}}', "application/json")
        number = json.loads(form.get("paramJson", ['{"pageNo":1}'])[0])["pageNo"]
        asked = self.articles[(number - 1) * 3 : number * 3]
        html = f'<ul>{rows(asked)}</ul><div class="pagination" count="{len(self.articles)}" rows="3"></div>'
        answer = {"success": True, "code": "200", "data": {"html": html}}
        return Page(json.dumps(answer).encode(), "application/json")


class Ucap(Corner):
    """Lists in HTML paged by a script from 1 on, in HTML and JSON, in JSON, embedded, and asked for by POST."""

    name = "ucap"
    template = "ucap"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        listed = series("/site/tzgg/{day:%Y%m}/{n:032x}.shtml", 8, 7400, today)
        searched = series("/site/c100/{day:%Y%m}/{n:032x}.shtml", 5, 7420, today)
        self.plant("cn_ucap", listed + searched)
        channel = f'<meta name="channelid" content="{COLUMN}">'
        self.put("/site/tzgg/common_list.shtml", page(channel, "<ul>", rows(listed[:5]), "</ul>"))
        self._channels = {COLUMN: listed, SEARCH: searched}
        paged = series("/site/zcjd/{day:%Y%m}/{n:032x}.shtml", 5, 7430, today)
        self.plant("cn_ucap", paged)
        for number, name in ((1, "dezlist"), (2, "dezlist_2")):
            script = f"<script>createPageHTML('page_div', 2, {number}, 'dezlist', 'shtml', 5);</script>"
            self.put(
                f"/site/zcjd/{name}.shtml", page("<ul>", rows(paged[number * 3 - 3 : number * 3]), "</ul>", script)
            )
        embedded = series("/site/col14590/content/content_20465015{n:011d}.html", 3, 7440, today)
        self._queried = series("/site/cydt/content/content_20465015{n:011d}.html", 5, 7450, today)
        self.plant("cn_ucap_query", self._queried)
        self.plant("cn_ucap", embedded)
        found = json.dumps([{"source": self._source(article)} for article in embedded])
        script = f"<script>var page = {{articleList:{found},total:5}};</script>"
        self.put("/site/col/col14590/index.html", page('<div id="app"></div>', script))
        self.traps |= {"/site/zcjd/dezlist_1.shtml", "/site/zcjd/dezlist_3.shtml", "/site/cydt/index.html"}

    @staticmethod
    def _source(article: Planted) -> dict[str, str]:
        return {
            "title": article.title,
            "pubDate": f"{article.published:%Y-%m-%d %H:%M:%S}",
            "urls": json.dumps({"pc": article.path, "wap": f"/m{article.path}"}),
        }

    def answer(self, request: Request) -> Page:
        """Return JSON of a channel or of a query."""
        parts = urlsplit(request.path)
        if parts.path == "/queryList":
            return self._query(request)
        if not parts.path.startswith("/common/search/"):
            return super().answer(request)
        form = dict(parse_qsl(parts.query))
        articles = self._channels.get(parts.path.rpartition("/")[2], [])
        number, size = int(form.get("page", 1)), int(form.get("_pageSize", 15))
        found = [
            {"title": a.title, "url": a.path, "publishedTimeStr": f"{a.published:%Y-%m-%d %H:%M:%S}"}
            for a in articles[(number - 1) * size : number * size]
        ]
        answer = {"data": {"page": number, "rows": size, "total": len(articles), "results": found}}
        return Page(json.dumps(answer).encode(), "application/json")

    def _query(self, request: Request) -> Page:
        form = dict(parse_qsl(request.body.decode()))
        allowed = request.method == "POST" and request.headers.get("referer", "").endswith("/site/cydt/index.html")
        wanted = {"webSiteCode[]": "site", "channelCode[]": "cydt", "sort": "sortNum"}
        if not allowed or not wanted.items() <= form.items():
            return MISSING
        number, size = int(form["current"]), int(form["pageSize"])
        asked = self._queried[(number - 1) * size : number * size]
        answer = {"data": {"results": [{"source": self._source(article)} for article in asked]}}
        return Page(json.dumps(answer).encode(), "application/json")


class Gkmlpt(Corner):
    """A tree with two leaves, one of them empty, and a branch that jumps elsewhere."""

    name = "gkmlpt"
    template = "gkmlpt"

    def __init__(self, today: date) -> None:
        super().__init__(today)
        articles = series("/gkmlpt/content/4/{n}/post_{n}.html", 5, 7500, today)
        self.plant("cn_gkmlpt", articles)
        tree = [
            {
                "id": 10,
                "name": "文件",
                "children": [{"id": 11, "name": "通知", "children": []}, {"id": 12, "name": "空"}],
            },
            {"id": 20, "name": "外部", "jump_url": "http://other.example/"},
        ]
        config = f"window._CONFIG = {{SID:'153',TREE: {json.dumps(tree)},SERVICE_AREA_ID: 7}};"
        self.put("/gkmlpt/index", page(f"<script>{config}</script>"))
        for number in (1, 2):
            asked = articles[(number - 1) * 3 : number * 3]
            found = [
                {"title": a.title, "url": f"http://{self.host}{a.path}", "date": int(a.published.timestamp())}
                for a in asked
            ]
            answer = {"classify": {"post_count": 5}, "articles": found}
            self.put(f"/gkmlpt/api/all/11?page={number}&sid=153", json.dumps(answer), "application/json")
        empty = {"classify": {"post_count": 0}, "articles": []}
        self.put("/gkmlpt/api/all/12?page=1&sid=153", json.dumps(empty), "application/json")
        self.traps |= {"/gkmlpt/api/all/20?page=1&sid=153", "/gkmlpt/api/all/10?page=1&sid=153"}
