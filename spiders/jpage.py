"""Family `jpage`: Hanweb JCMS columns. Records stand in the page's script; further ones come from dataproxy.jsp.

Sites that encrypt columnid and unitid answer nothing behind their first records: they are read to there.
"""

from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scrapy import Request

from crawler.families import JpageOptions
from crawler.lists.model import ListPage
from spiders.base import SourceSpider, Turn

PROXY = "/module/web/jpage/dataproxy.jsp"  # some pages name it relative to itself
BLOCK = 3  # pages of records that one request asks for, as the sites' own script does


class JpageSpider(SourceSpider):
    """Hanweb columns."""

    form = "records"
    options: ClassVar[JpageOptions]

    def list_options(self, turn: Turn) -> dict[str, Any]:
        """Return which unit of a column is meant."""
        return super().list_options(turn) | {"unit": self.options.unit if turn.number == 1 else ""}

    def next_list(self, page: ListPage, turn: Turn) -> Request | None:
        """Return the request for the next group of records."""
        held = int(page.facts.get("records", 0))
        read = int(turn.facts.get("read", 0)) + held
        proxy = turn.facts.get("proxy") or page.facts.get("next")
        if not held or not proxy:
            return super().next_list(page, turn)
        parts = urlsplit(urljoin(urljoin(turn.first, PROXY), proxy))
        form = dict(parse_qsl(parts.query, keep_blank_values=True))
        encrypted = not (form.get("columnid", "").isdigit() and form.get("unitid", "").isdigit())
        if encrypted or read >= int(page.facts.get("total", read + 1)):
            return None
        page.facts.update(read=str(read), proxy=proxy)
        size = self.options.per_page
        form |= {"col": "1", "sourceContentType": "1", "page": str(turn.number + 1)}
        window = {"startrecord": read + 1, "endrecord": read + BLOCK * size, "perpage": size}
        url = parts._replace(query=urlencode(window | form)).geturl()
        return self.list_request(url, turn.after(page, optional=True))


FAMILY = JpageSpider
