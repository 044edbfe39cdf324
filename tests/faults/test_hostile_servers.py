"""Sixty misbehaving servers and a healthy one in one real run; then SIGTERM in the middle of the worst of them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import environment, fengxiang
from hostile_sites import HEAD, SITES, Causes, articles, list_, said, silent, trickled
from hostile_tls import Authority, tls_hosts
from hostile_wire import STUCK, Ask, Crowd, Host, Wire, tangled_page, well

pytestmark = pytest.mark.slow  # `make test-slow`

HEALTHY = 20  # articles of the healthy site
MOST_MEMORY, LONGEST_STALL, LONGEST_SOURCE, LONGEST_STOP = 300, 2, 60, 30  # MiB, then seconds
SETTINGS = """\
[crawl]
delay = 0.0
concurrent_hosts = 20
timeout = 5.0
source_time_limit = 40
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
"""
# The command itself; beside it, what it does to the crawl process: the peak of its memory, and the most processor time
# that passed between two turns of a task that wants to run every 50 ms.
PROBE = """
import asyncio, json, time
from pathlib import Path
import crawler.crawl as crawling
from crawler.cli import main
longest, read_all = 0.0, crawling._Reading.read_all

async def tick():
    global longest
    while True:
        began = time.thread_time()
        await asyncio.sleep(0.05)
        longest = max(longest, time.thread_time() - began)

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
main()
"""


@contextmanager
def desk(folder: Path, hosts: dict[str, Host], more: str = "", settings: str = SETTINGS) -> Iterator[Crowd]:
    """Put up the hosts and a user's folder with one source a host."""
    (folder / "sources").mkdir()
    (folder / "fengxiang.toml").write_text(settings, "utf-8")
    with Crowd(hosts) as crowd:
        for name, host in crowd.hosts.items():
            text = f'private = true\nname = "{name}"\nkind = "portal"\nfamily = "listing"\n'
            text += f'list_urls = ["{host.url}/list/"]\narticle = "/a/\\\\d+[.]html"\n{more}'
            (folder / "sources" / f"cn_{name}.toml").write_text(text, "utf-8")
        yield crowd


class Course:
    """One run over everybody."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        secure = tls_hosts(authority)
        self.expected: dict[str, Causes] = {name: causes for name, (_, causes) in (SITES | secure).items()}
        hosts = {name: Host(manners) for name, (manners, _) in SITES.items()}
        hosts |= {name: host for name, (host, _) in secure.items()}
        hosts["healthy"] = Host(partial(well, articles=HEALTHY))
        with desk(folder, hosts):
            command = [sys.executable, "-P", "-c", PROBE, "run", "--all"]
            trust = environment(SSL_CERT_FILE=str(authority.path))
            began = time.monotonic()
            self.run = subprocess.run(
                command, cwd=folder, env=trust, capture_output=True, text=True, check=False, timeout=300
            )
            self.seconds = time.monotonic() - began
        self.probe: dict[str, float] = json.loads((folder / "probe.json").read_text("utf-8"))
        self.health: dict[str, Any] = json.loads(fengxiang("health", "--json", cwd=folder).stdout)
        with closing(sqlite3.connect(folder / "var" / "fengxiang.db")) as store:
            seconds = "86400 * (julianday(ended_at) - julianday(started_at))"
            self.took: dict[str, float] = dict(store.execute(f"SELECT source, {seconds} FROM source_runs"))
        self.stored = fengxiang("export", "--source", "cn_healthy", cwd=folder).stdout.splitlines()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("hostile"))


class TestHostileServers:
    def test_every_trouble_is_named(self, course: Course) -> None:
        rows = {row["source"].removeprefix("cn_"): row for row in course.health["sources"]}
        wrong = {
            name: (rows[name]["cause"], causes, rows[name]["reason"])
            for name, causes in course.expected.items()
            if rows[name]["cause"] not in causes
        }
        assert not wrong
        assert course.run.returncode == 1
        assert "Traceback" not in course.run.stderr

    def test_healthy_source_beside_them_is_read_whole(self, course: Course) -> None:
        assert len(course.stored) == HEALTHY

    def test_crawl_process_stays_small_and_awake(self, course: Course) -> None:
        assert course.probe["peak"] <= MOST_MEMORY
        assert course.probe["stall"] <= LONGEST_STALL

    def test_every_source_is_over_in_time(self, course: Course) -> None:
        assert max(course.took.values()) <= LONGEST_SOURCE


async def tangled(ask: Ask, wire: Wire) -> None:
    """An article on which the selector of `STUCK` takes hours."""
    if ask.path.startswith("/a/"):
        await wire.answer(tangled_page(ask.path))
    else:
        await well(ask, wire)


PATIENT = (
    SETTINGS.replace("timeout = 5.0", "timeout = 200.0").replace("limit = 40", "limit = 900")
    + """\
[reader]
time_limit = 300.0
"""
)
WORST = {
    "stuck": tangled,
    "drip": list_(trickled(HEAD + b"Content-Length: 90000\r\n\r\n")),
    "drip_articles": articles(trickled(HEAD + b"Content-Length: 90000\r\n\r\n")),
    "silent": silent,
    "busy": list_(said("", 429, retry_after="600")),
}


def children(process: int) -> list[int]:
    return list(map(int, Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()))


def wait_for(happens: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not (happened := happens()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return happened


def busy_for(process: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(") ")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def test_sigterm_ends_a_run_in_the_middle_of_a_parse_and_of_a_drip(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "crawler.cli", "run", "--all"]
    hosts = {name: Host(manners) for name, manners in WORST.items()}
    with desk(tmp_path, hosts, STUCK, PATIENT):
        with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as run:
            try:
                assert wait_for(lambda: any(busy_for(child) > 2 for child in children(run.pid)))
                assert wait_for(lambda: all(host.asked for host in hosts.values()))
                readers = children(run.pid)
                run.send_signal(signal.SIGTERM)
                began = time.monotonic()
                _, words = run.communicate(timeout=2 * LONGEST_STOP)
            finally:
                run.kill()
        assert time.monotonic() - began <= LONGEST_STOP
        assert run.returncode == 1
        assert "Traceback" not in words
        assert not any(Path(f"/proc/{reader}").exists() for reader in readers)
        states = json.loads(fengxiang("health", "--json", cwd=tmp_path).stdout)["sources"]
        assert {row["source"] for row in states} == {f"cn_{name}" for name in WORST}
        assert {row["cause"] for row in states} <= {"unfinished", "blocked"}
