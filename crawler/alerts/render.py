"""The words of an alert, in Chinese and in plain text. Text from the web can add no line to the head of a message."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from crawler.dates import CST

DIRECTIONS = {"inbound": "承接", "outbound": "转出", "both": "双向"}
AROUND = 30  # characters shown on each side of a match


def subject(topic_name: str, story: Sequence[RowMapping]) -> str:
    """Return the head line: topic and title, on one line."""
    return " ".join(f"【{topic_name}】{story[0]['title']}".split())


def message(topic_name: str, evidence: Sequence[dict[str, Any]], told: RowMapping, story: Sequence[RowMapping]) -> str:
    """Return the text: what was published where and when, the words that matched, reprints, address.

    `told` is the article that the evidence points into; `story` its members, first published first.
    """
    first = story[0]
    lines = [
        f"发布：{_when(first['publish_time'], first['precision'])}",
        f"来源：{first['source_name'] or first['source']}",
    ]
    if place := place_of(first):
        lines.append(f"地区：{place}")
    lines.append(f"主题：{topic_name}")
    lines += [f"原文：{quote}" for quote in _quotes(evidence, told)]
    if len(story) > 1:
        lines.append(f"另有 {len(story) - 1} 家转载")
    lines.append(f"链接：{first['url']}")
    return "\n".join(" ".join(line.split()) for line in lines)


def place_of(article: RowMapping) -> str:
    """Return province and direction of transfer, such as 甘肃（承接）."""
    way = DIRECTIONS.get(article["direction"])
    return f"{article['region'] or ''}{f'（{way}）' if way else ''}"


def _when(moment: datetime | None, precision: str | None) -> str:
    if moment is None:
        return "时间不详"
    return moment.astimezone(CST).strftime("%Y-%m-%d %H:%M" if precision == "minute" else "%Y-%m-%d")


def _quotes(evidence: Sequence[dict[str, Any]], told: RowMapping) -> list[str]:
    """Return up to two passages with the matched words in 「」, each once."""
    quotes: list[str] = []
    covered: tuple[str, int] = ("", -1)
    for span in sorted(evidence, key=lambda e: (e["field"] != "title", e["start"])):
        text = told["title"] if span["field"] == "title" else told["body"]
        if (span["field"], span["start"]) < covered and span["field"] == covered[0]:
            continue
        begin, end = max(0, span["start"] - AROUND), min(len(text), span["end"] + AROUND)
        head, tail = "…" if begin else "", "…" if end < len(text) else ""
        before, after = text[begin : span["start"]], text[span["end"] : end]
        quotes.append(f"{head}{before}「{text[span['start'] : span['end']]}」{after}{tail}")
        covered = (span["field"], end)
        if len(quotes) == 2:
            break
    return quotes
