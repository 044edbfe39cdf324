"""Private addresses: whatever notation, name, redirect, page or list leads to one, nothing connects.

`WAYS` counts them. The same ways are gone with `private = true`, where they must arrive: a way that leads nowhere
proves nothing. Those of a browser stand in test_render.py.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from internet import Canary, online

from crawler.guard import is_public
from crawler.sample.server import Page, Request, Server

# Of this machine itself: every one of them arrives at the canary where nothing guards it, but for names it has not.
LOOPBACK_TEXT = """
127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.254 0 0.0.0.0 00 0x0 2130706433 017700000001 0x7f000001 0x7f.1
0x7f.0.0.1 0x7f.0x0.0x0.0x1 0177.0.0.1 0177.1 0177.0.0.0x1 127.0.0x1 localhost LOCALHOST localhost. ip6-localhost
[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [0:0:0:0:0:0:0:1] 127.0.0.1. 127。0。0。1
１２７.0.0.1
"""
# Of other machines: here it is the refusal that counts.
ELSEWHERE_TEXT = """
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 169.254.169.254 169.254.0.1 100.64.0.1
100.127.255.255 198.18.0.1 192.0.0.1 192.0.2.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255 0xa000001 167772161 0xa9fea9fe 2852039166 [fe80::1] [fc00::1] [fd12::1] [ff02::1]
[2001:db8::1] [::ffff:10.0.0.1] [::ffff:a9fe:a9fe] [64:ff9b::127.0.0.1] [2002:7f00:1::] [::127.0.0.1]
"""
LOOPBACK, ELSEWHERE = LOOPBACK_TEXT.split(), ELSEWHERE_TEXT.split()
# In what strangers send, PORT is the canary's port and № the number of the way.
C, NEXT = "http://localhost:PORT/a/№", "http://localhost:PORT/l/№"
LIST = "<ul><li><a href='{}'>南塬市公布标准厂房招租结果</a></li></ul>"
OWN = LIST.format("/a/1")
ARTICLE = """<html><head><title>内网消息</title>{}</head><body><h1>内网消息</h1><div>2026-03-20 09:30 来源：内网</div>
<div><p>南塬市园区管理委员会今日公布标准厂房招租结果，共有五十家企业入围，出租面积合计一千平方米。</p>
<p>入围企业应当在三十日内签订合同，逾期视为放弃，由后一名递补，具体事项由园区管理委员会另行通知。</p>{}</div></body></html>"""
PLAIN = ARTICLE.format("", "")
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
RSS = "<rss><channel><item><title>消息</title>{}</item></channel></rss>"
REFRESH = f'<meta http-equiv="refresh" content="0; url={C}">'
RECORD = "<record><![CDATA[<a href='{}'>消息</a>]]></record>"
COLUMN = f"<nextgroup><![CDATA[<a href='{NEXT}?columnid=1&unitid=2'>]]></nextgroup><totalrecord>90</totalrecord>"
Reply = str | tuple[int, dict[str, str]]  # a page, or status and headers


def redirect(location: str, status: int = 302) -> tuple[int, dict[str, str]]:
    return status, {"Location": location}


# What a stranger answers under his public name: family of the source, and path → reply; a list is at /l/.
PAGES: dict[str, tuple[str, dict[str, Reply]]] = {
    **{f"redirect {status}": ("listing", {"/l/": redirect(C, status)}) for status in (301, 302, 303, 307, 308)},
    "redirect of an article": ("listing", {"/l/": OWN, "/a/1": redirect(C)}),
    "redirect of robots.txt": ("listing", {"/robots.txt": redirect(C), "/l/": OWN}),
    "redirect to a number": ("listing", {"/l/": redirect("http://2130706433:PORT/a/№")}),
    "redirect to short octal": ("listing", {"/l/": redirect("http://0177.1:PORT/a/№")}),
    "redirect to IPv6": ("listing", {"/l/": redirect("http://[::ffff:7f00:1]:PORT/a/№")}),
    "redirect without scheme": ("listing", {"/l/": redirect("//localhost:PORT/a/№")}),
    "redirect with userinfo": ("listing", {"/l/": redirect("http://a.public.example@localhost:PORT/a/№")}),
    "redirect of a redirect": ("listing", {"/l/": redirect("/b"), "/b": redirect(C, 307)}),
    "Refresh header": ("listing", {"/l/": (200, {"Refresh": f"0; url={C}"})}),
    "meta refresh of a list": ("listing", {"/l/": REFRESH}),
    "meta refresh of an article": ("listing", {"/l/": OWN, "/a/1": REFRESH}),
    "base": ("listing", {"/l/": "<base href='http://localhost:PORT/'>" + LIST.format("a/№")}),
    "link of a list": ("listing", {"/l/": LIST.format(C)}),
    "link without scheme": ("listing", {"/l/": LIST.format("//localhost:PORT/a/№")}),
    "link in onclick": ("listing", {"/l/": f"<ul><li><a onclick=\"open('{C}')\">南塬市公布招租结果</a></li></ul>"}),
    "link that a script writes": ("listing", {"/l/": f"<script>document.write('<a href=\"{C}\">公布</a>')</script>"}),
    "next list page": ("listing", {"/l/": OWN + f"<a href='{NEXT}'>下一页</a>", "/a/1": PLAIN}),
    "next part": ("listing", {"/l/": OWN, "/a/1": ARTICLE.format("", f"<p><a href='{NEXT}'>下一页</a></p>")}),
    "canonical": ("listing", {"/l/": OWN, "/a/1": ARTICLE.format(f"<link rel='canonical' href='{C}'>", "")}),
    "mobile twin": (
        "listing",
        {"/l/": OWN, "/a/1": ARTICLE.format(f"<meta name='mobile-agent' content='url={C}'>", "")},
    ),
    "picture": ("listing", {"/l/": OWN, "/a/1": ARTICLE.format("", f"<img src='{C}'>")}),
    "attachment": ("listing", {"/l/": OWN, "/a/1": ARTICLE.format("", f"<a href='{C}.pdf'>附件：结果.pdf</a>")}),
    "link of a feed": ("feed", {"/l/": RSS.format(f"<link>{C}</link>")}),
    "guid of a feed": ("feed", {"/l/": RSS.format(f"<guid>{C}</guid>")}),
    "enclosure of a feed": ("feed", {"/l/": RSS.format(f"<link>/a/1</link><enclosure url='{C}'/>"), "/a/1": PLAIN}),
    "link of an Atom feed": ("feed", {"/l/": ATOM.format(f"<entry><title>消息</title><link href='{C}'/></entry>")}),
    "next page of a feed": (
        "feed",
        {"/l/": ATOM.format(f"<link rel='next' href='{NEXT}'/><entry><link href='/a/1'/></entry>"), "/a/1": PLAIN},
    ),
    "sitemap": ("sitemap", {"/l/": f"<urlset><url><loc>{C}</loc></url></urlset>"}),
    "sitemap of an index": ("sitemap", {"/l/": f"<sitemapindex><sitemap><loc>{C}</loc></sitemap></sitemapindex>"}),
    "sitemap of robots.txt": ("listing", {"/robots.txt": f"Sitemap: {C}\n", "/l/": OWN, "/a/1": PLAIN}),
    "address in JSON": ("api", {"/l/": f'{{"rows": [{{"url": "{C}", "title": "消息"}}]}}'}),
    "record in CDATA": ("jpage", {"/l/": f"<datastore>{RECORD.format(C)}</datastore>"}),
    "proxy of a column": ("jpage", {"/l/": f"<datastore>{COLUMN}{RECORD.format('/a/1')}</datastore>", "/a/1": PLAIN}),
    "unit of a column": (
        "jpaas",
        {"/l/": f"<script src='unitbuild.js' url='{C}' queryData=\"{{'webId':'1','tagId':'当前栏目list'}}\"></script>"},
    ),
}
# Followed by nobody, guarded or not.
IGNORED = {
    "Refresh header",
    "canonical",
    "mobile twin",
    "picture",
    "attachment",
    "enclosure of a feed",
    "sitemap of robots.txt",
}
# Names whose meaning changes between two look-ups: what each look-up of the name gives.
REBOUND = {
    "public at first": [["8.8.8.8"], ["127.0.0.1"]],
    "public for robots.txt": [["8.8.8.8"], ["8.8.8.8"], ["127.0.0.1"]],
    "private at first": [["127.0.0.1"], ["8.8.8.8"]],
    "both at once": [["8.8.8.8", "127.0.0.1"]],
    "private in IPv6 only": [["8.8.8.8", "::1"]],
    "a public name of this machine": [["127.0.0.1"]],
    "a public name within the network": [["192.168.7.7"]],
}
WAYS = [*LOOPBACK, *ELSEWHERE, "https", "backslash", *PAGES, *REBOUND]
SOURCE = """\
name = "示例"
kind = "news"
family = "{family}"
list_urls = {urls}
hosts = ["{host}", "localhost:{port}"]
article = '/a/\\d+$'
private = {private}
{options}
"""
SETTINGS = """\
[crawl]
delay = 0.0
concurrent_hosts = 32
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
"""
OPTIONS = {"api": '[options]\nitems = "rows"'}


@pytest.fixture
def canary() -> Iterator[Canary]:
    server = Canary(PLAIN)
    yield server
    server.stop()


@pytest.fixture
def stranger(canary: Canary) -> Iterator[Server]:
    """The host behind every public name."""
    ways = dict(enumerate(PAGES.values()))

    def answer(request: Request) -> Page:
        name, path = request.headers["host"].partition(".")[0], request.path
        if not name.startswith("w"):  # a name that is bound anew: every request asks for its address again
            return Page(b"" if path == "/robots.txt" else OWN.encode(), headers={"Connection": "close"})
        reply = ways[int(name[1:])][1].get(path, (404, {}))
        body, status, headers = (reply, 200, {}) if isinstance(reply, str) else ("", *reply)
        filled = [text.replace("PORT", str(canary.port)).replace("№", name[1:]) for text in (body, *headers.values())]
        return Page(
            filled[0].encode(), "text/html; charset=utf-8", status, headers=dict(zip(headers, filled[1:], strict=True))
        )

    server = Server(answer, lambda _request, _status: None)
    server.start()
    yield server
    server.stop()


def write(folder: Path, port: int, urls: dict[str, tuple[str, list[str]]], *, private: bool) -> None:
    """Write a source for each name: family and lists."""
    (folder / "sources").mkdir()
    (folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    for name, (family, lists) in urls.items():
        host = f"{name}.public.example"
        text = SOURCE.format(
            family=family, urls=json.dumps(lists), host=host, port=port, private=str(private).lower(),
            options=OPTIONS.get(family, ""),
        )  # fmt: skip
        (folder / "sources" / f"cn_{name}.toml").write_text(text, "utf-8")


def public_ways() -> dict[str, tuple[str, list[str]]]:
    return {
        f"w{number}": (family, [f"http://w{number}.public.example/l/"])
        for number, (family, _) in enumerate(PAGES.values())
    }


def rebound(port: int) -> dict[str, tuple[str, list[str]]]:
    return {
        f"n{number}": ("listing", [f"http://n{number}.example:{port}/l/n{number}"]) for number in range(len(REBOUND))
    }


def answers() -> dict[str, list[list[str]]]:
    return {f"n{number}.example": looked_up for number, looked_up in enumerate(REBOUND.values())}


def test_there_are_more_than_sixty_ways() -> None:
    assert len(set(WAYS)) == len(WAYS) >= 100


def test_no_way_leads_to_a_private_address(tmp_path: Path, canary: Canary, stranger: Server) -> None:
    port = canary.port
    direct = [f"http://{host}:{port}/l/" for host in LOOPBACK] + [f"http://{host}/l/" for host in ELSEWHERE]
    direct.append(f"https://127.0.0.1:{port}/")
    write(tmp_path, port, {"direct": ("listing", direct)} | public_ways() | rebound(port), private=False)
    done = online(tmp_path, stranger.port, "run", answers=answers())
    assert canary.connections == canary.datagrams() == 0, done.stderr
    assert done.returncode == 1
    assert "Traceback" not in done.stderr, done.stderr
    refused = done.stderr.count("which is no public address")
    assert refused >= len(WAYS) - len(IGNORED) - 12, done.stderr


@pytest.mark.slow
def test_every_way_leads_there_where_nothing_guards_it(tmp_path: Path, canary: Canary, stranger: Server) -> None:
    port = canary.port
    notations = [f"http://{host}:{port}/n/{number}" for number, host in enumerate(LOOPBACK)]
    write(tmp_path, port, {"direct": ("listing", notations)} | public_ways() | rebound(port), private=True)
    looked_up = answers() | {"n6.example": [["127.0.0.1"]]}  # not into the network of whoever runs this
    done = online(tmp_path, stranger.port, "run", answers=looked_up)
    found = {path.partition("?")[0] for path in canary.paths}
    arrived = {name for number, name in enumerate(PAGES) if {f"/a/{number}", f"/l/{number}"} & found}
    # Scrapy itself refuses userinfo, and knows no IPv6 but what stands for IPv4.
    assert set(PAGES) - arrived == IGNORED | {"redirect with userinfo"}, done.stderr
    assert sum(f"/n/{number}" in found for number in range(len(LOOPBACK))) >= 24, sorted(found)
    assert {"/l/n2", "/l/n5", "/l/n6"} <= found


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "100.63.0.1"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)
