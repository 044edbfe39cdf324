"""Saved pages with what is expected of them, as tests that a user reruns.

A fixture is a page `<name>.html` and beside it `<name>.json`. Its name is made from the page's address; what the web
says never names a file, and what a fixture says never names a page to read.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Request, Response
from w3lib.encoding import http_content_type_encoding

from crawler.config import Config
from crawler.crawl import crawl
from crawler.errors import FengxiangError, UsageError
from crawler.extract import Extracted
from crawler.loader import spider_of
from crawler.reader import Reader, Unreadable
from crawler.sources import Source
from crawler.store import shared_store
from crawler.text import clean
from crawler.topics import Topics, shared_topics

MEMORY = "sqlite://"
LONGEST_NAME = 60  # characters before the digest; Windows and archives have trouble with long paths
SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]?")


class Unfetched(FengxiangError):
    """The page did not come; the message is the reason."""


@dataclass(slots=True)
class Saved:
    """A page as it came."""

    url: str
    body: bytes
    encoding: str | None  # of the header
    at: datetime


def save_fixture(config: Config, source: Source, url: str, folder: Path) -> Path:
    """Fetch an article with the manners of its source and write the fixture; return its JSON file.

    May be called once in a process: Twisted's reactor does not start again.
    """
    if not source.is_article(url):
        raise UsageError(f"{url}: no article of '{source.id}', by its keys 'article' and 'hosts'")
    page = _fetch(config, source, url)
    # At the moment that is written down, not a fraction of a second before it.
    page.at = page.at.replace(microsecond=0)
    expected = asyncio.run(_read(config, [(source, page)]))[0]
    if isinstance(expected, Unreadable):
        raise expected
    folder.mkdir(parents=True, exist_ok=True)
    name = name_of(page.url)
    (folder / f"{name}.html").write_bytes(page.body)
    record = {"source": source.id, "url": page.url, "encoding": page.encoding, "fetched_at": page.at.isoformat()}
    text = json.dumps(record | {"expected": expected}, ensure_ascii=False, indent=2)
    (folder / f"{name}.json").write_text(text + "\n", "utf-8")
    return folder / f"{name}.json"


def name_of(url: str) -> str:
    """Return a file name for an address: letters, digits and hyphens, no reserved word, another for each address."""
    parts = urlsplit(url)
    words = re.sub(r"[^a-z0-9]+", "-", f"{parts.path}-{parts.query}".lower()).strip("-")
    digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{words[-LONGEST_NAME:].strip('-') or 'page'}-{digest}"


def check_fixtures(config: Config, sources: Mapping[str, Source], folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield each fixture below a folder with the fields that come out differently, or why it cannot be read."""
    files = sorted(folder.rglob("*.json"))
    if not files:
        raise UsageError(f"{folder}: no fixtures; `fengxiang sources fixture ID URL` saves one")
    loaded = [_load(file, sources) for file in files]
    whole = [found for found in loaded if not isinstance(found, str)]
    read = iter(asyncio.run(_read(config, [(source, page) for source, page, _ in whole])))
    for file, found in zip(files, loaded, strict=True):
        if isinstance(found, str):
            yield file, [found]
            continue
        fields = next(read)
        yield file, [str(fields)] if isinstance(fields, Unreadable) else list(_differences(found[2], fields))


def _load(file: Path, sources: Mapping[str, Source]) -> tuple[Source, Saved, dict[str, Any]] | str:
    """Return a fixture, or what is wrong with it."""
    try:
        record = json.loads(file.read_text("utf-8"))
        page = file.with_suffix(".html").read_bytes()
        saved = Saved(record["url"], page, record["encoding"], datetime.fromisoformat(record["fetched_at"]))
        source, expected = record["source"], dict(record["expected"])
    except OSError as error:
        return f"{Path(error.filename).name} cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError) as error:
        return f"is no fixture: {type(error).__name__}: {error}"
    if source not in sources:
        return f"no source '{source}'"
    return sources[source], saved, expected


def _differences(expected: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    for name, value in expected.items():
        if name not in found:
            yield f"{name}: no such field; known: {', '.join(found)}"
        elif found[name] != value:
            yield f"{name}: expected {value!r}, got {found[name]!r}"


async def _read(config: Config, pages: list[tuple[Source, Saved]]) -> list[dict[str, Any] | Unreadable]:
    """Return the fields of each page, read as a run reads it, as of the moment when it was fetched."""
    limits = config.reader
    reader = Reader(limits.workers, limits.time_limit, limits.memory_limit)
    topics = shared_topics(config.topics.folders, config.topics.shipped)
    found: list[dict[str, Any] | Unreadable] = []
    try:
        for source, page in pages:
            selectors = source.selectors.model_dump(exclude_none=True, exclude={"links", "next"})
            options: dict[str, Any] = {"encoding": source.charset or page.encoding, "selectors": selectors}
            try:
                extracted = await reader.article(page.body, page.url, now=page.at, **options)
                found.append(fields_of(extracted, source, topics))
            except Unreadable as error:
                found.append(error)
    finally:
        await reader.close()
    return found


def fields_of(page: Extracted, source: Source, topics: Topics) -> dict[str, Any]:
    """Return what a fixture expects: the fields as they would be stored, the text by its ends, and the topics."""
    title, body = " ".join(clean(page.title).text.split()), clean(page.body).text
    names = {name: clean(getattr(page, name) or "").text.strip() or None for name in ("source", "author", "section")}
    document = page.document or {}
    given = {"source": names["source"], "section": names["section"], "docno": document.get("发文字号")}
    given |= {"source_id": source.id}
    flags = topics.match_cleaned(title, body, **{name: text for name, text in given.items() if text})
    sentences = [sentence.strip() for sentence in SENTENCE.findall(body) if sentence.strip()]
    return {
        "title": title,
        "publish_time": page.publish_time.isoformat() if page.publish_time else None,
        **names,
        "first_sentence": sentences[0] if sentences else "",
        "last_sentence": sentences[-1] if sentences else "",
        "length": len(body),
        "attachments": list(page.attachments),
        "topics": sorted(flag.topic for flag in flags),
    }


class OnePage:
    """Mixed into a source's spider: asks for one article and nothing else."""

    page: str

    async def start(self) -> AsyncIterator[Request]:
        """Yield the request for the article."""
        for request in self.article_requests([self.page]):  # type: ignore[attr-defined]
            yield request

    def _joined(self, article: object, page: Extracted, response: Response) -> object:
        page.next_page = None  # a fixture is one page
        return super()._joined(article, page, response)  # type: ignore[misc]


class Keep:
    """Keeps pages as they came: the last one is the article's, for a stub that sends its readers on comes before."""

    def __init__(self, crawler: Crawler) -> None:
        self._pages: list[Saved] = crawler.settings["FENGXIANG_PAGES"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Keep":
        """Called by Scrapy."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Keep an article's page."""
        if "draft" in request.cb_kwargs and response.status == 200:
            header = (response.headers.get("Content-Type") or b"").decode("latin-1")
            page = Saved(response.url, response.body, http_content_type_encoding(header), datetime.now(UTC))
            self._pages.append(page)
        return response


def _fetch(config: Config, source: Source, url: str) -> Saved:
    pages: list[Saved] = []

    def make(process: AsyncCrawlerProcess, source: Source) -> Crawler:
        family = spider_of(source)
        middlewares = process.settings.getdict("DOWNLOADER_MIDDLEWARES") | {"crawler.fixtures.Keep": 50}
        settings = {"FENGXIANG_PAGES": pages, "DOWNLOADER_MIDDLEWARES": middlewares, "ITEM_PIPELINES": {}}
        attributes = {"page": url, "custom_settings": settings, "__module__": family.__module__}
        return process.create_crawler(cast("type[Spider]", type(family.__name__, (OnePage, family), attributes)))

    run_id = shared_store(MEMORY).begin_run({}, datetime.now(UTC))
    crawled = crawl(config, MEMORY, {}, [source], run_id, make=make)
    if not pages:
        raise Unfetched(f"{url}: {crawled.outcomes.get(source.id, {}).get('reason') or 'no page came'}")
    return pages[-1]
