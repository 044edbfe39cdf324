"""What the tests of health share: one site a source, each with a switch that plants its fault, and a user's desk."""

import ssl
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from subprocess import CompletedProcess
from types import TracebackType
from typing import Self

from conftest import fengxiang
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.dates import CST
from crawler.sample.server import Page, Request, Server
from crawler.sample.sinks import WebhookSink

SETTINGS = """\
[crawl]
delay = 0.0
concurrent_hosts = 16
[reader]
workers = 1
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
"""
TEXT = "<p>　　当地有关部门介绍，今年以来新签约项目陆续落地，园区基础设施建设进展顺利，企业服务持续优化。</p>" * 3
CHALLENGE = "<html><head><script>var a='acw_sc__v2';</script></head><body><script>go()</script></body></html>"
NOWHERE = Page(b"<html><head><title>404 Not Found</title></head></html>", status=404)


def page(text: str, status: int = 200, **headers: str) -> Page:
    return Page(text.encode(), "text/html; charset=utf-8", status, headers=headers)


class Site:
    """A site with one list. `days` are the ages of its articles; `fault` answers instead, while it is planted."""

    shown = 100  # articles on the list

    def __init__(self, days: list[float], fault: Callable[[Request], Page | None] | None = None) -> None:
        now = datetime.now(CST).replace(second=0, microsecond=0)
        self.moments = [now - timedelta(days=age) for age in days]
        self.fault = fault
        self.broken = False
        self.server = Server(self._answer, lambda _request, _status: None)

    def publish(self, *ages: float) -> None:
        now = datetime.now(CST).replace(second=0, microsecond=0)
        self.moments += [now - timedelta(days=age) for age in ages]

    def _answer(self, request: Request) -> Page:
        if self.broken and self.fault and (answer := self.fault(request)):
            return answer
        if request.path == "/list/":
            numbers = sorted(range(len(self.moments)), key=lambda number: self.moments[number], reverse=True)
            rows = "".join(
                f'<li><a href="/a/{number}.html">{_title(number)}</a></li>' for number in numbers[: self.shown]
            )
            return page(f"<html><head><title>要闻</title></head><body><ul>{rows}</ul></body></html>")
        if request.path == "/":
            return page(f"<html><head><title>首页</title></head><body><h1>某地政务网</h1>{TEXT}</body></html>")
        if request.path.startswith("/a/"):
            return self._article(int(request.path[3:-5]))
        return NOWHERE

    def _article(self, number: int) -> Page:
        title, when = _title(number), f"{self.moments[number]:%Y-%m-%d %H:%M}"
        head = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div>{when} 来源：示例政务网</div>"
        return page(f'{head}<div class="content">{TEXT}<p>　　这是第{number}篇。</p></div></body></html>')


def _title(number: int) -> str:
    return f"某地第{number}批重点项目集中开工建设"


class SecureSite(Site):
    """A site whose certificate nobody but itself signed; `site.pem` in the folder holds it."""

    def __init__(self, folder: Path, *, expired: bool = False) -> None:
        super().__init__([])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(folder, timedelta(days=-1 if expired else 1)))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)


def _certificate(folder: Path, left: timedelta) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + left)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "site.pem"
    path.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    return path


class Desk:
    """A context manager: a user's folder, sites by source, and a webhook that the operator hears of."""

    def __init__(self, folder: Path, sites: dict[str, Site]) -> None:
        self.folder, self.sites = folder, sites
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.hook = self._stack.enter_context(WebhookSink())
        (self.folder / "sources").mkdir()
        (self.folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
        address = self.hook.url.removeprefix("http://")
        (self.folder / "channels.yaml").write_text(
            f"version: 1\nurls:\n  - json://{address}:\n      tag: ops\n", "utf-8"
        )
        for name, site in self.sites.items():
            self.point(name, f"http://{site.server.address}/list/")
            site.server.start()
            self._stack.callback(site.server.stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def point(self, name: str, url: str, **keys: object) -> None:
        more = "".join(f"{key} = {value}\n" for key, value in keys.items())
        text = f'private = true\nname = "{name}"\nkind = "portal"\nfamily = "listing"\nlist_urls = ["{url}"]\n{more}'
        (self.folder / "sources" / f"{name}.toml").write_text(f'{text}article = "/a/\\\\d+[.]html"\n', "utf-8")

    def run(self) -> CompletedProcess[str]:
        return fengxiang("run", "--all", cwd=self.folder)

    def told(self) -> list[str]:
        """Return the words of all messages so far, without the joiners that keep hosts from becoming links."""
        return [f"{message['title']} {message['message']}".replace("\u2060", "") for message in self.hook.messages]
