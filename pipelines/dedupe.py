"""Step 200: one address of an article, and the story that it tells.

Steps are plain functions, so nothing comes between this one and the store in a process, which compares with what it
holds to be saved together, too; the run lock keeps other processes out. Two reprints can therefore not both be taken
for new.
"""

import hashlib
from functools import lru_cache, partial

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.items import Article
from crawler.sources import Source
from crawler.store import Candidate, Placement, Store, shared_store
from crawler.stories import Verdict, judge, keys, prepare

# Texts of one template are compared again and again, and the reprint of a text comes soon after it.
_prepared = lru_cache(maxsize=1000)(partial(prepare, cleaned=True))


class Duplicate(DropItem):
    """The article is stored already, under this address or a twin's."""


class Dedupe:
    """Drops what is stored; finds the stored stories that the article belongs to. Writes nothing."""

    def __init__(self, crawler: Crawler, source: Source, store: Store) -> None:
        self._crawler = crawler
        self._source = source
        self._store = store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Dedupe":
        """Called by Scrapy."""
        source: Source = crawler.spidercls.source  # type: ignore[attr-defined]  # every spider of ours has one
        return cls(crawler, source, shared_store(crawler.settings["FENGXIANG_STORE"]))

    def process_item(self, item: Article) -> Article:
        """Place one article."""
        item.canonical_url = self._source.canonical(item.url)
        if self._store.has_article(item.canonical_url):
            self._store.settle_addresses(item, item.fetched_at)
            raise Duplicate(item.canonical_url)
        item.content_hash = hashlib.sha256(f"{item.title}\n{item.body}".encode()).hexdigest()
        item.prepared = _prepared(f"{item.title}\n{item.body}")
        item.keys = keys(item.prepared)
        item.placement = self._place(item)
        kind = "reprint" if item.placement.story_ids else "new_story"
        self._crawler.stats.inc_value(f"fengxiang/dedupe/{kind}")
        return item

    def _place(self, item: Article) -> Placement:
        alike: list[tuple[Candidate, Verdict]] = []
        for candidate in self._store.candidates(item.keys):
            # Of a text that is no longer kept the hash tells whether it was this one.
            same = not candidate.body and candidate.content_hash == item.content_hash
            stored = item.prepared if same else _prepared(f"{candidate.title}\n{candidate.body}")
            verdict = judge(stored, item.prepared)
            if verdict.same:
                alike.append((candidate, verdict))
        stories = self._store.stories_of([candidate for candidate, _ in alike])
        found = [(story, verdict) for story, (_, verdict) in zip(stories, alike, strict=True) if story]
        if not found:
            return Placement()
        found.sort(key=lambda match: -match[1].similarity)
        likest = found[0][1]
        # News to one member may stand in another.
        least = min((verdict for _, verdict in found), key=lambda verdict: (verdict.material, len(verdict.added)))
        differs = {"material": least.material, "added": list(least.added), "figures": list(least.figures)}
        return Placement(tuple(dict.fromkeys(story for story, _ in found)), likest.similarity, likest.reason, differs)
