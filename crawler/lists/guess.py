"""What a list page is, seen for the first time: its family and what its articles' addresses look like.

Marks of the platforms decide; the addresses of the page's main list are generalised into a pattern. What is not seen
on the page is not guessed: a page that fits nothing is a static list.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.extract import extract_links
from crawler.extract.charset import decode
from crawler.lists.feeds import feed_list, sitemap_list
from crawler.lists.objects import json_list
from crawler.lists.records import record_list

ANY = r"https?://"
# Shapes that platforms give to the addresses of articles; the first that fits most links of a page is taken.
SHAPES = (
    r"/\d{6}/t(?P<date>\d{8})_\d+\.s?html?$",
    r"/t(?P<date>\d{8})_\d+\.s?html?$",
    r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html$",
    r"/art/\d{4}/art_(?:\d+_\d+|[0-9a-f]{32})\.html$",
    r"/system/(?P<date>\d{4}/\d{2}/\d{2})/\d+\.s?html?$",
    r"/(?P<date>\d{4}-\d{2}/\d{2})/content_[\d_]+\.html?$",
    r"/con(?:tent)?/\d{6}/\d{2}/(?:content_|c)\d+\.html$",
    r"/content/post_\d+\.html$",
    r"/content/content_\d{15,20}\.html$",
    r"/\d{6}/[0-9a-f]{32}\.shtml$",
    r"/\d{4}/\d{1,2}/\d{1,2}/[0-9a-f]{32}\.shtml$",
)
UNSEEN = {"jpaas": SHAPES[3], "gkmlpt": r"/content/(?:.*/)?post_\d+\.html$"}  # their lists are not on the page
EMBEDDED = r"""\barticleList["']?\s*[:=]\s*(?=\[)"""
MOST = 0.6  # share of the links that a pattern must fit
PIECES = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|\b(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{10,}\b"
    r"|(?<!\d)(?:19|20)\d{6}(?!\d)|\d+|[^\d/]+?(?=\d|[/._?=&-])|."
)
WORD = r"[\w-]+"
DAY = re.compile(r"/(?:(?P<dashed>20\d\d-\d\d)|(?P<plain>20\d{4}))/(?P<day>\d\d)/")
MARKS = (
    ("gkmlpt", re.compile(r"/gkmlpt/index|_CONFIG\s*=.*\bTREE\b", re.DOTALL)),
    ("jpaas", re.compile(r"unitbuild\.js", re.IGNORECASE)),
    ("jpage", re.compile(r"<datastore>", re.IGNORECASE)),
    ("ucap", re.compile(r"""\barticleList["']?\s*[:=]\s*\[|<meta\s[^>]{0,200}name=["']?channelid""", re.IGNORECASE)),
    ("trs", re.compile(r"\bcreatePage(?:HTML)?\s*\(|\bcountPage\s*=\s*\d", re.IGNORECASE)),
)


@dataclass(slots=True, kw_only=True)
class Guess:
    """What the keys of a source file would be."""

    family: str
    name: str
    list_url: str
    article: str
    example: str = ""


def guess(data: bytes, url: str, *, encoding: str | None = None) -> Guess:
    """Return what the page is. Raises ValueError when it names no articles."""
    text = decode(data, encoding).data.decode("utf-8", "replace")
    title = re.search(r"<title[^>]{0,200}>([^<]{1,200})", text, re.IGNORECASE)
    name = " ".join(title[1].split()) if title else urlsplit(url).netloc
    family, links = _read(data, text, url, encoding)
    found = Guess(family=family, name=name, list_url=url, article=UNSEEN.get(family, ""))
    if not found.article:
        found.article = pattern_of(links)
        fitting = [link for link in links if re.search(found.article, link)]
        found.example = min(fitting, key=lambda link: urlsplit(link).netloc != urlsplit(url).netloc)
    if family == "listing" and (day := DAY.search(url)) and re.search(r"(?:node|col)\w*\.s?html?$", url):
        found.family = "epaper"
        month = "{YYYY-MM}" if day["dashed"] else "{YYYYMM}"
        found.list_url = f"{url[: day.start()]}/{month}/{{DD}}/{url[day.end() :]}"
    return found


def _read(data: bytes, text: str, url: str, encoding: str | None) -> tuple[str, list[str]]:
    """Return the family and the addresses of the page's list."""
    start = text.lstrip()[:300].lower()
    if "<rss" in start or "<feed" in start or "<rdf:rdf" in start:
        return "feed", [link.url for link in feed_list(data, url, encoding=encoding, article=ANY).links]
    if "<urlset" in start or "<sitemapindex" in start:
        return "sitemap", [link.url for link in sitemap_list(data, url, encoding=encoding, article=ANY).links]
    if "/common/search/" in url:
        return "ucap", [link.url for link in json_list(data, url, article=ANY, items="data.results").links]
    family = next((name for name, mark in MARKS if mark.search(url if name == "gkmlpt" else text)), "listing")
    if family == "ucap" and "articleList" in text:
        rows = json_list(data, url, article=ANY, embedded=EMBEDDED, address="source.urls.pc|urls.pc|url").links
        return family, [link.url for link in rows]
    if family == "jpage":
        return family, [link.url for link in record_list(data, url, encoding=encoding, article=ANY).links]
    return family, [link.url for link in extract_links(data, url)]


def pattern_of(links: list[str]) -> str:
    """Return a pattern that fits most of the addresses. Raises ValueError when they have no shape in common."""
    for shape in SHAPES:
        if links and sum(re.search(shape, link) is not None for link in links) >= MOST * len(links):
            return shape
    if not links:
        raise ValueError("the page names no articles; is it a list?")
    # First with the folders as they stand, then with any folders.
    for general in (False, True):
        shape, count = Counter(_shape(link, general) for link in links).most_common(1)[0]
        if count >= MOST * len(links) and "\\d" in shape:
            return shape
    raise ValueError("the addresses of the page's links have no shape in common: write the source file by hand")


def _shape(link: str, general: bool) -> str:
    """Return the address's path with numbers and identifiers made general, and its folders too where wanted."""
    parts = urlsplit(link)
    shape, dated = "", False
    for piece in PIECES.findall(parts.path + (f"?{parts.query}" if parts.query else "")):
        if len(piece) == 32:
            shape += "[0-9a-f]{32}"
        elif len(piece) == 8 and piece.isdigit() and not dated:
            shape, dated = shape + r"(?P<date>\d{8})", True
        elif piece.isdigit():
            shape += r"\d+"
        elif len(piece) >= 10 and re.search(r"\d", piece):
            shape += "[0-9A-Za-z]+"
        else:
            shape += (
                WORD
                if general and piece.isalpha() and len(piece) > 1 and not shape.endswith(r"\.")
                else re.escape(piece)
            )
    return shape + "$"


def toml_of(found: Guess, kind: str, today: str) -> str:
    """Return the text of a source file; it says that nobody has looked at it yet."""
    lines = [f"name = {json.dumps(found.name, ensure_ascii=False)}", f'kind = "{kind}"', f'family = "{found.family}"']
    lines.append(f"list_urls = [{json.dumps(found.list_url)}]")
    hosts = [urlsplit(address).netloc for address in (found.list_url, found.example)]
    if found.example and hosts[0] != hosts[1]:
        lines.append(f"hosts = {json.dumps(hosts)}")
    quoted = json.dumps(found.article) if "'" in found.article else f"'{found.article}'"
    lines.append(f"article = {quoted}")
    lines += [f"example = {json.dumps(found.example)}"] if found.example else []
    lines += [f'evidence = ["made from its address on {today}, not looked at by anyone"]']
    return "\n".join(lines) + "\n"
