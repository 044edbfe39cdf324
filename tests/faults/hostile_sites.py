"""What hostile servers do, by name, and the causes that health may name for each: None where it must be read.

Of two causes the machine's load decides which is met first.
"""

import asyncio
import gzip
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import brotli
from hostile_wire import FOREVER, Ask, Manners, Wire, article_page, list_page, well
from scrapy.utils._compression import zstd

MIB = 1 << 20
BOMB = 64 * MIB  # bytes that a bomb unpacks to: six times what may be read
JUNK = b"<p>" + "园".encode() * 20_000 + b"</p>"
Answer = Callable[[Ask, Wire], Awaitable[None]]


def at(path: str, answer: Answer) -> Manners:
    """Answer so where the path begins so, and honestly elsewhere."""

    async def manners(ask: Ask, wire: Wire) -> None:
        await (answer if ask.path.startswith(path) else well)(ask, wire)

    return manners


def said(body: bytes | str, status: int = 200, **headers: str) -> Answer:
    async def answer(_ask: Ask, wire: Wire) -> None:
        await wire.answer(body, status, **headers)

    return answer


def raw(data: bytes, *, hold: bool = False, reset: bool = False) -> Answer:
    """Send bytes as they are; then hang up, hold the line or crash."""

    async def answer(_ask: Ask, wire: Wire) -> None:
        await wire.send(data)
        if hold:
            await asyncio.sleep(FOREVER)
        if reset:
            wire.reset()

    return answer


def endless(head: bytes, piece: bytes) -> Answer:
    async def answer(_ask: Ask, wire: Wire) -> None:
        await wire.send(head)
        while True:
            await wire.send(piece)

    return answer


def trickled(start: bytes) -> Answer:
    async def answer(_ask: Ask, wire: Wire) -> None:
        await wire.send(start)
        await wire.trickle(b"a" * FOREVER)

    return answer


async def continuing(_ask: Ask, wire: Wire) -> None:
    while True:
        await wire.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 20)
        await asyncio.sleep(0.05)


async def silent(_ask: Ask, _wire: Wire) -> None:
    await asyncio.sleep(FOREVER)


def redirected(target: Callable[[str], str]) -> Answer:
    async def answer(ask: Ask, wire: Wire) -> None:
        await wire.answer(b"", 302, location=target(ask.path))

    return answer


def unpacking(size: int) -> Iterator[bytes]:
    return iter([b" " * MIB] * (size // MIB))


def bomb(coding: str) -> bytes:
    """Return bytes that a Content-Encoding unpacks to BOMB of them."""
    if coding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join(map(packer.process, unpacking(BOMB))) + packer.finish()
    if coding == "zstd":
        return bytes(zstd.compress(b" " * BOMB))
    wbits = -15 if coding == "raw" else 15 if coding == "deflate" else 31
    deflate = zlib.compressobj(9, wbits=wbits)
    packed = b"".join(map(deflate.compress, unpacking(BOMB))) + deflate.flush()
    return gzip.compress(packed) if coding == "gzip, gzip" else packed


async def endless_pages(ask: Ask, wire: Wire) -> None:
    """Every list page has new articles and a next page."""
    if ask.path.startswith("/list/"):
        number = int(ask.path.partition("p=")[2] or 0)
        following = f'<a href="/list/?p={number + 1}">下一页</a>'
        await wire.answer(list_page(range(number * 3, number * 3 + 3), following))
    else:
        await well(ask, wire)


async def calendar(ask: Ask, wire: Wire) -> None:
    """Every day of the calendar leads to more days."""
    if ask.path.startswith("/list/"):
        days = "".join(f'<a href="/list/?day={day}">第{day}天的内容一览表</a>' for day in range(1000))
        await wire.answer(list_page(range(5), days))
    else:
        await well(ask, wire)


async def growing(ask: Ask, wire: Wire) -> None:
    """Every part of an article has a next part, whose address is longer."""
    if ask.path.startswith("/a/"):
        await wire.answer(article_page(ask.path, '<div><a href="a/../a/0.html">下一页</a></div>'))
    else:
        await well(ask, wire, articles=1)


async def many_links(ask: Ask, wire: Wire) -> None:
    if ask.path == "/list/":
        await wire.answer(b"".join(b"<a href=/a/%d.html>" % number for number in range(450_000)))
    else:
        await well(ask, wire)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
LIST = list_page(range(6)).encode()
LATER = format_datetime(datetime.now(UTC) + timedelta(days=2), usegmt=True)
REFUSING = "User-agent: *\nDisallow: /\n"
OPEN = "User-agent: *\nDisallow: /nothing/\n# 栏目\n"
STARS = "User-agent: *\nDisallow: /" + "*l" * 60 + "*x$\n" + "Disallow: /" + "*a" * 3000 + "\n"
list_, robots, articles = partial(at, "/list/"), partial(at, "/robots.txt"), partial(at, "/a/")

Causes = set[str | None]
READ: Causes = {None}
NO_ANSWER: Causes = {"connection"}
TOO_MUCH: Causes = {"oversized"}
ENDLESS: Causes = {"oversized", "connection"}
LABORIOUS: Causes = {None, "connection"}
NO_LIST: Causes = {"parser", "soft404"}
SITES: dict[str, tuple[Manners, Causes]] = {
    "drip_body": (list_(trickled(HEAD + b"Content-Length: 90000\r\n\r\n")), NO_ANSWER),
    "drip_headers": (list_(trickled(HEAD + b"X-A: ")), NO_ANSWER),
    "drip_articles": (articles(trickled(HEAD + b"Content-Length: 90000\r\n\r\n")), NO_ANSWER | {"unfinished"}),
    "silent": (list_(silent), NO_ANSWER),
    "silent_everywhere": (silent, NO_ANSWER),
    "endless_body": (list_(endless(HEAD + b"\r\n", JUNK)), ENDLESS),
    "endless_chunked": (
        list_(endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(JUNK), JUNK))),
        ENDLESS,
    ),
    "endless_articles": (articles(endless(HEAD + b"\r\n", JUNK)), ENDLESS),
    "header_flood": (
        list_(raw(HEAD + b"X-Flood: %b\r\n" % (b"a" * 190) * 100_000 + b"\r\n" + LIST)),
        LABORIOUS,
    ),
    "header_line": (list_(raw(HEAD + b"X-Long: " + b"a" * (5 * MIB) + b"\r\n\r\n" + LIST)), NO_ANSWER),
    "cookie_flood": (list_(raw(HEAD + b"Set-Cookie: a=b; Domain=.cn; Path=/\r\n" * 5_000 + b"\r\n" + LIST)), LABORIOUS),
    "continue_flood": (list_(continuing), NO_ANSWER),
    "bomb_gzip": (list_(said(bomb("gzip"), content_encoding="gzip")), TOO_MUCH),
    "bomb_twice": (list_(said(bomb("gzip, gzip"), content_encoding="gzip, gzip")), TOO_MUCH),
    "bomb_deflate": (list_(said(bomb("deflate"), content_encoding="deflate")), TOO_MUCH),
    "bomb_raw_deflate": (list_(said(bomb("raw"), content_encoding="deflate")), TOO_MUCH),
    "bomb_brotli": (list_(said(bomb("br"), content_encoding="br")), TOO_MUCH),
    "bomb_zstd": (list_(said(bomb("zstd"), content_encoding="zstd")), TOO_MUCH),
    "bomb_articles": (articles(said(bomb("gzip"), content_encoding="gzip")), TOO_MUCH),
    "encoding_lie": (list_(said(LIST, content_encoding="gzip")), {"connection", "parser"}),
    "redirect_loop": (list_(redirected(lambda path: path)), {"moved"}),
    "redirect_growing": (list_(redirected(lambda path: path + "x/")), {"moved"}),
    "redirect_file": (list_(redirected(lambda _: "file:///etc/passwd")), {"moved"}),
    "redirect_data": (list_(redirected(lambda _: "data:text/html,<a href=/a/1.html>x</a>")), {"moved"}),
    "redirect_nowhere": (list_(redirected(lambda _: "http://[::1")), {"moved"}),
    "length_short": (list_(said(LIST, content_length="40")), NO_LIST),
    "length_long": (list_(said(LIST, content_length=str(len(LIST) + 999))), NO_ANSWER),
    "length_negative": (list_(said(LIST, content_length="-5")), NO_ANSWER),
    "reset": (list_(raw(HEAD + b"Content-Length: 90000\r\n\r\n" + LIST, reset=True)), NO_ANSWER),
    "garbage": (list_(raw(b"\0\xff SSH-2.0-OpenSSH\r\n\r\n" * 50)), NO_ANSWER),
    "status_line": (list_(raw(b"HTTP/1.1 99999 " + b"x" * 9000 + b"\r\n\r\n")), NO_ANSWER | {"server", "parser"}),
    "old_http": (list_(raw(b"HTTP/1.0 200 OK\r\n\r\n" + LIST)), READ),
    "robots_5xx": (robots(said("", 503)), {"robots"}),
    "robots_silent": (robots(silent), NO_ANSWER),
    "robots_loop": (robots(redirected(lambda path: path)), {"robots", "connection"}),
    "robots_huge": (robots(endless(HEAD + b"\r\n", OPEN.encode() * 1000)), ENDLESS),
    "robots_html": (robots(said("<html><body>Disallow</body></html>")), READ),
    "robots_binary": (robots(said(bytes(range(256)) * 99)), READ),
    "robots_bom": (robots(said(b"\xef\xbb\xbf" + OPEN.encode())), READ),
    "robots_bom_refusing": (robots(said(b"\xef\xbb\xbf" + REFUSING.encode())), {"robots"}),
    "robots_gbk": (robots(said(OPEN.encode("gbk"))), READ),
    "robots_refusing": (robots(said(REFUSING)), {"robots"}),
    "robots_slow": (robots(said("User-agent: *\nCrawl-delay: 10000\n")), {"robots"}),
    "robots_nan": (robots(said("User-agent: *\nCrawl-delay: nan\n")), READ),
    "robots_stars": (robots(said(STARS)), READ),
    "endless_pages": (endless_pages, READ),
    "calendar": (calendar, READ),
    "growing": (growing, READ),
    "many_links": (many_links, LABORIOUS),
    "busy_long": (list_(said("", 429, retry_after="9" * 300)), {"blocked"}),
    "busy_garbage": (list_(said("", 429, retry_after="soon, \0 please")), {"blocked"}),
    "busy_until": (list_(said("", 429, retry_after=LATER)), {"blocked"}),
    "unasked_304": (list_(said("", 304)), {"parser"}),
    "list_is_image": (list_(said(b"\x89PNG\r\n\x1a\n" + bytes(5000), content_type="image/png")), NO_LIST),
    "list_says_image": (list_(said(LIST, content_type="image/png")), READ),
    "article_is_pdf": (articles(said(b"%PDF-1.7\n" + struct.pack("!I", 7) * 9000)), {"parser_articles"}),
    "article_says_pdf": (articles(said(article_page("/a/1"), content_type="application/pdf")), {"parser_articles"}),
}
