"""Scrapy's feed export in the schema of docs/export.md: `scrapy crawl ID -O out.jsonl`."""

from collections import defaultdict
from dataclasses import asdict
from typing import IO, Any

import orjson
from scrapy.exporters import BaseItemExporter

from crawler.export import escaped, flag_of, record_of
from crawler.items import Article


class ArticleLines(BaseItemExporter):
    """Scrapy's feed export in the same schema: `scrapy crawl ID -O out.jsonl`."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self._file = file
        self._members: dict[int, list[str]] = defaultdict(list)

    def export_item(self, item: Article) -> None:
        """Write one line. Ids are those of this crawl; reprints that come later are not known yet."""
        flags = [
            flag_of(
                topic=flag.topic,
                score=flag.score,
                evidence=[asdict(e) for e in flag.evidence],
                article_id=item.canonical_url,
            )
            for flag in item.flags
        ]
        first = self._members[item.story_id or 0]
        story: dict[str, Any] = {"duplicate_of": first[0] if first else None, "reprints": []}
        first.append(item.canonical_url)
        record = record_of(lambda name: getattr(item, name), article_id=item.canonical_url, topics=flags, **story)
        self._file.write(escaped(orjson.dumps(record)) + b"\n")
