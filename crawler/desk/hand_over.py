"""The one step of the pipeline where there may be a desk."""

import logging
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from crawler.desk.client import shared_desk
from crawler.items import Article
from crawler.sources import Source
from crawler.topics import shared_topics

SETTINGS = ("FENGXIANG_STORE", "FENGXIANG_CONFIG", "FENGXIANG_CHANNELS", "FENGXIANG_BACKFILL", "FENGXIANG_STEPS")


def settings_of(settings: BaseSettings) -> dict[str, Any]:
    """Return what the process has to know of the settings of a run."""
    return {name: settings[name] for name in SETTINGS}


class HandOver:
    """Hands articles over and waits until they are kept."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._source: Source = crawler.spidercls.source  # type: ignore[attr-defined]  # every spider of ours has one
        self._settings = settings_of(crawler.settings)
        self._desk = shared_desk(self._settings["FENGXIANG_STORE"])
        self._steps = [load_object(path).from_crawler(crawler) for path in self._settings["FENGXIANG_STEPS"]]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "HandOver":
        """Called by Scrapy."""
        return cls(crawler)

    async def process_item(self, item: Article) -> Article:
        """Take one article through the steps."""
        if self._desk.is_spared():
            for step in self._steps:
                item = step.process_item(item)
            return item
        answer = await self._desk.take(self._settings, self._source, item)
        for name, count in answer.counts.items():
            self._stats.inc_value(name, count)
        for record in answer.logged:
            logging.getLogger(record.name).handle(record)
        if answer.disabled:
            config = self._settings["FENGXIANG_CONFIG"].topics
            shared_topics(config.folders, config.shipped).disabled.update(answer.disabled)
        if answer.error:
            raise answer.error
        item.story_id = answer.story_id
        return item
