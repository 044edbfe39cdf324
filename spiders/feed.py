"""Family `feed`: RSS and Atom."""

from typing import Any

from spiders.base import SourceSpider, Turn


class FeedSpider(SourceSpider):
    """Feeds; a next page only where an Atom feed links to one."""

    form = "feed"

    def list_options(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002
        """A feed needs none."""
        return {}


FAMILY = FeedSpider
