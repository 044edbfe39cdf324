"""Family `trs`: TRS WCM, whose pager is a script: page 1 is index.html, page 2 index_1.html.

The number of pages stands in createPageHTML(134, 0, "index", "html"), createPage(…) or `var countPage = 134`.
Deep pages may be stubs of a few hundred bytes with status 200; they end the list.
"""

from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request

from crawler.families import TrsOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn

CALL = r"createPage(?:HTML)?\s*\(\s*"
BOX = r"(?:[\"'][a-z_][\w-]*[\"']\s*,\s*)?"  # some sites name the pager's element first
FACTS = {
    "pages": rf"(?:{CALL}{BOX}|countPage\s*=\s*)[\"']?(\d+)",
    "name": rf"{CALL}[^)]*?[\"']([\w-]+)[\"']\s*,\s*[\"']\w+[\"']",
    "suffix": rf"{CALL}[^)]*?[\"'][\w-]+[\"']\s*,\s*[\"'](\w+)[\"']",
}


class TrsSpider(SourceSpider):
    """TRS lists."""

    options: ClassVar[TrsOptions]

    def list_options(self, turn: Turn) -> dict[str, Any]:
        """Return the patterns of the pager's script."""
        return super().list_options(turn) | {"facts": FACTS}

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the next page as long as the script counts further ones; without a script, the one that is linked."""
        pages = page.facts.get("pages") or turn.facts.get("pages")
        if pages is None and not self.options.pager:
            return super().next_list(page, turn)
        if pages is not None and turn.number >= int(pages):
            return None
        number = self.options.second + turn.number - 1
        return self.numbered_list(self.options.pager or self._pager(page, turn), number, page, turn)

    def _pager(self, page: ListPage, turn: Turn) -> str:
        facts = turn.facts | page.facts
        own = PurePosixPath(urlsplit(turn.first).path.rpartition("/")[2])  # empty where the list is a folder
        name, suffix = facts.get("name", own.stem or "index"), facts.get("suffix", own.suffix[1:] or "html")
        return f"{name}_{{n}}.{suffix}"


FAMILY = TrsSpider
