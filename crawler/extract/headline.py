"""The headline: the visible heading that the page's <title> begins with."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import chain

from selectolax.lexbor import LexborNode

from crawler.extract.page import HEADINGS, TAG, TITLE, Page, block_of, squeeze, tight

MARKS = re.compile(r"[\W_]+")
NO_TITLE = re.compile(r"^.{0,6}[:：]|首页|位置|。|(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d|浏览|字号|打印|来源")
# What reads like the name of a site, an office or a column.
NAME = re.compile(
    r"[^，。：！？、“”《》\s]{2,14}(?:网|网站|门户|平台|政府|日报|晚报|晨报|早报|时报|商报|电视台|频道|在线|之窗|委员会|[厅局])|"
    r"[\u4e00-\u9fff]{0,4}(?:动态|公告|公示|通知|要闻|新闻|资讯|信息|公开|文件|法规|政策|解读|快讯|简报|报道|专栏|专题|中心|详情|正文)"
)
ABOVE = 16
SHORTEST, SPEAKING = 4, 8
CERTAIN = 4.0  # standing of an <h1> that is no link
LONGEST = 160
SUFFIX = ("_", "-", "|", "—", "–", "－", "丨", "｜", "·", "=")


@dataclass(slots=True)
class Headline:
    """The headline's text and its place: index of its first text node, −1 when it is not visible."""

    text: str
    index: int = -1
    node: LexborNode | None = None
    score: float = 0.0
    certain: bool = False  # nothing better can follow


def find(page: Page) -> Headline:
    """Return the best headline of the page."""
    title = plain(page.title)
    best = Headline(text="", score=0.0)
    if len(title) < SHORTEST:
        return _without_title(page)
    seen: set[int] = set()
    probe = f"{tight(page.title)}\n{page.title}" if " " in page.title else page.title
    for index, text in chain.from_iterable(page.batches(0)):
        if text[0] in probe and SHORTEST <= len(text) <= LONGEST and text[:SHORTEST] in probe:
            found = _weigh(page, index, title, seen)
            if found is not None and found.score > best.score:
                best = found
                if found.certain:
                    break
    return best if best.index >= 0 else _without_title(page)


def plain(text: str) -> str:
    """Return the letters, digits and characters of the text, compatibility forms folded, for comparison."""
    return MARKS.sub("", unicodedata.normalize("NFKC", text))


def is_name(text: str) -> bool:
    """Return whether the text reads like the name of a site, an office or a column more than like a headline."""
    return NAME.fullmatch(text) is not None


def begins(page: Page, found: Headline) -> bool:
    """Return whether the page's title begins with the headline."""
    return found.index >= 0 and (
        page.title.startswith(found.text[:6]) or plain(page.title).startswith(plain(found.text)[:6])
    )


def near(page: Page, start: int) -> Headline | None:
    """Return the heading right above the text that begins at index `start`, for pages whose title names the column.

    Without any heading it is the longest line there.
    """
    seen: set[int] = set()
    best = longest = None
    for index in range(start - 1, max(-1, start - ABOVE), -1):
        text = page.texts[index]
        if not SHORTEST <= len(text) <= LONGEST:
            continue
        block, linked = block_of(page.nodes[index])
        if block.mem_id in seen or linked or block.tag_id == TITLE:
            continue
        seen.add(block.mem_id)
        shown = squeeze(block.text(deep=True, separator=" "))
        score = _standing(block, page.nodes[index], shown, linked)
        if NO_TITLE.search(shown) or len(shown) > LONGEST:
            continue
        if score > 0 and (best is None or score >= best.score):
            best = Headline(shown, index, block, score)
        if len(shown) >= SPEAKING and not is_name(shown) and (longest is None or len(shown) > len(longest.text)):
            longest = Headline(shown, index, block)
    return best or longest


def _weigh(page: Page, index: int, title: str, seen: set[int]) -> Headline | None:
    node = page.nodes[index]
    block, linked = block_of(node)
    tag = block.tag_id
    if block.mem_id in seen or tag == TITLE or (linked and tag not in HEADINGS and len(page.texts[index]) <= SPEAKING):
        return None
    seen.add(block.mem_id)
    shown, text, matched = _agreement(page.texts[index], block, title)
    enough = 0.4 if tag in HEADINGS and matched >= 12 else 0.7
    begins = title.startswith(text[:SHORTEST])
    if matched < max(SHORTEST, enough * len(text)) or (is_name(shown) and not begins):
        return None
    score = matched * (1.0 if begins or title.endswith(text) else 0.6)
    standing = _standing(block, node, shown, linked)
    certain = standing >= CERTAIN and title.startswith(text) and 2 * len(text) >= len(title)
    return Headline(shown, index, block, score + standing, certain)


def _agreement(first: str, block: LexborNode, title: str) -> tuple[str, str, int]:
    """Return what is shown, its letters, and how many of them agree with the title.

    It is the whole text of the block, or its text node `first` where only that one agrees.
    """
    shown = squeeze(block.text(deep=True, separator=" "))
    text = plain(shown)
    if len(text) > LONGEST or not text:
        shown = squeeze(first)
        text = plain(shown)
    if text in title:
        return shown, text, len(text)
    own = plain(first)
    if own in title and len(own) >= max(SPEAKING, 0.5 * len(text)):
        return squeeze(first), own, len(own)
    return shown, text, _common_prefix(text, title)


def _standing(block: LexborNode, node: LexborNode, shown: str, linked: bool) -> float:
    """Return how much the markup speaks for a headline, and what is shown against a mere name."""
    standing = -8.0 * (linked + is_name(shown))
    if block.tag_id in HEADINGS:
        standing += 10.0 if block.tag_id == TAG["h1"] else 6.0
    marks = ""
    for element in (block, node.parent):
        if element is not None:
            attributes = element.attributes
            marks += f" {attributes.get('class') or ''} {attributes.get('id') or ''}"
    if "tit" in marks.lower():
        standing += 4.0
    return standing


def _common_prefix(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _without_title(page: Page) -> Headline:
    """Return what the metadata or the title tag says when no visible text agrees with the title."""
    for name in ("articletitle", "og:title"):
        if named := page.metas.get(name):
            return Headline(squeeze(named))
    return Headline(strip_site(page.title))


def strip_site(title: str) -> str:
    """Return the title without the names of column and site behind it."""
    for mark in SUFFIX:
        head, found, tail = title.partition(mark)
        if found and len(head) >= 8 and len(head) >= len(tail):
            return head.strip()
    return title
