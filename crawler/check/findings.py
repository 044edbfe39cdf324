"""What a check of one source found, and what of it is a problem."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crawler.dates import CST
from crawler.items import Article
from crawler.sources import Source

SHORT = 30  # characters; a shorter body is a caption or a menu
EXCERPT = 200  # characters
FIRST_YEAR = 2000
APART = 7  # days between what a page says and what its address says; editors do publish a draft's address late
AHEAD = timedelta(days=1)  # clocks differ


@dataclass(slots=True, frozen=True)
class Seen:
    """An article as a run would have stored it."""

    url: str
    title: str
    publish_time: str | None  # ISO 8601, +08:00
    length: int  # characters of the body
    source_name: str | None
    excerpt: str


@dataclass(slots=True, kw_only=True)
class Finding:
    """The result of one check. `problems` name their cause; `remarks` may be as they should."""

    source: str
    name: str
    family: str
    at: datetime
    robots: str = "not asked"  # "ok", "refused", "not to be had"
    lists: int = 0  # list pages read
    links: int = 0  # articles that they named
    articles: list[Seen] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """Return "ok", "refused" (by robots.txt) or "failed"."""
        if self.robots in {"refused", "not to be had"} and not self.articles:
            return "refused"
        return "failed" if self.problems else "ok"

    def record(self) -> dict[str, Any]:
        """Return what is kept of it as JSON."""
        return {name: value for name, value in asdict(self).items() if name not in {"source", "at"}}


def robots_of(stats: Mapping[str, Any]) -> str:
    """Return how robots.txt met us, from Scrapy's stats."""
    if any(name.startswith("robotstxt/exception_count") for name in stats):
        return "not to be had"
    if stats.get("robotstxt/forbidden"):
        return "refused"
    return "ok" if stats.get("robotstxt/response_count") else "not asked"


def seen(article: Article) -> Seen:
    """Return what is told of an article."""
    when = article.publish_time.astimezone(CST).isoformat(timespec="minutes") if article.publish_time else None
    excerpt = article.body[:EXCERPT]
    return Seen(article.url, article.title, when, len(article.body), article.source_name, excerpt)


def doubts(article: Article, source: Source, now: datetime) -> Iterator[str]:
    """Yield what is wrong with an article."""
    if len(article.body) < SHORT:
        yield f"article {article.url}: only {len(article.body)} characters of text"
    when = article.publish_time
    if when is None:
        yield f"article {article.url}: no date found"
        return
    day, named = when.astimezone(CST).date(), source.date_in(article.url)
    if when > now + AHEAD or day.year < FIRST_YEAR:
        yield f"article {article.url}: the date {day} is not plausible"
    elif named and abs((day - named).days) > APART:
        yield f"article {article.url}: the page says {day}, its address {named}"


def remarks(articles: list[Article], source: Source, now: datetime) -> Iterator[str]:
    """Yield what may be as it should, of all articles together."""
    if articles and not any(article.source_name for article in articles):
        yield "no article names where it comes from (来源)"
    days = [article.publish_time for article in articles if article.publish_time]
    if days and (now - max(days)).days > source.max_age_days:
        newest = max(days).astimezone(CST).date()
        yield f"the newest article is of {newest}; a run reads {source.max_age_days} days back (key 'max_age_days')"
