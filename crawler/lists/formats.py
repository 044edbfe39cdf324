"""The readers of list pages by the name of their format."""

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
