"""Step 300: the topics that an article belongs to, with the words that matched."""

from scrapy.crawler import Crawler

from crawler.items import Article
from crawler.topics import shared_topics


class Flag:
    """Flags articles; which channels hear of a flag is decided when it is stored."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._topics = shared_topics(crawler.settings["FENGXIANG_CONFIG"].topics.searched())

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Flag":
        """Called by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        """Flag one article."""
        fields = {"source": item.source_name or "", "section": item.section or "", **(item.document or {})}
        item.flags = self._topics.match(item.title, item.body, **fields)
        for flag in item.flags:
            self._stats.inc_value(f"fengxiang/flag/{flag.topic}")
        return item
