"""Step 300: where an article plays, and the topics that it belongs to, with the words that matched."""

from scrapy.crawler import Crawler

from crawler.items import Article
from crawler.regions import locate
from crawler.topics import shared_topics


class Flag:
    """Locates and flags articles; which channels hear of a flag is decided when it is stored."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        config = crawler.settings["FENGXIANG_CONFIG"].topics
        self._topics = shared_topics(config.folders, config.shipped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Flag":
        """Called by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        """Flag one article."""
        place = locate(item.title, item.body, cleaned=True)
        item.region, item.direction = place.region or item.region, place.direction
        document = item.document or {}
        fields = {"source": item.source_name, "section": item.section, "docno": document.get("发文字号")}
        fields |= {"source_id": item.source}
        given = {name: text for name, text in fields.items() if text}
        item.flags = self._topics.match_cleaned(item.title, item.body, **given)
        for flag in item.flags:
            self._stats.inc_value(f"fengxiang/flag/{flag.topic}")
        return item
