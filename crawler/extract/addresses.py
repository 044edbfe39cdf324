"""Addresses beside the text: canonical, mobile twin, refresh, next part; and whether the page is a soft 404."""

import re
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.container import Candidate
from crawler.extract.page import A, Page

MOBILE_AGENT = re.compile(r"url\s*=\s*(\S+)", re.IGNORECASE)
REFRESH = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'\s]+)", re.IGNORECASE)
LONGEST_DELAY, LONGEST = 3.0, 2000  # seconds, characters
NEXT_WORDS = frozenset(
    word + arrow
    for word in ("下一页", "下一頁", "下页", "下頁", "后一页", "余下全文")
    for arrow in ("", ">", ">>", " >", " >>", "»", "→")
) | {"[下一页]", "【下一页】", "(下一页)"}
AROUND = 3  # levels above the container in which its pager may stand
MISSING = re.compile(
    r"(?:页面|网页|文章|内容|信息|稿件|新闻|文件)(?:没有找到|未找到|不存在|找不到|已(?:被)?删除|已(?:经)?下线|已失效|无法找到)|"
    r"(?:没有找到|未找到|找不到|无法找到)(?:您|你)?(?:要|所|想)?(?:访问|请求|查看|浏览|的)*(?:页面|网页|文章|内容|信息)|"
    r"(?:访问|请求|查看)的(?:页面|网页|文章|内容|信息|地址)?(?:没有找到|不存在|找不到|未找到|已删除|已失效)|"
    r"\b404\b.{0,10}(?:未找到|找不到|not\s*found|错误|error|页面)|^\W*404\W*$|page\s+not\s+found|not\s+found\W*404|(?:错误|error)\W{0,3}404\b",
    re.IGNORECASE,
)
SHORT_BODY, NO_BODY, SHORT_TITLE = 200, 80, 40


def canonical(page: Page, root: str) -> str | None:
    """Return the address that the page names as canonical."""
    for link in page.links:
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return join(root, link["href"] or "")
    return join(root, page.metas.get("og:url", ""))


def mobile(page: Page, root: str) -> str | None:
    """Return the address of the page's mobile twin."""
    if match := MOBILE_AGENT.search(page.metas.get("mobile-agent", "")):
        return join(root, match[1].rstrip(";"))
    for link in page.links:
        media = (link.get("media") or "").lower()
        if (
            "alternate" in (link.get("rel") or "").lower()
            and ("handheld" in media or "max-width" in media)
            and link.get("href")
        ):
            return join(root, link["href"] or "")
    return None


def refresh(page: Page, root: str) -> str | None:
    """Return the target of a meta refresh that acts within three seconds."""
    match = REFRESH.match(page.metas.get("refresh", ""))
    if match is None or float(match[1]) > LONGEST_DELAY:
        return None
    return join(root, match[2])


def next_part(page: Page, container: Candidate, root: str, url: str) -> str | None:
    """Return the next part of a multi-page article: a link named 下一页 in or right around the container."""
    behind = page.texts[container.first :]
    if NEXT_WORDS.isdisjoint(behind):
        return None
    around = {container.node.mem_id}
    node = container.node.parent
    for _ in range(AROUND):
        if node is None:
            break
        around.add(node.mem_id)
        node = node.parent
    for index, text in enumerate(behind, container.first):
        if text in NEXT_WORDS:
            href = _href(page.nodes[index], around)
            address = join(root, href) if href else None
            if address and not same(address, url):
                return address
    return None


def same(address: str, url: str) -> bool:
    """Return whether two addresses differ in nothing but the fragment."""
    return address.partition("#")[0] == url.partition("#")[0]


def _href(node: LexborNode, around: set[int]) -> str | None:
    """Return the address of the link a text node stands in, if the link stands in one of the elements."""
    href = None
    parent = node.parent
    for _ in range(7):
        if parent is None:
            return None
        if parent.mem_id in around:
            return href
        if parent.tag_id == A:
            href = parent.attributes.get("href")
        parent = parent.parent
    return None


def missing(page: Page, body: str, headline: str, *, dated: bool) -> bool:
    """Return whether the page says that what was asked for is not there.

    An article that mentions such words has a date and a body of its own; a soft 404 has nothing else to say.
    """
    if dated or len(body) > SHORT_BODY:
        return False
    for text in (page.title, headline):
        if len(text) <= SHORT_TITLE and MISSING.search(text):
            return True
    return len(body) < NO_BODY and any(MISSING.search(text) for text in page.texts if len(text) < 60)


def join(root: str, address: str) -> str | None:
    """Return the absolute address, None for scripts, anchors and what is no address."""
    address = address.strip()
    if not address or len(address) > LONGEST:
        return None
    if address.isascii() and "[" not in address:
        if address.startswith(("http://", "https://")):
            return address
        if address.startswith("//") and root.startswith(("http://", "https://")):
            return root.partition("/")[0] + address
    if address.startswith("#"):
        return None
    try:
        joined = urljoin(root, address)
        scheme = urlsplit(joined).scheme
    except ValueError:
        return None
    return joined if scheme in {"", "http", "https"} else None  # none: the page's own address is not known


def base(url: str, named: str) -> str:
    """Return the address that relative ones are joined to: the page's own, unless the page names a usable one."""
    return (join(url, named) if named else None) or url
