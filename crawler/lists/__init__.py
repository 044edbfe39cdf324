"""List pages in the formats that families use: HTML, records in CDATA, JSON, feeds, sitemaps.

Pure: bytes to links. Runs in the reading processes, for everything here comes from strangers.
"""

from collections.abc import Callable

from crawler.lists.feeds import feed_list, sitemap_list
from crawler.lists.model import ListPage
from crawler.lists.objects import json_list
from crawler.lists.pages import html_list
from crawler.lists.records import record_list

FORMATS: dict[str, Callable[..., ListPage]] = {
    "html": html_list,
    "records": record_list,
    "json": json_list,
    "feed": feed_list,
    "sitemap": sitemap_list,
}

__all__ = ["FORMATS", "ListPage", "feed_list", "html_list", "json_list", "record_list", "sitemap_list"]
