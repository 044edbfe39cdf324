"""Private addresses: whatever notation, name or redirect leads to one, nothing connects."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import fengxiang

from crawler.guard import is_public
from crawler.sample.server import Page, Request, Server

LOOPBACK = """
127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.254 0 0.0.0.0 00 0x0 2130706433 017700000001 0x7f000001 0x7f.1
0x7f.0.0.1 0x7f.0x0.0x0.0x1 0177.0.0.1 0177.1 0177.0.0.0x1 127.0.0x1 localhost LOCALHOST localhost. ip6-localhost
[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::127.0.0.1]
[2002:7f00:1::] [0:0:0:0:0:0:0:1] 127.0.0.1. 127。0。0。1 １２７.0.0.1 user@127.0.0.1 user:word@localhost
"""
ELSEWHERE = """
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 169.254.169.254 169.254.0.1 100.64.0.1
100.127.255.255 198.18.0.1 192.0.0.1 192.0.2.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255 0xa000001 167772161 0xa9fea9fe 2852039166 [fe80::1] [fc00::1] [fd12::1] [ff02::1]
[2001:db8::1] [::ffff:10.0.0.1] [::ffff:a9fe:a9fe]
"""
SOURCE = """\
name = "示例"
kind = "news"
family = "listing"
list_urls = [{urls}]
article = '/a/\\d+$'
"""
SETTINGS = """\
[crawl]
delay = 0.0
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
"""


class Canary(Server):
    """A server that counts connections, whether or not anything is asked."""

    def __init__(self) -> None:
        self.connections = 0
        super().__init__(lambda _: Page("<a href='/a/1'>内网消息</a>".encode()), lambda _request, _status: None)

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()


@pytest.fixture
def canary() -> Iterator[Canary]:
    server = Canary()
    server.start()
    yield server
    server.stop()


def run(folder: Path, urls: list[str], **environment: str) -> str:
    (folder / "sources").mkdir()
    listed = ", ".join(f"'{url}'" for url in urls)
    (folder / "sources" / "cn_example.toml").write_text(SOURCE.format(urls=listed), "utf-8")
    (folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    done = fengxiang("run", cwd=folder, **environment)
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_no_notation_of_a_private_address_is_connected_to(tmp_path: Path, canary: Canary) -> None:
    urls = [f"http://{host}:{canary.port}/news/" for host in LOOPBACK.split()]
    urls += [f"http://{host}/" for host in ELSEWHERE.split()] + [f"https://127.0.0.1:{canary.port}/"]
    urls.append(rf"http://127.0.0.1:{canary.port}\@public.example/")
    assert len(urls) >= 60
    said = run(tmp_path, urls)
    assert canary.connections == 0
    assert said.count("which is no public address") >= 45, said


def test_redirect_to_a_private_address_is_not_followed(tmp_path: Path, canary: Canary) -> None:
    asked: list[str] = []

    def proxy(request: Request) -> Page:
        asked.append(request.path)
        if request.path.endswith("/robots.txt"):
            return Page(b"", status=404)
        return Page(b"", status=302, headers={"Location": f"http://localhost:{canary.port}/news/"})

    server = Server(proxy, lambda _request, _status: None)
    server.start()
    try:
        said = run(
            tmp_path, ["http://public.example/news/"], http_proxy=f"http://{server.address}", no_proxy="localhost"
        )
    finally:
        server.stop()
    assert asked == ["http://public.example/robots.txt", "http://public.example/news/"]
    assert canary.connections == 0
    assert "localhost is at 127.0.0.1, which is no public address" in said


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "100.63.0.1"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)
