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
from internet import Canary, online

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


# How a page that was read asks for more; @ is an address in the private network.
SUBRESOURCES = {
    "script": "<script src='@'></script>",
    "style": "<link rel='stylesheet' href='@'>",
    "import of a style": "<style>@import '@';</style>",
    "preload": "<link rel='preload' as='fetch' href='@' crossorigin>",
    "module": "<script type='module' src='@'></script>",
    "frame": "<iframe src='@'></iframe>",
    "frame of a text": "<iframe srcdoc='<script src=&quot;@&quot;></script>'></iframe>",
    "frame from data": "<iframe src='data:text/html,<script src=\"@\"></script>'></iframe>",
    "object": "<object data='@' type='text/html'></object>",
    "embed": "<embed src='@' type='text/html'>",
    "fetch": "<script>fetch('@').catch(() => 0)</script>",
    "fetch without CORS": "<script>fetch('@', {mode: 'no-cors'}).catch(() => 0)</script>",
    "XMLHttpRequest": "<script>x = new XMLHttpRequest(); x.open('GET', '@'); x.send()</script>",
    "POST": "<script>fetch('@', {method: 'POST', body: 'a'}).catch(() => 0)</script>",
    "beacon": "<script>navigator.sendBeacon('@', 'a')</script>",
    "EventSource": "<script>new EventSource('@')</script>",
    "WebSocket": "<script>new WebSocket('@'.replace('http', 'ws'))</script>",
    "worker from a blob": (
        "<script>new Worker(URL.createObjectURL(new Blob(['fetch(\"@\").catch(() => 0)'])))</script>"
    ),
    "redirect of a script": "<script src='/redirect?@'></script>",
    "redirect of fetch": "<script>fetch('/redirect?@', {mode: 'no-cors'}).catch(() => 0)</script>",
    "form in a frame": (
        "<iframe name='f'></iframe><form id='g' target='f' method='post' action='@'></form><script>g.submit()</script>"
    ),
    "window": "<script>window.open('@')</script>",
    "picture": "<img src='@'>",
    "video": "<video src='@' autoplay></video>",
    "icon": "<link rel='icon' href='@'>",
    "prefetch": "<link rel='prefetch' href='@'>",
    "connection in advance": "<link rel='preconnect' href='@'>",
    "WebRTC over UDP": (
        "<script>r = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:PORT'}]});"
        "r.createDataChannel('a'); r.createOffer().then(o => r.setLocalDescription(o))</script>"
    ),
    "WebRTC over TCP": (
        "<script>t = new RTCPeerConnection({iceServers: [{urls: 'turn:127.0.0.1:PORT?transport=tcp', username: 'a',"
        "credential: 'b'}]}); t.createDataChannel('a'); t.createOffer().then(o => t.setLocalDescription(o))</script>"
    ),
    "file": "<iframe src='file:///etc/hostname'></iframe>",
    "name bound anew": (
        "<script>fetch('http://n0.example:PORT/', {mode: 'no-cors'}).catch(() => 0).then("
        "() => fetch('http://n0.example:PORT/', {mode: 'no-cors'})).catch(() => 0)</script>"
    ),
    **{f"notation {host}": f"<script src='http://{host}:PORT/'></script>" for host in (
        "2130706433", "0x7f.1", "0177.1", "0", "[::1]", "[::ffff:7f00:1]", "127。0。0。1", "localhost.", "a.localhost",
    )},
}  # fmt: skip
# Where the page itself goes.
NAVIGATIONS = {
    "location": "<script>location = '@'</script>",
    "meta refresh": "<meta http-equiv='refresh' content='0; url=@'>",
    "form": "<form id='f' method='post' action='@'></form><script>f.submit()</script>",
    "click": "<a id='a' href='@'>a</a><script>a.click()</script>",
    "redirect": 302,
    "redirect that keeps the method": 307,
    "Refresh": 200,
}
# What nothing asks for although nothing guards it: pictures and media are not loaded, WebRTC has no way but the proxy,
# Chromium refuses the others; and not every machine knows the last two names.
UNASKED = {
    "picture",
    "video",
    "icon",
    "file",
    "prefetch",
    "connection in advance",
    "WebRTC over UDP",
    "WebRTC over TCP",
}
UNASKED |= {"notation localhost.", "notation a.localhost"}
PAGES = 4  # on which the ways of SUBRESOURCES are gone


@contextmanager
def traps() -> Iterator[tuple[Canary, Server]]:
    """Serve under every public name pages that ask for the canary, with the number of the way in the path."""
    canary = Canary("<p>内网</p>")
    bodies = [
        body.replace(":PORT/'", f":PORT/l/{number}'")
        .replace("@import", "\0")
        .replace("@", f"http://localhost:PORT/l/{number}")
        for number, body in enumerate(SUBRESOURCES.values())
    ]
    pages = ["<p>a</p>" + "".join(bodies[number::PAGES]) for number in range(PAGES)]
    filled = [page.replace("PORT", str(canary.port)).replace("\0", "@import").encode() for page in pages]

    def answer(request: Request) -> Page:
        if request.path.startswith("/redirect?"):
            return Page(b"", status=302, headers={"Location": request.path.partition("?")[2]})
        number = int(request.path[3:]) if request.path.startswith("/l/") else -1
        if 0 <= number < PAGES:
            return Page(filled[number], "text/html; charset=utf-8")
        if not 0 <= number < PAGES + len(NAVIGATIONS):
            return Page(b"", status=404)
        target = f"http://localhost:{canary.port}/l/{len(SUBRESOURCES) + number - PAGES}"
        way = list(NAVIGATIONS.values())[number - PAGES]
        if isinstance(way, str):
            return Page(way.replace("@", target).encode())
        return Page(b"", status=way, headers={"Refresh": f"0; url={target}"} if way == 200 else {"Location": target})

    server = Server(answer, lambda _request, _status: None)
    server.start()
    try:
        yield canary, server
    finally:
        server.stop()
        canary.stop()


def trapped(folder: Path, canary: Canary, server: Server, *, private: bool) -> subprocess.CompletedProcess[str]:
    """Read all pages through the browser."""
    (folder / "sources").mkdir()
    (folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    lists = [f"http://site.public.example/l/{number}" for number in range(PAGES + len(NAVIGATIONS))]
    text = f'name = "示例"\nkind = "news"\nfamily = "listing"\nlist_urls = {json.dumps(lists)}\nrender = true\n'
    text += f"private = {str(private).lower()}\nhosts = ['site.public.example', 'localhost:{canary.port}']\n"
    (folder / "sources" / "cn_traps.toml").write_text(text + "article = '/a/\\d+$'\n", "utf-8")
    return online(folder, server.port, "run", answers={"n0.example": [["8.8.8.8"], ["127.0.0.1"]]})


@needs_browser
@pytest.mark.parametrize("private", [False, True])
def test_no_way_of_a_browser_leads_to_a_private_address(tmp_path: Path, private: bool) -> None:
    """With `private` the ways must arrive, so that they prove something without."""
    with traps() as (canary, server):
        done = trapped(tmp_path, canary, server, private=private)
        found, datagrams = {path.partition("?")[0] for path in canary.paths}, canary.datagrams()
        arrived = {n for i, n in enumerate([*SUBRESOURCES, *NAVIGATIONS]) if f"/l/{i}" in found}
        connections = canary.connections
    assert done.stderr.count("was the site redesigned?") >= PAGES, done.stderr  # so they were read
    assert len(SUBRESOURCES) + len(NAVIGATIONS) >= 40
    if private:
        assert {*SUBRESOURCES, *NAVIGATIONS} - arrived <= UNASKED
    else:
        assert (connections, datagrams) == (0, 0), done.stderr


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
