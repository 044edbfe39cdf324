"""SourceLoader: makes each source file a named spider of its family, so that `scrapy list` prints sources."""

import builtins
import importlib
from typing import cast

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from crawler.config import Config
from crawler.discreet import guard_logs
from crawler.sources import Source, catalogue_of
from crawler.tomlfile import FileError


def spider_of(source: Source) -> type[Spider]:
    """Return the spider of a source: a class of its family."""
    module = importlib.import_module(f"spiders.{source.family}")
    attributes = {"name": source.id, "source": source, "options": source.options, "__module__": module.__name__}
    return cast("type[Spider]", type(source.id, (module.FAMILY,), attributes))


class SourceLoader:
    """Scrapy's spider loader over the catalogue. A broken source file is in `errors`; the others load."""

    def __init__(self, config: Config) -> None:
        catalogue = catalogue_of(config.sources)
        self.errors: list[FileError] = catalogue.errors
        self.sources: dict[str, Source] = catalogue.sources

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> "SourceLoader":
        """Called by Scrapy."""
        guard_logs()  # a crawl by hand logs as much as it is told to, addresses and settings too
        return cls(settings["FENGXIANG_CONFIG"])

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider of a source, or raise KeyError as Scrapy wants it."""
        if spider_name not in self.sources:
            raise KeyError(f"no source '{spider_name}'; `fengxiang sources` lists them")
        return spider_of(self.sources[spider_name])

    def list(self) -> builtins.list[str]:
        """Return the ids of all sources."""
        return sorted(self.sources)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the sources whose articles may lie at the request's address."""
        return [source_id for source_id, source in sorted(self.sources.items()) if source.is_article(request.url)]
