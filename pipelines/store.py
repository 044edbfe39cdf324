"""Step 400: article, story, flags and queued alerts are kept in one transaction, or none of them."""

from datetime import UTC, datetime

from scrapy.crawler import Crawler

from crawler.items import Article
from crawler.store import ARCHIVE, Entry, shared_store


class Store:
    """Saves articles. `FENGXIANG_CHANNELS` names, for each topic, the channels that hear of it; none in a trial."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._store = shared_store(crawler.settings["FENGXIANG_STORE"])
        self._channels = crawler.settings.getdict("FENGXIANG_CHANNELS")
        self._backfill: bool = crawler.settings["FENGXIANG_BACKFILL"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Store":
        """Called by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        """Save one article."""
        now = datetime.now(UTC)
        old = item.publish_time is not None and item.fetched_at - item.publish_time > ARCHIVE
        counted = "old when it was back-filled" if self._backfill and old else ""
        self._store.keep_article(Entry(item, item.keys, item.placement, self._channels, now, counted))
        if counted and item.flags:
            self._stats.inc_value("fengxiang/store/untold")
        self._stats.inc_value("fengxiang/store/saved")
        return item
