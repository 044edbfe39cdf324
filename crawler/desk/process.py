"""The desk's side: takes one article after the other through the steps, and saves those that wait together."""

import logging
import pickle
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from logging.handlers import QueueHandler
from select import select
from types import SimpleNamespace
from typing import IO, Any

from scrapy.exceptions import DropItem
from scrapy.utils.misc import load_object

from crawler.desk.messages import Answer, Unfit
from crawler.discreet import guard_logs
from crawler.errors import FengxiangError
from crawler.garbage import spare_what_is_loaded
from crawler.items import Article
from crawler.pipes import HEADER, packed
from crawler.sources import Source
from crawler.store import shared_store
from crawler.topics import shared_topics

TOGETHER = 16  # articles that are saved in one transaction at the most
logger = logging.getLogger("fengxiang.desk")


class _Steps:
    """The pipeline of one source, built as Scrapy builds it."""

    def __init__(self, settings: dict[str, Any], source: Source) -> None:
        self._counts: Counter[str] = Counter()
        crawler = SimpleNamespace(settings=_Settings(settings), stats=self, spidercls=SimpleNamespace(source=source))
        self._steps = [load_object(path).from_crawler(crawler) for path in settings["FENGXIANG_STEPS"]]

    def inc_value(self, key: str, count: int = 1) -> None:
        """Count, as the stats of Scrapy do."""
        self._counts[key] += count

    def take(self, item: Article) -> Answer:
        """Take an article through the steps. An error is an answer too."""
        self._counts = Counter()
        answer = Answer(counts=self._counts)
        try:
            for step in self._steps:
                item = step.process_item(item)
        except (DropItem, FengxiangError, OSError) as error:
            answer.error = error
        except Exception as error:  # a failing article never stops another
            logger.exception("%s failed", item.url)
            answer.error = _unfit(error)
        return answer


def _unfit(error: Exception) -> Unfit:
    return Unfit(f"{type(error).__name__}: {error}"[:300])


class _Settings(dict[str, Any]):
    def getdict(self, name: str) -> dict[str, Any]:
        """Return a setting that is a dict, as the settings of Scrapy do."""
        return dict(self[name])


class _Kept(QueueHandler):
    """Keeps what is logged, so that it is logged where the user looks."""

    def __init__(self) -> None:
        super().__init__(queue=None)  # type: ignore[arg-type]
        self.records: list[logging.LogRecord] = []

    def enqueue(self, record: logging.LogRecord) -> None:
        """Called by logging with a record made ready to travel."""
        self.records.append(record)

    def taken(self) -> list[logging.LogRecord]:
        """Return what was kept since the last time."""
        records, self.records = self.records, []
        return records


def serve(requests: FileIO, answers: IO[bytes]) -> None:
    """Take articles until the crawl process goes away."""
    kept = _Kept()
    logging.basicConfig(level=logging.INFO, handlers=[kept])
    settings = _read(requests)
    if settings is None:
        return
    config = settings["FENGXIANG_CONFIG"].topics
    topics = shared_topics(config.folders, config.shipped)
    store = shared_store(settings["FENGXIANG_STORE"])
    spare_what_is_loaded()
    steps: dict[str, _Steps] = {}
    while batch := list(_waiting(requests)):
        store.hold()
        taken: list[tuple[Article, Answer]] = []
        for name, source, item in batch:
            if source:
                steps[name] = _Steps(settings, source)
            taken.append((item, steps[name].take(item)))
        failed = {id(item): error for item, error in store.release()}
        for item, answer in taken:
            if error := failed.get(id(item)):
                if not isinstance(error, FengxiangError):
                    logger.error("%s was not saved", item.url, exc_info=error)
                    error = _unfit(error)
                answer.error = error
                answer.counts = Counter({name: n for name, n in answer.counts.items() if "/store/" not in name})
            else:
                answer.story_id = item.story_id
            answer.disabled, answer.logged = topics.disabled, kept.taken()
            answers.write(packed(answer))
        answers.flush()


def _waiting(requests: FileIO) -> Iterator[Any]:
    """Yield the next message, waiting for it, and those that came by then; nothing when the crawl process is gone."""
    for _ in range(TOGETHER):
        message = _read(requests)
        if message is None:
            return
        yield message
        if not select([requests], [], [], 0)[0]:
            return


def _read(requests: FileIO) -> Any:
    """Return the next message; None when the crawl process is gone."""
    header = _exactly(requests, HEADER.size)
    data = _exactly(requests, *HEADER.unpack(header)) if header else b""
    return pickle.loads(data) if data else None  # noqa: S301 (our own process)


def _exactly(requests: FileIO, length: int) -> bytes:
    """Return that many bytes, or none where they do not come any more."""
    data = bytearray()
    while len(data) < length:
        more = requests.read(length - len(data))
        if not more:
            return b""
        data += more
    return bytes(data)


def main() -> None:
    """Serve until the crawl process closes the desk, or goes away."""
    guard_logs()
    with suppress(BrokenPipeError):  # nobody waits for the answer any more
        serve(FileIO(sys.stdin.fileno(), closefd=False), sys.stdout.buffer)
