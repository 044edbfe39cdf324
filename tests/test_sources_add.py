"""A source from nothing but its address: what each kind of list page is taken for, and the command across a socket."""

import json
import os
import re
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from conftest import fengxiang
from test_families_guess import CASES, CORNER

from crawler.dates import CST
from crawler.extract import extract_links, extract_list
from crawler.lists.formats import html_list
from crawler.lists.guess import guess
from crawler.lists.sourcefile import toml_of
from crawler.sample.families import FamilyWeb
from crawler.sample.server import Page, Request, Server
from crawler.sources import load_source

PAGES = Path(__file__).parent / "pages" / "lists"
GOLD: dict[str, dict[str, Any]] = json.loads((PAGES / "gold.json").read_text("utf-8"))
SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared") / "lists"


@pytest.mark.parametrize("name", GOLD)
def test_saved_list_pages(tmp_path: Path, name: str) -> None:
    gold, data = GOLD[name], (PAGES / name).read_bytes()
    wanted = [urljoin(gold["url"], link) for link in gold["links"]]
    found = guess(data, gold["url"])
    assert (found.family, found.trouble) == (gold["family"], "")
    assert sorted(link.url for link in extract_links(data, gold["url"])) == sorted(wanted)
    assert (found.charset, found.pager) == (gold.get("charset", ""), gold.get("pager", ""))
    file = tmp_path / "cn_new.toml"
    file.write_text(toml_of(found, "2026-11-26"), "utf-8")
    source = load_source(file)
    assert all(map(source.is_article, wanted))
    assert extract_list(data, gold["url"]).next_page == gold.get("next")


def links_right(data: bytes, url: str, wanted: set[str]) -> bool:
    """Return whether the main list is the wanted one, and the file that would be written reads nearly all of it."""
    found = guess(data, url)
    listed = {link.url for link in extract_links(data, url)}
    main = len(listed & wanted) >= 0.95 * max(len(listed), len(wanted))
    return main and sum(re.search(found.article, link) is not None for link in wanted) >= 0.9 * len(wanted)


def saved_pages() -> list[tuple[str, bytes, str, set[str]]]:
    rows = [(name, (PAGES / name).read_bytes(), gold["url"], gold["links"]) for name, gold in GOLD.items()]
    if (SHARED / "gold.jsonl").exists():
        for line in (SHARED / "gold.jsonl").read_text("utf-8").splitlines():
            gold = json.loads(line)
            url = gold["url"] or "http://list.example/news/"
            rows.append((gold["name"], (SHARED / gold["file"]).read_bytes(), url, [x["href"] for x in gold["links"]]))
    return [(name, data, url, {urljoin(url, link) for link in links}) for name, data, url, links in rows]


def test_family_or_links_are_right_on_nine_of_ten_pages(capsys: pytest.CaptureFixture[str]) -> None:
    """The figure of `sources add`: each family's corner, our own saved pages, and those that lie beside the project."""
    right = {}
    for name, path, family, _ in CASES:
        corner = CORNER[name]
        right[f"{name} {path}"] = guess(corner.pages[path].body, f"http://{corner.host}{path}").family == family
    right |= {name: links_right(data, url, wanted) for name, data, url, wanted in saved_pages()}
    with capsys.disabled():
        sys.stdout.write(f"\nsources add: {sum(right.values())} of {len(right)} pages right\n")
    assert sum(right.values()) >= 0.9 * len(right), [name for name, is_right in right.items() if not is_right]


ROWS = "".join(
    f"<li><a href='/a/{n}.html'>南塬市公布第{n}批标准厂房招租结果</a><span>2026-03-2{n % 9}</span></li>"
    for n in range(1, 19)
)
ARTICLE = """\
<html><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1>
<div>2026年3月2{day}日 09:30　来源：南塬日报</div>
<div class="content"><p>南塬市今日公布标准厂房招租结果，共有{n}家企业入围。</p>
<p>入围企业应当在三十日内签订合同，逾期视为放弃，由后一名递补。</p></div></body></html>"""
SHELL = """\
<html><head><meta charset="utf-8"><title>动态</title>{feed}</head>
<body><div id="app"></div><script src="/x.js"></script></body></html>"""
SITEMAP = "".join(f"<url><loc>http://{{host}}/a/{n}.html</loc></url>" for n in range(1, 13))


def serve(pages: dict[str, str]) -> tuple[Server, list[str]]:
    asked: list[str] = []

    def answer(request: Request) -> Page:
        path = request.path
        if number := re.fullmatch(r"/a/(\d+)\.html", path):
            n = int(number[1])
            text = ARTICLE.format(title=f"南塬市公布第{n}批标准厂房招租结果", day=n % 9, n=n)
            return Page(text.encode(), "text/html; charset=utf-8")
        kind = "application/xml" if path.endswith(".xml") else "text/html"
        host = request.headers["host"]
        return Page(pages[path].replace("{host}", host).encode(), kind) if path in pages else Page(b"", status=404)

    server = Server(answer, lambda request, _: asked.append(request.path))
    server.start()
    return server, asked


def add(folder: Path, server: Server, path: str, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "fengxiang.toml").write_text("[crawl]\ndelay = 0.0\n", "utf-8")
    return fengxiang("sources", "add", f"http://{server.address}{path}", "--private", *more, cwd=folder)


def test_ten_articles_are_shown_and_the_numbered_pager_is_written(tmp_path: Path) -> None:
    head = "<html><head><meta charset='utf-8'><title>南塬市工业和信息化局 通知</title></head><body>"
    pager = "<p><a href='/list/p1.html'>1</a> <a href='/list/p2.html'>2</a> <a href='/list/p3.html'>3</a></p>"
    later = ROWS.replace("/a/", "/a/10")
    server, asked = serve(
        {"/list/": f"{head}<ul>{ROWS}</ul>{pager}", "/list/p2.html": f"{head}<ul>{later}</ul>{pager}"}
    )
    try:
        done = add(tmp_path, server, "/list/", "-o", "cn_nanyuan.toml")
    finally:
        server.stop()
    assert done.returncode == 0, done.stderr
    source = load_source(tmp_path / "cn_nanyuan.toml")
    assert (source.family, source.kind, source.charset) == ("listing", "department", None)
    assert source.options.pager == "p{n}.html"  # type: ignore[union-attr]
    shown = re.findall(
        r"^2026-03-2\d\S+  南塬市公布第\d+批标准厂房招租结果\n  南塬市今日公布", done.stderr, re.MULTILINE
    )
    assert len(shown) == 10, done.stderr
    assert "family listing; 2 list pages, 36 links; further pages were found" in done.stderr
    assert asked[:2] == ["/robots.txt", "/list/"]
    assert "/list/p2.html" in asked


@pytest.mark.parametrize(
    "beside", ["feed", *(pytest.param(name, marks=pytest.mark.slow) for name in ("robots", "custom"))]
)
def test_a_feed_or_a_sitemap_beside_a_page_of_scripts_is_taken(tmp_path: Path, beside: str) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/rss.xml">' if beside == "feed" else ""
    items = "".join(f"<item><title>消息{n}</title><link>http://{{host}}/a/{n}.html</link></item>" for n in range(1, 13))
    urls = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{SITEMAP}</urlset>'
    index = "<sitemapindex><sitemap><loc>http://{host}/s1.xml</loc></sitemap></sitemapindex>"
    pages = {"/list/": SHELL.replace("{feed}", link)}
    pages |= {
        "feed": {"/rss.xml": f"<rss><channel>{items}</channel></rss>"},
        "robots": {"/robots.txt": "Sitemap: http://{host}/sm.xml\n", "/sm.xml": index, "/s1.xml": urls},
        "custom": {"/sitemap.xml": urls},
    }[beside]
    server, _ = serve(pages)
    try:
        done = add(tmp_path, server, "/list/")
    finally:
        server.stop()
    assert done.returncode == 0, done.stderr
    (tmp_path / "cn_new.toml").write_text(done.stdout, "utf-8")
    source = load_source(tmp_path / "cn_new.toml")
    wanted = {"feed": ("feed", "/rss.xml"), "robots": ("sitemap", "/sm.xml"), "custom": ("sitemap", "/sitemap.xml")}
    assert (source.family, urlsplit(source.list_urls[0]).path) == wanted[beside]
    assert done.stderr.count("\n  南塬市今日公布") == 10, done.stderr


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (SHELL.replace("{feed}", ""), "the page names no articles; is it a list?; its scripts make the list: look for"),
        pytest.param(
            "<html><title>关于</title><p>关于我们</p></html>",
            "the page names no articles; is it a list?\n",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_page_without_a_list_is_told_and_the_browser_named_where_it_may_help(
    tmp_path: Path, page: str, said: str
) -> None:
    server, _ = serve({"/list/": page})
    try:
        done = add(tmp_path, server, "/list/", "-o", "cn_new.toml")
    finally:
        server.stop()
    assert done.returncode == 1
    assert said in done.stderr
    assert ("--render" in done.stderr) == ("script" in page)
    assert not (tmp_path / "cn_new.toml").exists()


@pytest.mark.slow
def test_a_site_that_refuses_is_told(tmp_path: Path) -> None:
    with FamilyWeb(datetime.now(CST).date()) as web:
        (tmp_path / "fengxiang.toml").write_text("[crawl]\ndelay = 0.0\n", "utf-8")
        url = web.local("http://refusing.example/tzgg/")
        done = fengxiang("sources", "add", url, "--private", cwd=tmp_path)
    assert done.returncode == 1
    assert "HTTP 412" in done.stderr


@pytest.mark.parametrize(
    ("row", "title", "day"),
    [
        ("document.write('<li><a href=\"/a/{n}.html\">{t}</a><i>{d}</i></li>');", True, True),
        ('document.writeln("<li>" + "<a href=\\"\\/a\\/{n}.html\\">{t}<\\/a><i>{d}<\\/i><\\/li>");', True, True),
        ('document.write("<li><a href=\'/a/"+{n}+".html\'>{t}</a></li>");', None, None),
    ],
)
def test_rows_that_scripts_write(row: str, title: bool | None, day: bool | None) -> None:
    titles = [f"南塬市公布第{n}批标准厂房招租结果" for n in range(1, 9)]
    rows = "".join(
        row.replace("{n}", str(n)).replace("{t}", text).replace("{d}", f"2026-11-0{n}")
        for n, text in enumerate(titles, 1)
    )
    html = (
        f"<html><body><div class='nav'><a href='/about/'>关于</a></div><ul><script>{rows}</script></ul></body></html>"
    )
    links = html_list(html.encode(), "http://a.example/list/", article=r"/a/\d*\.html").links
    assert [link.title for link in links] == (titles if title else [])
    assert [link.date for link in links] == ([date(2026, 11, n) for n in range(1, 9)] if day else [])
