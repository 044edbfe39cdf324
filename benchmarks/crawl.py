"""Measure a whole crawl against a bare Scrapy spider that downloads the same pages and does nothing with them.

    python benchmarks/crawl.py [--repeat N] [--sources N] [--articles N] [--profile FILE]

The web of `crawl_web.py` is served by a process of its own. Ours is `crawler.crawl`: fetch, extract, clean, dedupe,
flag and store, each article with its alerts in one transaction. The reference is one spider in one process that is
given the addresses; robots.txt, delay, hosts at the same time and requests a host are the same. Both take their turns,
since the machine has other users. Pages a second count from the start of the process to its end. Memory is the peak of
resident memory that the kernel notes, of the crawl process and of the largest process that it started.
"""

import argparse
import cProfile
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__)
HOSTS = 8  # at the same time: the default of [crawl] concurrent_hosts
MIB = 1024
LOOK = 0.1  # seconds between two looks at the memory


@dataclass(slots=True)
class Figures:
    """What a process took."""

    seconds: float = 0.0
    cpu: float = 0.0  # seconds, of the process
    children_cpu: float = 0.0
    peak: int = 0  # KiB
    children: dict[int, int] = field(default_factory=dict)  # KiB

    @property
    def reader(self) -> int:
        """Return the peak of the largest child."""
        return max(self.children.values(), default=0)


def bare(folder: Path) -> None:
    """Download all pages."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.http import Response

    addresses = (folder / "addresses.txt").read_text("utf-8").split("\n")
    hosts: dict[str, list[str]] = {}
    for address in addresses:
        hosts.setdefault(address.split("/", 3)[2], []).append(address)
    groups = [list(hosts.values())[start : start + HOSTS] for start in range(0, len(hosts), HOSTS)]
    seen = 0

    class Bare(Spider):
        name = "bare"

        async def start(self) -> AsyncIterator[Any]:
            for group in groups:  # the hosts of a group by turns, so that none waits for another
                for turn in zip(*group, strict=True):
                    for address in turn:
                        yield Request(address)

        def parse(self, response: Response) -> None:
            nonlocal seen
            assert response.status == 200
            seen += 1

    settings = {
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": HOSTS,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }
    process = AsyncCrawlerProcess(settings)
    process.crawl(Bare)
    process.start()
    assert seen == len(addresses), seen


def ours(folder: Path) -> None:
    """Crawl all sources into a new store, in the order of `crawler.run`."""
    from crawler.config import Config
    from crawler.desk.client import needs_desk, shared_desk
    from crawler.sources import catalogue_of
    from crawler.store import shared_store

    config = Config.model_validate(
        {"crawl": {"delay": 0.0}, "sources": {"folders": (folder / "sources",), "shipped": False}}
    )
    sources = list(catalogue_of(config.sources).sources.values())
    with tempfile.TemporaryDirectory(dir=folder) as place:
        url = f"sqlite:///{place}/fx.db"
        store = shared_store(url)
        if needs_desk(store, len(sources)):
            shared_desk(url).begin()
        from crawler import guard
        from crawler.crawl import crawl
        from crawler.topics import shared_topics

        guard.is_public = lambda _: True  # the guard stands, but these addresses pass it
        topics = shared_topics(config.topics.folders, config.topics.shipped)
        run_id = store.begin_run({}, datetime.now(UTC))
        crawled = crawl(config, url, {topic.id: ("desk",) for topic in topics}, sources, run_id)
        totals = store.totals()
        store.close()
    failed = {name: outcome for name, outcome in crawled.outcomes.items() if outcome["outcome"] != "ok"}
    assert not failed, failed
    articles = sum(address.endswith(".html") for address in (folder / "addresses.txt").read_text("utf-8").split("\n"))
    assert totals["articles"] == articles, totals
    print(totals, file=sys.stderr)


def peak(pid: int) -> int:
    """Return the peak of a process's resident memory in KiB; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def measured(role: str, folder: Path, profile: str = "") -> Figures:
    """Run one of the two in a process of its own."""
    figures = Figures()
    began = time.perf_counter()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("FENGXIANG_", "PYTHONDONTWRITE"))
    }
    command = [sys.executable, str(HERE), "--role", role, "--folder", str(folder), "--profile", profile]
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        while process.poll() is None:
            figures.peak = max(figures.peak, peak(process.pid))
            for child in children(process.pid):
                figures.children[child] = max(figures.children.get(child, 0), peak(child))
            time.sleep(LOOK)
    figures.seconds = time.perf_counter() - began
    assert process.returncode == 0, f"{role} ended with {process.returncode}"
    figures.cpu, figures.children_cpu = map(float, (folder / "cpu.txt").read_text("utf-8").split())
    return figures


def told(figures: Figures, pages: int) -> str:
    """Return the figures in a line."""
    cpu, others = (seconds / pages * 1000 for seconds in (figures.cpu, figures.children_cpu))
    return (
        f"{pages / figures.seconds:.0f} pages/s; CPU a page {cpu:.1f} ms, its processes {others:.1f} ms; "
        f"memory {figures.peak / MIB:.0f} MiB, its processes {figures.reader / MIB:.0f} MiB at most"
    )


def play(role: str, folder: Path, profile: str) -> None:
    """Be one of the two."""
    act = {"bare": bare, "ours": ours}[role]
    if profile and role == "ours":
        profiler = cProfile.Profile()
        profiler.runcall(act, folder)
        profiler.dump_stats(profile)
    else:
        act(folder)
    spent = os.times()
    cpu = spent.user + spent.system, spent.children_user + spent.children_system
    (folder / "cpu.txt").write_text("{} {}".format(*cpu), "utf-8")


def main() -> None:
    """Measure both by turns and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--articles", type=int, default=20)
    parser.add_argument("--profile", default="", help="write a cProfile of our crawl process")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role:
        play(arguments.role, arguments.folder, arguments.profile)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        command = [sys.executable, str(HERE.parent / "crawl_web.py"), str(arguments.sources), str(arguments.articles)]
        server = subprocess.Popen([*command, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.enter_context(server)
        assert server.stdin
        assert server.stdout
        stack.callback(server.stdin.close)
        _, least, median, most = map(int, server.stdout.readline().split())
        pages = arguments.sources * (arguments.articles + 1)
        print(f"{pages} pages of {arguments.sources} hosts; an article has {least} to {most} bytes, median {median}")
        ratios = []
        for turn in range(arguments.repeat):
            plain = measured("bare", folder)
            whole = measured("ours", folder, arguments.profile and str(Path(arguments.profile).resolve()))
            ratios.append(plain.seconds / whole.seconds)
            print(f"{turn + 1}: ratio {ratios[-1]:.2f}, load {os.getloadavg()[0]:.1f}")
            for name, figures in (("bare", plain), ("ours", whole)):
                print(f"   {name}: {told(figures, pages)}", flush=True)
        print(f"ratio of pages/s, median of {arguments.repeat}: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
