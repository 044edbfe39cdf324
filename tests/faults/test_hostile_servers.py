"""More than 50 misbehaving servers and a healthy one in one real run; then SIGTERM in the middle of the worst of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import environment, fengxiang
from hostile_sites import SITES
from hostile_tls import Authority, tls_hosts
from hostile_wire import Crowd, Host, well

pytestmark = pytest.mark.slow  # `make test-slow`

HEALTHY = 40  # articles of the healthy site
MOST_MEMORY = 300  # MiB
PAGE_SECONDS, SOURCE_SECONDS, RUN_SECONDS, STOP_SECONDS = 4, 20, 120, 30
SETTINGS = """\
[crawl]
delay = 0.0
concurrent_hosts = 64
timeout = 4.0
source_time_limit = 20
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
"""
# The command itself, and beside it what it does to the crawl process: its peak of memory and the longest stall.
PROBE = """
import asyncio, json, sys, time
from pathlib import Path
import crawler.crawl as crawling
from crawler.cli import main
longest, read_all = 0.0, crawling._Reading.read_all

async def tick():
    global longest
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.05)
        longest = max(longest, time.monotonic() - began - 0.05)

async def probed(self, sources):
    ticking = asyncio.get_running_loop().create_task(tick())
    try:
        await read_all(self, sources)
    finally:
        ticking.cancel()
        status = Path("/proc/self/status").read_text()
        peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
        Path("probe.json").write_text(json.dumps({"stall": longest, "peak": peak}))

crawling._Reading.read_all = probed
sys.argv[0] = "fengxiang"
main()
"""


@contextmanager
def desk(folder: Path, hosts: dict[str, Host]) -> Iterator[Crowd]:
    """Put up the hosts and a user's folder with one source a host."""
    (folder / "sources").mkdir()
    (folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    with Crowd(hosts) as crowd:
        for name, host in crowd.hosts.items():
            text = f'private = true\nname = "{name}"\nkind = "portal"\nfamily = "listing"\n'
            text += f'list_urls = ["{host.url}/list/"]\narticle = "/a/\\\\d+[.]html"\n'
            (folder / "sources" / f"cn_{name}.toml").write_text(text, "utf-8")
        yield crowd
