"""What the answers to a spider looked like: challenge pages, pages that say they do not exist, pages from elsewhere.

Looks at bytes with a few bounded searches; nothing is parsed, since a stranger's HTML must not hold up the crawl.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.health.causes import cause_of, status_of

HEAD = 64 * 1024  # bytes looked at
GLANCE = 16 * 1024  # bytes in which most pages have shown that they are content
UNSEEN = 30  # answers to keep before they are looked at; most give an article, and need no look
SHORT = 400  # characters of text that a challenge page has at the most; content has more
REFUSALS = {401, 403, 405, 412, 418, 429, 503, 521}
_SCRIPT = re.compile(rb"<script", re.IGNORECASE)
_CODE = re.compile(rb"<(?:script|style|noscript)\b|<!--", re.IGNORECASE)
_CODE_END = re.compile(rb"</(?:script|style|noscript)\s*>|-->", re.IGNORECASE)
_TAG = re.compile(rb"<[^<>]*>")
# Words and names that products which check visitors write into their pages, whatever the status.
_CHECKS = re.compile(
    r"验证码|安全验证|人机验证|滑动验证|访问验证|浏览器安全检查|请开启\s*JavaScript|访问(?:过于频繁|被拦截|被阻断)|"
    r"acw_sc__v2|_\$jsvmprt|\$_ts\b|__jsl_clearance|cf-chl|cf_chl|challenge-platform|captcha|Just a moment",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"(?:页面|网页|栏目|频道|内容|信息)(?:没有找到|未找到|不存在|找不到|已(?:被)?删除|已(?:经)?下线|已失效|无法找到)|"
    r"(?:访问|请求|查看)的(?:页面|网页|栏目|内容|地址)?(?:没有找到|不存在|找不到|未找到|已删除|已失效)|"
    r"\b404\b|[Nn]ot [Ff]ound"
)


def look_of(status: int, body: bytes) -> str:
    """Return "challenge", "missing" or "" for a page by its status and the beginning of its bytes."""
    beginning = body[:GLANCE]
    if len(_text(beginning[: beginning.rfind(b">") + 1])) > SHORT:
        return ""
    head = body[:HEAD]
    text = _text(head)
    if len(text) > SHORT:
        return ""
    if _SCRIPT.search(head) and (status in REFUSALS or _CHECKS.search(_decoded(head))):
        return "challenge"
    return "missing" if _GONE.search(text) else ""


def _text(head: bytes) -> str:
    return " ".join(_decoded(_without_code(head)).split())


def _without_code(head: bytes) -> bytes:
    """Return a page without tags and scripts, in a time that grows with its length only, whatever it is made of."""
    first, *others = _CODE.split(head)
    ends = [_CODE_END.search(other) for other in others]
    kept = [other[end.end() :] for other, end in zip(others, ends, strict=True) if end]
    return _TAG.sub(b" ", b" ".join([first, *kept]))


def _decoded(data: bytes) -> str:
    for charset in ("utf-8", "gb18030"):
        try:
            return data.decode(charset)
        except UnicodeDecodeError as error:
            if error.start > len(data) - 4:  # the last character was cut
                return data[: error.start].decode(charset)
    return data.decode("latin-1")


@dataclass(slots=True, frozen=True)
class Answer:
    """What came for an address: where from in the end, and the beginning of it."""

    asked: str
    url: str
    status: int
    head: bytes
    is_article: bool


class Watch:
    """Follows one crawl by its signals and says afterwards what went wrong, and why."""

    def __init__(self, crawler: Crawler) -> None:
        self._unseen: dict[str, Answer] = {}  # by the address asked for: what is not looked at yet
        self._looks: dict[str, str] = {}
        self._challenged = 0  # article pages
        crawler.signals.connect(self.received, signal=signals.response_received)
        crawler.signals.connect(self.read, signal=signals.item_scraped)

    def received(self, response: Response, request: Request) -> None:
        """Called by Scrapy for every answer that is not asked for again."""
        asked = (request.meta.get("redirect_urls") or [request.url])[0]
        if response.status == 304 or urlsplit(asked).path == "/robots.txt":
            return
        answer = Answer(asked, response.url, response.status, response.body[:HEAD], "draft" in request.cb_kwargs)
        self._unseen[request.url] = answer
        if len(self._unseen) > UNSEEN:
            self._look()

    def read(self, response: Response) -> None:
        """Called by Scrapy when a page gave an article: nobody will ask what it looked like."""
        if response.request:
            self._unseen.pop(response.request.url, None)

    def _look(self) -> None:
        for url, answer in self._unseen.items():
            look = look_of(answer.status, answer.head)
            if not look and _path(answer.asked) != _path(answer.url):
                look = "elsewhere"
            self._looks[url] = self._looks[answer.url] = look
            self._challenged += look == "challenge" and answer.is_article
        self._unseen.clear()

    def judged(self, problems: list[str], counts: dict[str, int]) -> dict[str, Any]:
        """Return outcome, reason, cause and status of a reading; None where there is nothing to say.

        Pages that all came and all gave nothing are a failure, too: nobody would hear of a redesign otherwise.
        """
        problems = list(problems)
        lost = counts.get("quarantined", 0)
        came = counts.get("saved", 0) + counts.get("duplicates", 0)
        if not problems and lost and not came and lost + counts.get("missing", 0) >= counts.get("pages", 0):
            problems = [f"{lost} article pages, none could be read"]
        if problems:
            self._look()
        cause = cause_of(problems, self._looks)
        if cause == "parser_articles" and self._challenged:
            cause = "blocked_articles"
        return {
            "outcome": "failed" if problems else "ok",
            "reason": "; ".join(problems[:3]) or None,
            "cause": cause,
            "status": status_of(problems),
        }


def _path(url: str) -> str:
    """Return what two addresses of one page share, whatever their scheme and the form of their last name."""
    parts = urlsplit(url)
    return re.sub(r"(?:index\.\w+)?/?$", "", f"{parts.netloc.removeprefix('www.')}{parts.path}")
