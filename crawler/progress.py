"""A progress line per source on a terminal; silent where there is none, as under cron."""

import asyncio
import contextlib
import logging
import sys
from types import TracebackType
from typing import Any, Self, TextIO

from scrapy.crawler import Crawler

INTERVAL = 0.2  # seconds between two looks at the stats


class Progress:
    """Shows pages read and articles saved of the sources that are being read."""

    def __init__(self) -> None:
        self._crawlers: dict[str, tuple[Any, Crawler]] = {}
        self._display: Any = None
        self._watch: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress as Bars
            from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            self._display = Bars(*columns, console=Console(file=sys.__stderr__))
            terminal = sys.stderr
            self._display.start()
            _move_log(terminal, sys.stderr)  # now the display's own, which writes above the bars
            self._watch = asyncio.get_running_loop().create_task(self._refresh())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch:
            self._watch.cancel()
            shown = sys.stderr
            self._display.stop()
            _move_log(shown, sys.stderr)

    def begin(self, name: str, crawler: Crawler) -> None:
        """Show one more source."""
        if self._display:
            self._crawlers[name] = (self._display.add_task(name), crawler)

    def end(self, name: str) -> None:
        """Leave the last figures of a source standing."""
        if self._display:
            self._update(*self._crawlers[name], name)
            self._display.stop_task(self._crawlers.pop(name)[0])

    async def _refresh(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                for name, (task, crawler) in self._crawlers.items():
                    self._update(task, crawler, name)
                await asyncio.sleep(INTERVAL)

    def _update(self, task: Any, crawler: Crawler, name: str) -> None:
        stats = crawler.stats
        read = stats.get_value("response_received_count", 0) if stats else 0
        saved = stats.get_value("fengxiang/store/saved", 0) if stats else 0
        self._display.update(task, description=f"{name}  {read} pages  {saved} new")


def _move_log(old: TextIO, new: TextIO) -> None:
    """Let log lines that go to the one stream go to the other."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is old:
            handler.setStream(new)
