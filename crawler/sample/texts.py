"""The articles of the sample web as data: articles/<site>.toml, dated relative to a given day.

A text may name `$date` and `$eve` (the day of publication and the one before, "11月24日"), `$year` and `$month`
(of the month before publication, "2026年" and "10月"), so that it never looks old.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from importlib.resources import files
from itertools import pairwise
from string import Template
from typing import Any

from crawler.dates import CST


class Trap(StrEnum):
    """What is planted to catch a crawler that reads only the easy page."""

    GBK = "gbk"  # the page is GBK and says so only in its meta tag
    GARBLED = "garbled"  # the whole page in Traditional characters, with pinyin in brackets after many of them
    MOBILE_LISTED = "mobile_listed"  # a list names the mobile twin beside the www address
    MULTIPAGE = "multipage"  # the text runs over two or three pages
    REFRESH = "refresh"  # the listed address holds nothing but a meta refresh to the article
    STALE = "stale"  # years old, yet linked from the sidebar of every list
    REPRINT_SHORT = "reprint_short"  # about half of a text that another site carries in full
    OTHER_TRANSFER = "other_transfer"  # says 转移, but means cancer cells, budgets or people


@dataclass(slots=True, frozen=True, kw_only=True)
class SampleArticle:
    """One article of the sample web, as its author wrote it: clean, Simplified, one string a paragraph."""

    id: str
    site: str  # "cehome" or "gansudaily"
    title: str
    paragraphs: tuple[str, ...]
    published: datetime  # aware, +08:00
    column: str
    source_name: str
    author: str | None = None  # a person
    byline: str = ""  # what the page shows in the author's place when it names no person, such as 本报记者
    story: str = ""  # the same for reprints of one text, else empty
    topics: tuple[str, ...] = ()  # ids of the topics that a reader would give it
    traps: frozenset[Trap] = frozenset()
    page_starts: tuple[int, ...] = ()  # where pages after the first begin, as indexes into `paragraphs`
    urls: tuple[str, ...] = ()  # local addresses: the article's own first, then twin, stub, further pages

    @property
    def url(self) -> str:
        """Return the address of the article (of its first page, after any refresh)."""
        return self.urls[0]

    @property
    def body(self) -> str:
        """Return the whole text, paragraphs joined by a line feed."""
        return "\n".join(self.paragraphs)

    @property
    def pages(self) -> list[tuple[str, ...]]:
        """Return the paragraphs of each page."""
        cuts = [0, *self.page_starts, len(self.paragraphs)]
        return [self.paragraphs[start:end] for start, end in pairwise(cuts)]


def load(site: str, today: date) -> list[SampleArticle]:
    """Return the articles of a site, newest first, stale ones last."""
    source = files("crawler.sample").joinpath("articles", f"{site}.toml").read_text("utf-8")
    articles = [_article(site, row, today) for row in tomllib.loads(source)["article"]]
    return sorted(articles, key=lambda article: article.published, reverse=True)


def _article(site: str, row: dict[str, Any], today: date) -> SampleArticle:
    day = row["date"] if "date" in row else today - timedelta(days=row["days_ago"])
    month_before = day.replace(day=1) - timedelta(days=1)
    eve = day - timedelta(days=1)
    words = {
        "date": f"{day.month}月{day.day}日",
        "eve": f"{eve.month}月{eve.day}日",
        "year": f"{month_before.year}年",
        "month": f"{month_before.month}月",
    }
    return SampleArticle(
        id=row["id"],
        site=site,
        title=Template(row["title"]).substitute(words),
        paragraphs=tuple(Template(row["body"]).substitute(words).strip().splitlines()),
        published=datetime.combine(day, time.fromisoformat(row["at"]), CST),
        column=row["column"],
        source_name=row["source_name"],
        author=row.get("author"),
        byline=row.get("byline", ""),
        story=row.get("story", ""),
        topics=tuple(row.get("topics", ())),
        traps=frozenset(Trap(name) for name in row.get("traps", ())),
        page_starts=tuple(row.get("page_starts", ())),
    )
