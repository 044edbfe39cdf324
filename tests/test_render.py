"""Sources whose lists are made by scripts, against a real server and a real browser."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import environment, fengxiang

from crawler.render.browser import NAMES
from crawler.render.proxy import GuardProxy
from crawler.sample.server import Page, Request, Server

pytestmark = pytest.mark.slow  # `make test-slow`

needs_browser = pytest.mark.skipif(
    not any(map(shutil.which, NAMES)), reason="no Chromium on PATH: apt-get install chromium"
)
SETTINGS = """\
[crawl]
delay = 0.0
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
[export]
file = "articles.jsonl"
"""
LIST = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>动态</title></head><body>
<img src="/logo.png"><ul id="list"></ul>
<script>
fetch("/list.json").then(answer => answer.json()).then(rows => {
  document.getElementById("list").innerHTML =
    rows.map(row => `<li><a href="/a/${row.id}.html">${row.title}</a><span>2026-11-20</span></li>`).join("");
});
</script></body></html>"""
ARTICLE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>
<h1>{title}</h1><div>2026年11月20日 09:30 来源：示例日报</div><div id="content"></div>
<script>
const text = "{title}，该项目由东部转移而来，总投资三亿元。".repeat(4);
document.getElementById("content").innerHTML = "<p>" + text + "</p>";
</script></body></html>"""
TITLES = {number: f"示例县第{number}家装备制造企业开工建设" for number in range(1, 6)}


@contextmanager
def site(before: Callable[[str], Page | None] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Serve the scripted site; give its address and the paths asked for. `before` may answer instead."""
    asked: list[str] = []

    def answer(request: Request) -> Page:
        if before and (page := before(request.path)):
            return page
        if request.path == "/list.json":
            rows = [{"id": number, "title": title} for number, title in TITLES.items()]
            return Page(json.dumps(rows).encode(), "application/json")
        if request.path == "/list/":
            return Page(LIST.encode())
        if request.path.startswith("/a/"):
            return Page(ARTICLE.format(title=TITLES[int(request.path[3:-5])]).encode())
        return Page(b"", status=404)

    server = Server(answer, lambda request, _: asked.append(request.path))
    server.start()
    try:
        yield f"http://{server.address}", asked
    finally:
        server.stop()


def write(folder: Path, address: str, more: str = "private = true\n", settings: str = SETTINGS) -> None:
    (folder / "sources").mkdir()
    (folder / "fengxiang.toml").write_text(settings, "utf-8")
    text = f'name = "示例"\nkind = "news"\nfamily = "listing"\nlist_urls = ["{address}/list/"]\nrender = true\n'
    source = folder / "sources" / "cn_scripted.toml"
    source.write_text(text + more + "article = '/a/\\d+\\.html$'\n", "utf-8")


def exported(folder: Path) -> dict[str, str]:
    lines = (folder / "articles.jsonl").read_text("utf-8").splitlines()
    return {record["title"]: record["body"] for record in map(json.loads, lines)}


@needs_browser
@pytest.mark.xdist_group("browser")
def test_what_scripts_make_is_read_and_no_picture_is_loaded(tmp_path: Path) -> None:
    with site() as (address, asked):
        write(tmp_path, address)
        done = fengxiang("run", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = exported(tmp_path)
    assert set(found) == set(TITLES.values())
    assert all("该项目由东部转移而来" in body for body in found.values())
    assert "/robots.txt" in asked
    assert "/logo.png" not in asked


@needs_browser
@pytest.mark.xdist_group("browser")
def test_a_source_file_is_made_of_what_scripts_show(tmp_path: Path) -> None:
    (tmp_path / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    with site() as (address, _):
        done = fengxiang("sources", "add", f"{address}/list/", "--private", "--render", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "render = true" in done.stdout
    assert all(title in done.stderr for title in TITLES.values())


def with_settings(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run all sources after some settings of the code were changed."""
    command = [sys.executable, "-P", "-c", f"{code}; from crawler.cli import main; main()", "run"]
    return subprocess.run(
        command, cwd=folder, env=environment(), text=True, capture_output=True, check=False, timeout=120
    )


@needs_browser
@pytest.mark.xdist_group("browser")
def test_private_addresses_are_refused_wherever_the_browser_is_led(tmp_path: Path) -> None:
    with site() as (address, asked):
        port = address.rpartition(":")[2]
        write(tmp_path, f"http://localhost:{port}", more="")
        # robots.txt is asked for without the browser and would be refused first.
        done = with_settings(tmp_path, "from crawler import settings; settings.DOWNLOADER_MIDDLEWARES = {}")
    assert done.returncode == 1
    assert "localhost is at 127.0.0.1, which is no public address" in done.stderr, done.stderr
    assert asked == []


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes below one."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    waiting = [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            yield child
            waiting.append(child)


def browsers(pid: int) -> list[int]:
    """Return the main processes of browsers below a process."""
    found = []
    for child in descendants(pid):
        try:
            command = (Path("/proc") / str(child) / "cmdline").read_bytes()
        except OSError:
            continue
        if b"--remote-debugging-pipe" in command and b"--type=" not in command:
            found.append(child)
    return found


@needs_browser
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for the browser in /proc")
@pytest.mark.xdist_group("browser")
def test_a_killed_browser_is_one_problem_and_the_others_are_read(tmp_path: Path) -> None:
    started: list[subprocess.Popen[str]] = []
    killed = threading.Event()

    def kill(path: str) -> Page | None:
        if path == "/a/3.html" and not killed.is_set():
            killed.set()
            for browser in browsers(started[0].pid):
                os.kill(browser, signal.SIGKILL)
        return None

    with site(kill) as (address, _):
        write(tmp_path, address)
        command = [sys.executable, "-P", "-m", "crawler.cli", "run"]
        began = time.monotonic()
        with subprocess.Popen(
            command, cwd=tmp_path, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            started.append(process)
            _, errors = process.communicate(timeout=110)
            left = browsers(process.pid)
    assert killed.is_set()
    assert process.returncode == 1, errors
    assert "article " in errors
    assert set(exported(tmp_path)) == set(TITLES.values()) - {TITLES[3]}, errors
    assert time.monotonic() - began < 100
    assert left == []


@needs_browser
@pytest.mark.xdist_group("browser")
def test_a_script_without_end_costs_its_own_page_only(tmp_path: Path) -> None:
    def endless(path: str) -> Page | None:
        return Page(b"<h1>a</h1><script>while (true);</script>") if path == "/a/4.html" else None

    with site(endless) as (address, _):
        write(tmp_path, address)
        done = with_settings(tmp_path, "from crawler.render import handler; handler.DEADLINE = 12")
    assert done.returncode == 1
    assert "/a/4.html: no page from the browser within 12 s" in done.stderr, done.stderr
    assert set(exported(tmp_path)) == set(TITLES.values()) - {TITLES[4]}, done.stderr


@pytest.mark.parametrize("call", [b"CONNECT localhost:{} HTTP/1.1", b"GET http://localhost:{}/x HTTP/1.1"])
@pytest.mark.parametrize("private", [True, False])
def test_proxy_opens_no_private_connection(call: bytes, private: bool) -> None:
    async def ask(port: str) -> tuple[bytes, dict[str, str]]:
        proxy = GuardProxy(private=private, most=10_000)
        address = urlsplit(await proxy.start())
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(call.replace(b"{}", port.encode()) + b"\r\nHost: localhost\r\n\r\n")
        if private and call.startswith(b"CONNECT"):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await proxy.stop()
        return answer, proxy.refused

    with site() as (address, asked):
        answer, refused = asyncio.run(ask(address.rpartition(":")[2]))
    assert asked == (["/x"] if private else [])
    assert answer.startswith(b"HTTP/1.1 404") if private else answer == b""
    assert set(refused) == (set() if private else {"localhost"})


@pytest.mark.xdist_group("browser")
def test_a_browser_that_is_not_there_is_named_once(tmp_path: Path) -> None:
    settings = SETTINGS.replace("delay = 0.0", 'delay = 0.0\nbrowser = "no/such/chromium"')
    with site() as (address, asked):
        write(tmp_path, address, settings=settings)
        done = fengxiang("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "no browser that starts: install Chromium, or name one as [crawl] browser" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert set(asked) == {"/robots.txt"}


def test_nothing_of_playwright_is_loaded_before_the_first_page() -> None:
    code = "import sys, crawler.render, spiders.listing; print('playwright' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), text=True, capture_output=True, check=True)
    assert done.stdout == "False\n"
