"""A hundred and fifty hostile documents through every reader, in the processes that a crawl reads with.

What comes out goes on to what the crawl process itself does with it, which must neither fail nor take long.
"""

import asyncio
import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from conftest import SOAK
from hostile_documents import HONEST, Document, pages, structures

from crawler.extract import Extracted
from crawler.items import Article
from crawler.lists.model import ListPage
from crawler.reader import Reader, Unreadable
from crawler.regions import locate
from crawler.sources import Source
from crawler.stories import judge, prepare
from crawler.text import clean
from crawler.topics import load_topics
from spiders.base.bounds import excess_of
from spiders.base.lists import MOST_LINKS

pytestmark = pytest.mark.slow  # `make test-slow`

URL = "https://www.example.cn/list/"
LONGEST_STEP = 2.0  # seconds of processor time that the crawl process may spend on one document
SECONDS, MEMORY = 10, 512  # of one reading
ARTICLE = r"/a/.*\.html"
OPTIONS: dict[str, dict[str, Any]] = {
    "article": {"selectors": {}},
    "html": {"article": ARTICLE, "lists": ARTICLE, "facts": {"pages": r"createPageHTML\(\s*(\d+)"}},
    "records": {"article": ARTICLE, "unit": "a"},
    "json": {"article": ARTICLE, "date": "date", "items": "*|*.*"},
    "feed": {"article": ARTICLE},
    "sitemap": {"article": ARTICLE},
    "guess": {},
}
SIZES = [(1, 50_000), (2, 5_000)] + ([(3, 1_000_000), (4, 200_000), (5, 1_000_000), (6, 8_000_000)] if SOAK else [])
Reading = tuple[str, str, object]  # document, reader, what came out


def documents() -> list[Document]:
    found = [page for seed, size in SIZES for page in pages(seed, size)]
    return found + [made for size in {size for _, size in SIZES[:1] + SIZES[2:]} for made in structures(size)]


async def read_all(wanted: Iterable[Document]) -> tuple[list[Reading], Extracted]:
    reader = Reader(2, SECONDS, MEMORY)

    async def read(document: Document, kind: str) -> Reading:
        try:
            return document.name, kind, await ask(reader, document.data, kind)
        except Unreadable as reason:
            return document.name, kind, reason

    try:
        found = await asyncio.gather(*(read(document, kind) for document in wanted for kind in OPTIONS))
        return found, await reader.article(f"<h1>题目</h1>{HONEST}".encode(), URL)
    finally:
        await reader.close()


async def ask(reader: Reader, data: bytes, kind: str) -> object:
    if kind == "article":
        return await reader.article(data, URL, **OPTIONS[kind])
    if kind == "guess":
        return await reader.guess(data, URL)
    return await reader.list_page(kind, data, URL, **OPTIONS[kind])


@pytest.fixture(scope="module")
def readings() -> tuple[list[Reading], Extracted]:
    return asyncio.run(read_all(documents()))


class TestHostileDocuments:
    def test_each_ends_as_read_or_with_a_reason(self, readings: tuple[list[Reading], Extracted]) -> None:
        found, honest = readings
        assert len(documents()) >= 150
        assert len(found) == len(documents()) * len(OPTIONS)
        assert all(str(reading[2]) for reading in found if isinstance(reading[2], Unreadable))
        assert honest.body.count("集中签约") == HONEST.count("集中签约")  # the processes still read

    def test_none_of_them_breaks_a_limit_in_the_short_form(self, readings: tuple[list[Reading], Extracted]) -> None:
        broken = [reading for reading in readings[0] if "longer than" in str(reading[2]) or "died" in str(reading[2])]
        assert SOAK or not broken

    def test_what_is_found_can_be_stored(self, readings: tuple[list[Reading], Extracted]) -> None:
        for name, kind, found in readings[0]:
            if not isinstance(found, Unreadable):
                text = orjson.dumps(found)  # refuses lone surrogates
                assert not re.search(rb"(?<!\\)\\u0000", text), (name, kind)

    def test_crawl_process_is_not_held_up_by_lists(self, readings: tuple[list[Reading], Extracted]) -> None:
        source = Source(
            id="cn_hostile", name="x", kind="portal", family="listing", list_urls=(URL,), article=ARTICLE
        )  # fmt: skip
        for name, kind, found in readings[0]:
            if isinstance(found, ListPage):
                began = time.thread_time()
                for link in found.links[:MOST_LINKS]:  # as the crawl does
                    if source.is_article(link.url):
                        source.canonical(link.url).encode()
                        source.date_in(link.url)
                source.is_own(found.next_page or "")
                assert time.thread_time() - began <= LONGEST_STEP, (name, kind)

    def test_crawl_process_is_not_held_up_by_articles(self, readings: tuple[list[Reading], Extracted]) -> None:
        topics = load_topics()
        other = prepare(HONEST)
        for name, _, page in readings[0]:
            if not isinstance(page, Extracted) or excess_of(article_of(page)):
                continue
            began = time.thread_time()
            body = clean(page.body).text
            prepared = prepare(f"{page.title}\n{body}")
            judge(prepared, prepared)
            judge(other, prepared)
            locate(page.title, body, cleaned=True)
            topics.match_cleaned(page.title, body)
            assert time.thread_time() - began <= LONGEST_STEP, name
        assert not topics.disabled


def article_of(page: Extracted) -> Article:
    return Article(
        url=URL,
        source="cn_hostile",
        title=page.title,
        body=page.body,
        fetched_at=datetime.now(UTC),
        section=page.section,
        document=page.document,
        images=page.images,
        attachments=page.attachments,
    )
