"""Article, the one item: what a spider yields and the pipeline steps complete. Holds no behaviour."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Article:
    """One page on one site.

    A spider fills the first group from the page; each later group belongs to the pipeline step that is named.
    Times are aware. `body` holds paragraphs joined by a line feed, tables as rows.
    """

    url: str  # as fetched, after redirects
    source: str  # the id of the source, e.g. "gs_gansudaily"
    title: str
    body: str = field(repr=False)
    fetched_at: datetime
    aliases: tuple[str, ...] = ()  # other addresses of the same article: mobile twin, redirects, further pages
    region: str | None = None  # short Chinese name; of the source until the text itself tells where it plays
    publish_time: datetime | None = None
    precision: str | None = None  # "minute" or "day"
    source_name: str | None = None  # 来源, as the page names it
    author: str | None = None
    section: str | None = None
    attachments: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    document: dict[str, str] | None = None  # fields of a government document, e.g. {"发文字号": …}

    # clean
    text_form: str = "simplified"  # what the page was written in; see crawler.text
    repairs: dict[str, int] = field(default_factory=dict)

    # dedupe
    canonical_url: str = ""
    content_hash: str = ""
    prepared: Any = field(default=None, repr=False)  # crawler.stories.Prepared
    keys: tuple[int, ...] = field(default=(), repr=False)  # of the index of stories
    placement: Any = None  # crawler.store.Placement

    # flag
    direction: str | None = None  # of industry transfer: "inbound", "outbound", "both"
    flags: list[Any] = field(default_factory=list)  # crawler.topics.Flag

    # store
    story_id: int | None = None
