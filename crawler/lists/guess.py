"""What a list page is, seen for the first time: its family, what its articles' addresses look like, where it goes on.

Marks of the platforms decide; the addresses of the page's main list are generalised into a pattern. What is not seen
on the page is not guessed: a page that fits nothing is a static list.
"""

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.extract import Link, extract_list
from crawler.extract.charset import ALIASES, META, decode
from crawler.extract.guard import tame
from crawler.lists.feeds import feed_list, sitemap_list
from crawler.lists.model import Guess, joined
from crawler.lists.objects import json_list
from crawler.lists.pages import hinted
from crawler.lists.records import record_list
from crawler.lists.shapes import LEAST, UNSEEN, pattern_of

ANY = r"https?://"
EMBEDDED = r"""\barticleList["']?\s*[:=]\s*(?=\[)"""
DAY = re.compile(r"/(?:(?P<dashed>20\d\d-\d\d)|(?P<plain>20\d{4}))/(?P<day>\d\d)/")
MARKS = (
    ("gkmlpt", re.compile(r"/gkmlpt/index|_CONFIG\s*=.*\bTREE\b", re.DOTALL)),
    ("jpaas", re.compile(r"unitbuild\.js", re.IGNORECASE)),
    ("jpage", re.compile(r"<datastore>", re.IGNORECASE)),
    ("ucap", re.compile(r"""\barticleList["']?\s*[:=]\s*\[|<meta\s[^>]{0,200}name=["']?channelid""", re.IGNORECASE)),
    ("trs", re.compile(r"\bcreatePage(?:HTML)?\s*\(|\bcountPage\s*=\s*\d", re.IGNORECASE)),
)
FEEDS = ("application/rss+xml", "application/atom+xml")
# What a page leaves empty for its scripts to fill.
EMPTY = re.compile(
    r"<(div|ul|ol|tbody|section)\b[^>]{0,200}\b(?:id|class|v-[\w-]+)\s*=[^>]{0,200}>\s{0,200}</\1>|<noscript\b[^>]{0,200}>[^<]{0,200}(?:JavaScript|脚本)",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\d[^/]*$")  # an address with a number in its last part
SHORT_TITLE = 5  # characters; shorter ones are buttons
MOST_HOSTS = 3  # named one by one
SECOND_LEVEL = {"com", "edu", "gov", "net", "org"}  # of .cn


def guess(data: bytes, url: str, *, encoding: str | None = None) -> Guess:
    """Return what the page is. Raises ValueError when it cannot be read at all."""
    decoded = decode(data, encoding)
    text = decoded.data.decode("utf-8", "replace")
    title = re.search(r"<title[^>]{0,200}>([^<]{1,200})", text, re.IGNORECASE)
    name = " ".join(title[1].split()) if title else urlsplit(url).netloc
    found = Guess(family=_family(text, url), name=name or urlsplit(url).netloc, list_url=url)
    links = _links(found, data, text, encoding)
    declared = [encoding or "", *(mark.decode("ascii") for mark in META.findall(data[:4096]))]
    known = {ALIASES.get(name.strip().lower(), "") for name in declared} - {""}
    if (
        known
        and not text.isascii()
        and ALIASES.get(decoded.encoding, decoded.encoding) not in known
        and not decoded.doubt
    ):
        found.charset = decoded.encoding
    found.article = UNSEEN.get(found.family, "")
    if not found.article:
        try:
            found.article = pattern_of([link.url for link in links])
        except ValueError as error:
            found.trouble = str(error)
            return found
        fitting = [link.url for link in links if re.search(found.article, link.url)]
        found.example = min(fitting, key=lambda link: urlsplit(link).netloc != urlsplit(url).netloc)
        found.hosts = _hosts(url, fitting)
    if found.family == "listing":
        _paged(found, data, encoding)
    return found


def _family(text: str, url: str) -> str:
    start = text.lstrip()[:300].lower()
    if "<rss" in start or "<feed" in start or "<rdf:rdf" in start:
        return "feed"
    if "<urlset" in start or "<sitemapindex" in start:
        return "sitemap"
    if "/common/search/" in url:
        return "ucap"
    return next((name for name, mark in MARKS if mark.search(url if name == "gkmlpt" else text)), "listing")


def _links(found: Guess, data: bytes, text: str, encoding: str | None) -> Sequence[Link]:
    """Return the page's list, and note what stands beside it."""
    family, url = found.family, found.list_url
    if family == "feed":
        return feed_list(data, url, encoding=encoding, article=ANY).links
    if family == "sitemap":
        page = sitemap_list(data, url, encoding=encoding, article=ANY)
        found.children = tuple(link.url for link in page.lists)
        return page.links
    if "/common/search/" in url:
        return json_list(data, url, article=ANY, items="data.results").links
    if family == "ucap" and "articleList" in text:
        return json_list(data, url, article=ANY, embedded=EMBEDDED, address="source.urls.pc|urls.pc|url").links
    if family == "jpage":
        return record_list(data, url, encoding=encoding, article=ANY).links
    page_data = text.encode("utf-8", "replace")
    tree = LexborHTMLParser(tame(page_data))
    named = [node.attributes for node in tree.css("link[rel][href]")]
    feeds = [joined(url, link["href"] or "") for link in named if (link.get("type") or "").lower() in FEEDS]
    found.feeds = tuple(dict.fromkeys(filter(None, feeds)))
    found.scripted = "<script" in text and EMPTY.search(text) is not None
    links = extract_list(data, url, encoding=encoding).links
    rows = [link for link in hinted(page_data, url, NUMBERED) if len(link.title) >= SHORT_TITLE]
    return rows if len(rows) > len(links) else links


def _hosts(url: str, links: list[str]) -> tuple[str, ...]:
    """Return the hosts that articles lie on, the list's own first; none when they are the list's own alone.

    A single link to a site of somebody else is no host of the source's.
    """
    own = urlsplit(url).netloc
    below = _domain(own)
    counts = Counter(urlsplit(link).netloc for link in links)
    least = min(max(2, LEAST * len(links)), len(links))
    others = [
        host for host, count in counts.items() if host != own and (count >= least or (below and _domain(host) == below))
    ]
    if len(others) > MOST_HOSTS and below:
        return (own, f"*.{below}", *(host for host in others if _domain(host) != below))
    return (own, *others) if others else ()


def _domain(host: str) -> str:
    """Return what the hosts of one owner have in common, such as example.com.cn; nothing for a number or one word."""
    labels = host.partition(":")[0].split(".")
    if len(labels) < 2 or not labels[-1].isalpha():
        return ""
    return ".".join(labels[-3:] if labels[-2] in SECOND_LEVEL else labels[-2:])


def _paged(found: Guess, data: bytes, encoding: str | None) -> None:
    """Note how the addresses of a static list's further pages are made, where no link to the next one says it."""
    url = found.list_url
    if (day := DAY.search(url)) and re.search(r"(?:node|col)\w*\.s?html?$", url):
        found.family = "epaper"
        month = "{YYYY-MM}" if day["dashed"] else "{YYYYMM}"
        found.list_url = f"{url[: day.start()]}/{month}/{{DD}}/{url[day.end() :]}"
        return
    listing = extract_list(data, url, encoding=encoding, article=ANY)
    pages = {link.title.strip("[]【】 "): link.url for link in listing.links}
    if listing.next_page or "2" not in pages:
        return
    second, third = pages["2"], pages.get("3", "")
    for number in reversed(list(re.finditer(r"\d+", second))):
        template = f"{second[: number.start()]}{{n}}{second[number.end() :]}"
        value = int(number[0])
        if third == template.replace("{n}", str(value + 1)) or (not third and value in {1, 2}):
            folder = urljoin(url, ".")
            found.pager, found.second = template.removeprefix(folder), value
            return
