"""Step 100: titles and bodies that say what the page said, in Simplified script and without mirror damage."""

from collections import Counter

from scrapy.crawler import Crawler

from crawler.items import Article
from crawler.limit import limited
from crawler.text import clean, clean_name


class Clean:
    """Cleans title, body and names; keeps on the article what form the page had and what was repaired."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._limit: float = crawler.settings["FENGXIANG_CONFIG"].reader.time_limit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Clean":
        """Called by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        """Clean one article; raise TooLong where that takes longer than reading a page may."""
        with limited(self._limit):
            self._clean(item)
        self._stats.inc_value(f"fengxiang/clean/{item.text_form}")
        for repair, count in item.repairs.items():
            self._stats.inc_value(f"fengxiang/clean/{repair}", count)
        return item

    def _clean(self, item: Article) -> None:
        title, body = clean(item.title), clean(item.body)
        item.title, item.body = " ".join(title.text.split()), body.text
        item.text_form = body.form if title.form == "simplified" else title.form
        if title.repairs or body.repairs:
            item.repairs = dict(Counter(item.repairs) + Counter(title.repairs) + Counter(body.repairs))
        for name in ("source_name", "author", "section"):
            if value := getattr(item, name):
                setattr(item, name, clean_name(value).strip() or None)
