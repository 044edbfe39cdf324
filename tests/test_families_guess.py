"""A source file from nothing but a list page: right family, and a pattern that finds what was planted."""

import re
from datetime import date
from pathlib import Path

import pytest

from crawler.lists.guess import guess
from crawler.lists.shapes import pattern_of
from crawler.lists.sourcefile import toml_of
from crawler.sample.families.corner import Corner
from crawler.sample.families.web import CORNERS
from crawler.sources import load_source

TODAY = date(2026, 11, 25)
CORNER: dict[str, Corner] = {corner.name: corner for corner in (kind(TODAY) for kind in CORNERS)}
CASES = [
    ("trs", "/tzgg/", "trs", "/tzgg/"),
    ("trs", "/zcjd/list.shtml", "trs", "/zcjd/"),
    ("jpage", "/col/col284/index.html", "jpage", "_284_"),
    ("jpaas", "/zwgk/zcfb/index.html", "jpaas", "/zwgk/art/"),
    ("ucap", "/site/tzgg/common_list.shtml", "ucap", "/site/tzgg/"),
    ("ucap", "/site/col/col14590/index.html", "ucap", "/site/col14590/"),
    ("gkmlpt", "/gkmlpt/index", "gkmlpt", "/gkmlpt/content/"),
    ("epaper", "/gsrb/pc/layout/202611/24/node_01.html", "epaper", "/gsrb/pc/con/"),
    ("epaper", "/html/2026-11/24/node_1.htm", "epaper", "/html/"),
    ("feeds", "/rss.xml", "feed", "/a/"),
    ("feeds", "/atom.xml", "feed", "/b/"),
    ("sitemaps", "/more.xml", "sitemap", "/n/"),
]


@pytest.mark.parametrize(("name", "path", "family", "folder"), CASES)
def test_families_are_told_apart_and_their_articles_found(
    tmp_path: Path, name: str, path: str, family: str, folder: str
) -> None:
    corner = CORNER[name]
    found = guess(corner.pages[path].body, f"http://{corner.host}{path}")
    assert found.family == family
    planted = [f"http://{corner.host}{a.path}" for articles in corner.planted.values() for a in articles]
    wanted = [url for url in planted if folder in url]
    assert wanted
    assert [url for url in wanted if not re.search(found.article, url)] == []
    file = tmp_path / f"cn_{name}.toml"
    file.write_text(toml_of(found, TODAY.isoformat()), "utf-8")
    source = load_source(file)
    assert (source.family, source.example or None) == (family, found.example or None)
    if family == "epaper":
        assert "{DD}/node" in source.list_urls[0]


def test_articles_on_another_host_are_named(tmp_path: Path) -> None:
    rows = "".join(
        f"<li><a href='http://b.example/a/{n}.html'>南塬市公布标准厂房招租结果{n}</a></li>" for n in range(8)
    )
    found = guess(f"<title>列表</title><ul>{rows}</ul>".encode(), "http://a.example/list/")
    (tmp_path / "cn_a.toml").write_text(toml_of(found, "2026-11-25"), "utf-8")
    assert load_source(tmp_path / "cn_a.toml").hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("links", "pattern"),
    [
        (["/news/20261120/7.html", "/news/20261119/18.html"], r"/news/(?P<date>\d{8})/\d+\.html$"),
        (["/detail?id=7", "/detail?id=8", "/about/us.html"], r"/detail\?id=\d+$"),
        (["/c/2026/11/20/9.htm"] * 3, r"/c/\d+/\d+/\d+/\d+\.htm$"),
        (
            ["/20/1120/07/FJ1HOH0C0001899O.html", "/20/1120/06/FJ1E2ICC00018AOR.html"],
            r"/\d+/\d+/\d+/[0-9A-Za-z]+\.html$",
        ),
        (["/yw/a/20261120/71.html", "/cj/a/20261120/72.html"], r"/[\w-]+/a/(?P<date>\d{8})/\d+\.html$"),
    ],
)
def test_shapes_of_addresses(links: list[str], pattern: str) -> None:
    assert pattern_of([f"http://site.example{link}" for link in links]) == pattern


@pytest.mark.parametrize("links", [[], ["/about.html", "/contact.html"], ["/a/1.html", "/b/2/", "/c-3"]])
def test_pages_without_a_list_are_not_guessed_at(links: list[str]) -> None:
    with pytest.raises(ValueError, match=r"articles|in common"):
        pattern_of([f"http://site.example{link}" for link in links])
