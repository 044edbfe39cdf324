"""The reading processes: pages are read, limits hold, a death costs one page, and nobody outlives the crawl."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from crawler.reader import Reader, Unreadable

PAGE = """<html><head><title>示例新闻标题一则_示例网</title></head><body><h1>示例新闻标题一则</h1>
<p>2026年11月20日 09:30 来源：示例日报</p>
<div class="content"><p>第一段文字，说明这是一篇用于测试的文章，篇幅不长，但是有完整的句子。</p>
<p>第二段文字，继续说明情况，仍然是用于测试的内容，没有别的意思。</p></div></body></html>""".encode()


@asynccontextmanager
async def opened(workers: int = 1, time_limit: float = 10.0, memory_limit: int = 512) -> AsyncIterator[Reader]:
    reader = Reader(workers, time_limit, memory_limit)
    try:
        yield reader
    finally:
        await reader.close()


def in_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Run an async test."""

    def run() -> None:
        asyncio.run(test())  # type: ignore[arg-type]

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


@in_loop
async def test_pages_are_read_side_by_side() -> None:
    async with opened(workers=2) as reader:
        found = await asyncio.gather(*(reader.article(PAGE, f"http://example.org/{n}.html") for n in range(6)))
        assert {page.title for page in found} == {"示例新闻标题一则"}
        assert all("第二段文字" in page.body for page in found)
        assert len(reader.processes) <= 2


@in_loop
async def test_page_that_takes_too_long_is_given_up_and_the_next_one_is_read() -> None:
    heavy = b"<html><body>" + b"<p>x<a href='/a.html'>y</a></p>" * 900_000
    async with opened(time_limit=0.2, memory_limit=4096) as reader:  # so that time ends first on any machine
        await warm(reader)
        with pytest.raises(Unreadable, match=r"longer than 0\.2 s"):
            await reader.article(heavy, "http://example.org/heavy.html")
    async with opened(time_limit=10.0) as reader:
        assert (await reader.article(PAGE, "http://example.org/1.html")).title


async def warm(reader: Reader) -> None:
    """Start the process outside of a short time limit."""
    for _ in range(50):
        try:
            await reader.article(PAGE, "http://example.org/warm.html")
        except Unreadable:
            continue
        return


@in_loop
async def test_process_that_dies_costs_one_page() -> None:
    async with opened() as reader:
        await reader.article(PAGE, "http://example.org/1.html")
        (pid,) = reader.processes
        os.kill(pid, 9)
        with pytest.raises(Unreadable, match="the reading process died"):
            await reader.article(PAGE, "http://example.org/2.html")
        assert (await reader.article(PAGE, "http://example.org/3.html")).title == "示例新闻标题一则"
        assert pid not in reader.processes


@in_loop
async def test_ctrl_c_costs_no_page() -> None:
    async with opened() as reader:
        await reader.article(PAGE, "http://example.org/1.html")
        (pid,) = reader.processes
        os.kill(pid, signal.SIGINT)
        assert (await reader.article(PAGE, "http://example.org/2.html")).title == "示例新闻标题一则"
        assert reader.processes == {pid}


@in_loop
async def test_reading_gives_way_to_the_crawl_and_the_desk() -> None:
    async with opened() as reader:
        await reader.article(PAGE, "http://example.org/1.html")
        (pid,) = reader.processes
        own, theirs = os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, pid)
        assert theirs > own or own == 19  # nothing gives way more


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space of a process")
@in_loop
async def test_page_that_needs_too_much_memory_is_given_up() -> None:
    async with opened(memory_limit=256) as reader:
        huge = b"<p>x" * 2_500_000
        with pytest.raises(Unreadable, match=r"memory|died"):
            await reader.article(huge, "http://example.org/huge.html")
        assert (await reader.article(PAGE, "http://example.org/1.html")).title == "示例新闻标题一则"


def test_no_process_outlives_a_killed_crawl() -> None:
    program = (
        "import asyncio; from crawler.reader import Reader\n"
        "async def main():\n"
        "    reader = Reader(1, 10, 512)\n"
        f"    await reader.article({PAGE!r}, 'http://example.org/1.html')\n"
        "    print(*reader.processes, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as crawl:
        assert crawl.stdout
        pid = int(crawl.stdout.readline())
        crawl.kill()
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        continue
    assert not alive(pid)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:  # a dead process whose parent has not asked for it yet
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return False
