"""Links that stand alike in a list page: how much they look like a list of articles, and which of them are one list."""

import datetime
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlsplit

from crawler.extract.rows import Anchor, ancestors, dates_of

SHORT_TITLE, LONG_TITLE, SPEAKING = 5, 40, 12  # characters
SAMPLE = 6  # rows that tell whether a list is dated
LABEL = 3  # rows; an article stands on a list once, or once more as a headline


@dataclass(slots=True)
class Group:
    """Links that stand alike in the page."""

    anchors: list[Anchor] = field(default_factory=list)

    def score(self) -> float:
        """Return how much the group looks like a list of articles: many links with long titles, outside of asides."""
        lengths: dict[str, int] = {}
        for anchor in self.anchors:
            lengths[anchor.url] = max(lengths.get(anchor.url, 0), min(len(anchor.text), LONG_TITLE))
        total = sum(length - SHORT_TITLE for length in lengths.values() if length > SHORT_TITLE)
        mean = sum(lengths.values()) / len(lengths)
        aside = any(anchor.aside for anchor in self.anchors)
        return total * min(1.0, mean / SPEAKING) * (0.3 if aside else 1.0)


def is_dated(group: Group, today: datetime.date) -> bool:
    """Return whether most rows show a date."""
    sample = group.anchors[:SAMPLE]
    return 2 * len(dates_of(sample, today, visible=True)) > len({anchor.url for anchor in sample})


def join_columns(best: Group, groups: Iterable[Group], today: datetime.date) -> None:
    """Add the other columns of a list that is laid out in several: neighbours alike but for the name of the column."""
    own = {anchor.url for anchor in best.anchors}
    shapes = {shape(url) for url in own}
    dated = is_dated(best, today)
    for group in groups:
        first, model = group.anchors[0], best.anchors[0]
        differing = [at for at, (one, other) in enumerate(zip(first.path, model.path, strict=False)) if one != other]
        if len(differing) != 1 or len(first.path) != len(model.path) or first.aside != model.aside:
            continue
        columns = [ancestors(anchor.node, differing[0] + 2)[-1] for anchor in (first, model)]
        parents = {column.parent.mem_id for column in columns if column.parent is not None}
        urls = {anchor.url for anchor in group.anchors}
        alike = {shape(url) for url in urls} <= shapes and not urls & own and is_dated(group, today) == dated
        if alike and len(parents) == 1 and columns[0].tag == columns[1].tag:
            best.anchors = sorted((*best.anchors, *group.anchors), key=lambda anchor: anchor.order)
            own |= urls


def labels(best: Group) -> set[str]:
    """Return the addresses that return row after row, such as the column or the office that a row names."""
    runs = Counter(url for url, _ in groupby(anchor.url for anchor in best.anchors))
    return {url for url, count in runs.items() if count >= LABEL}


def shape(url: str) -> tuple[str, str]:
    """Return the host and the path with its numbers and identifiers made alike."""
    parts = urlsplit(url)
    return parts.netloc, re.sub(r"[0-9a-fA-F-]{8,}", "x", re.sub(r"\d+", "0", parts.path))
