"""A web of many hosts for benchmarks: pages of invented news, made beforehand and handed out by a cheap server.

    python benchmarks/crawl_web.py SOURCES ARTICLES FOLDER

Host n is the loopback address 127.0.n/250.n%250, all on one port, as Linux allows. Writes a source file for each host
into FOLDER/sources and all addresses into FOLDER/addresses.txt, prints the port and serves until standard input ends.
"""

import asyncio
import sys
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random

from synthetic_news import News

TODAY = date.today()  # noqa: DTZ011 - only the age of links follows from it
REPRINTS = 0.1  # share of articles that another source had before
ON_TOPIC = "该县承接产业转移示范区今年引进东部装备制造企业，标准厂房已经开工建设，预计明年投产。"
SHARE_ON_TOPIC = 0.1
SOURCE = """\
name = "基准{number}"
kind = "news"
family = "listing"
list_urls = ["http://{host}:{port}/news/"]
article = '/news/(?P<date>\\d{{8}})/\\d+\\.html$'
pages = 1
"""
ARTICLE = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title}_示例新闻网</title>
<meta name="keywords" content="新闻"><style>{style}</style><script>{script}</script></head>
<body>{navigation}
<div class="path">当前位置：<a href="/">首页</a> &gt; <a href="/news/">要闻</a> &gt; 正文</div>
<div class="article"><h1>{title}</h1>
<div class="info"><span>{day} 09:30</span> <span>来源：示例日报</span> <span>作者：小陆</span></div>
<div class="content">{body}</div>
<div class="editor">（责任编辑：小陈）</div></div>
{aside}
<div class="footer"><p>主办：示例新闻网 版权所有</p><p>联系电话：000-0000000</p></div>
<script>{script}</script></body></html>
"""
LIST = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>要闻</title><style>{style}</style></head>
<body>{navigation}<ul class="list">{rows}</ul>{aside}</body></html>
"""


class Furniture:
    """What stands round the articles of one site: 20 to 50 kB of menus, styles, scripts and teasers."""

    def __init__(self, news: News, random: Random) -> None:
        title = partial(lambda: news.article().partition("\n")[0])
        links = [f'<li><a href="/c{n}/" target="_blank">{title()[:4]}</a></li>' for n in range(random.randint(40, 120))]
        teasers = [
            f'<li class="t{n % 5}"><a href="/pic/{n}.html" title="{text}"><img src="/img/{n}.jpg"/>{text}</a></li>'
            for n in range(random.randint(30, 90))
            for text in [title()]
        ]
        self.words = {
            "navigation": f'<div class="nav"><ul>{"".join(links)}</ul></div>',
            "aside": f'<div class="side"><h3>推荐阅读</h3><ul>{"".join(teasers)}</ul></div>',
            "style": "".join(f".c{n} a:hover{{color:#{n:06x};margin:0 {n}px}}" for n in range(random.randint(80, 200))),
            "script": "".join(
                f"window.s{n}=function(e){{return e&&e.target?'{n}':null}};" for n in range(random.randint(60, 200))
            ),
        }


def text_of(news: News, random: Random, old: list[str]) -> str:
    """Return a text: one in ten is the reprint of an earlier one, one in ten belongs to a topic."""
    if old and random.random() < REPRINTS:
        return news.reprint(random.choice(old))
    title, *paragraphs = news.any()[1].split("\n")
    if random.random() < SHARE_ON_TOPIC:
        paragraphs.insert(1, ON_TOPIC)
    text = "\n".join([title, *paragraphs])
    old.append(text)
    return text


def made(sources: int, articles: int) -> dict[str, dict[str, bytes]]:
    """Return the pages of every host by path."""
    random, news = Random(7), News(7)
    old: list[str] = []
    web: dict[str, dict[str, bytes]] = {}
    for number in range(sources):
        furniture = Furniture(news, random).words
        pages: dict[str, bytes] = {}
        rows = []
        for place in range(articles):
            title, *paragraphs = text_of(news, random, old).split("\n")
            day = TODAY - timedelta(days=place // 4)
            path = f"/news/{day:%Y%m%d}/{number * articles + place}.html"
            body = "".join(f"<p>　　{paragraph}</p>\n" for paragraph in paragraphs)
            pages[path] = ARTICLE.format(title=title, day=day, body=body, **furniture).encode()
            rows.append(f'<li><a href="{path}">{title}</a><span>{day}</span></li>')
        web[f"127.0.{1 + number // 250}.{1 + number % 250}"] = {
            "/robots.txt": b"User-agent: *\nDisallow: /private/\n",
            "/news/": LIST.format(rows="\n".join(rows), **furniture).encode(),
            **pages,
        }
    return web


def answered(body: bytes, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """Return the bytes of a whole answer."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Host(asyncio.Protocol):
    """One connection: requests without a body, answered by their path."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        *requests, self._held = (self._held + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._answers.get(request.split(b" ", 2)[1], MISSING))


MISSING = answered(b"", "404 Not Found")


async def serve(web: dict[str, dict[str, bytes]], folder: Path) -> None:
    """Serve the hosts until standard input ends."""
    loop = asyncio.get_running_loop()
    port = 0
    (folder / "sources").mkdir(parents=True)
    for number, (host, pages) in enumerate(web.items()):
        answers = {
            path.encode(): answered(body, kind="text/plain" if path == "/robots.txt" else "text/html")
            for path, body in pages.items()
        }
        server = await loop.create_server(partial(Host, answers), host, port)
        port = server.sockets[0].getsockname()[1]
        source = SOURCE.format(number=number, host=host, port=port)
        (folder / "sources" / f"cn_bench_{number}.toml").write_text(source, "utf-8")
    addresses = [
        f"http://{host}:{port}{path}" for host, pages in web.items() for path in pages if path != "/robots.txt"
    ]
    (folder / "addresses.txt").write_text("\n".join(addresses), "utf-8")
    sizes = sorted(len(body) for pages in web.values() for path, body in pages.items() if path.endswith(".html"))
    print(port, sizes[0], sizes[len(sizes) // 2], sizes[-1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(made(int(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3])))
