"""What every family shares: reading articles, and walking lists until known articles begin."""

from spiders.base.lists import SourceSpider, Turn

__all__ = ["SourceSpider", "Turn"]
