"""What an alert says, before any format: title, place, topics, publisher, quotation, reprints, address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.alerts.neutral import neutral, safe_url
from crawler.alerts.quotes import Piece, quotes
from crawler.dates import CST

DIRECTIONS = {"inbound": "承接", "outbound": "转出", "both": "双向"}
NOWHERE = "全国"
LONGEST_TITLE, LONGEST_NAME, ADDED = 100, 40, 2


@dataclass(slots=True, frozen=True, kw_only=True)
class Item:
    """One story as a reader is told it. Until `neutralised`, its texts are as the web has them."""

    alerts: tuple[int, ...]
    title: str
    topics: str  # 承接产业转移、营商环境
    region: str  # 甘肃; 全国 where the text plays nowhere in particular
    place: str  # 甘肃（承接）
    publisher: str  # who published it first
    when: str  # 2026-11-25 09:02; only the day where no more is known
    url: str
    quotes: tuple[tuple[Piece, ...], ...] = ()
    added: tuple[str, ...] = ()
    reprints: int = 0
    urgent: bool = False

    def neutralised(self, form: str) -> dict[str, Any]:
        """Return the fields as templates get them: harmless in the format."""
        return {
            "title": neutral(self.title, form),
            "topics": neutral(self.topics, form),
            "region": neutral(self.region, form),
            "place": neutral(self.place, form),
            "publisher": neutral(self.publisher, form),
            "when": self.when,
            "url": neutral_url(self.url, form),
            "quotes": [
                [{"text": neutral(piece.text, form), "marked": piece.marked} for piece in quote]
                for quote in self.quotes
            ],
            "added": [neutral(sentence, form) for sentence in self.added],
            "reprints": self.reprints,
            "urgent": self.urgent,
        }


def neutral_url(url: str, form: str) -> str:
    """Return an address that a template may put into a link, or ""."""
    return safe_url(url).replace("&", "&amp;") if form == "html" else safe_url(url)


def item_of(alerts: Sequence[Mapping[str, Any]], story: Sequence[Any], names: Mapping[str, str]) -> Item:
    """Return the item of one story.

    alerts: its rows of the outbox with their flags, one a topic; story: its members, first published first; names:
    the topics' names by id.
    """
    first = story[0]
    lead = alerts[0]
    told = next((article for article in story if article["id"] == lead["flagged_article"]), first)
    found = quotes(lead["evidence"], told["body"])
    added = [sentence for alert in alerts for sentence in alert["added"] or ()]
    topics = "、".join(dict.fromkeys(names.get(alert["topic"], alert["topic"]) for alert in alerts))
    return Item(
        alerts=tuple(alert["id"] for alert in alerts),
        title=shortened(first["title"], LONGEST_TITLE),
        topics=topics,
        region=told["region"] or first["region"] or NOWHERE,
        place=place_of(told),
        publisher=shortened(first["source_name"] or first["source"], LONGEST_NAME),
        when=_when(first["publish_time"], first["precision"]),
        url=first["url"],
        quotes=() if added else tuple(tuple(quote) for quote in found),
        added=tuple(shortened(sentence, 2 * LONGEST_NAME) for sentence in added[:ADDED]),
        reprints=len(story) - 1,
        urgent=any(alert["urgent"] for alert in alerts),
    )


def place_of(article: Any) -> str:
    """Return province and direction of transfer, such as 甘肃（承接）."""
    way = DIRECTIONS.get(article["direction"])
    return f"{article['region'] or ''}{f'（{way}）' if way else ''}"


def shortened(text: str, length: int) -> str:
    """Return the text, cut to a number of characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _when(moment: datetime | None, precision: str | None) -> str:
    if moment is None:
        return "时间不详"
    return moment.astimezone(CST).strftime("%Y-%m-%d %H:%M" if precision == "minute" else "%Y-%m-%d")
