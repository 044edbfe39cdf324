"""Where the article stands: the element with the most running text, seen from the headline."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from crawler.extract.headline import Headline
from crawler.extract.page import TAG, Page, block_of

SHORTEST = 9
PUNCTUATION = re.compile(r"[，。；：、！？”]")
STOP = re.compile(
    r"^[\W_]*(?:相关|延伸|推荐|热门|精彩|热点|网友|最新|发表|全部|我要|更多|大家|猜你|为您|为你|您可能|你可能|热评|编辑推荐|24小时|下一篇|上一篇)"
    r"(?:阅读|新闻|推荐|评论|文章|报道|链接|内容|资讯|热点|排行|专题|图片|视频|都在看|都在搜|喜欢|感兴趣|精选|关注|跟贴|热文|滚动|[:：]?$)"
)
FOREIGN = re.compile(
    r"comment|pinglun|recommend|related|relevan|footer|copyright|sidebar|aside|hot|rank|share|disclaim|statement|crumb|"
    r"foot\b|nav\b|menu|login|popup|dialog|-right\b|_right\b|right-|right_|pl-|guess|advert|banner|xgyd|tuijian|xiangguan|friend|topbar|shengming",
    re.IGNORECASE,
)
KNOWN = re.compile(
    r"TRS_Editor|TRS_UEDITOR|^zoom$|UCAP-CONTENT|vsb_content|v_news_content|ivs_content|artibody|js_content|ozoom|"
    r"article-content|article_content|rm_txt_con|detailContent|^content$|article_inbox|news_content|news_txt",
    re.IGNORECASE,
)
DECAY = (0.95, 0.75, 0.55, 0.4, 0.3)


@dataclass(slots=True)
class Candidate:
    """An element that may be the article's container."""

    node: LexborNode
    score: float = 0.0
    links: float = 0.0
    first: int = -1  # index of its first sentence


def mass(text: str) -> tuple[float, int]:
    """Return how much a text node weighs, and its punctuation marks; a cap keeps keyword spam out."""
    marks = len(PUNCTUATION.findall(text[:4000]))
    return min(len(text), 40 * marks + 30, 2500) + 6.0 * min(marks, 80), marks


def find(page: Page, headline: Headline) -> Candidate | None:
    """Return the container of the article, or None on a page without running text."""
    return _best(_gather(_blocks(page, headline.index)), headline.index)


def _blocks(page: Page, start: int) -> list[Candidate]:
    """Return each block that holds text of its own, with its weight; what stands before the headline hardly counts."""
    blocks: dict[int, Candidate] = {}
    after = False
    gathered = 0.0
    for index, text in enumerate(page.texts):
        if len(text) < SHORTEST:
            if gathered > 120 and len(text) > 3 and STOP.match(text):
                after = True
            continue
        if index == start:
            continue
        block, linked = block_of(page.nodes[index])
        weight, marks = mass(text)
        weight *= 0.1 if index < start else 0.3 if after else 1.0
        found = blocks.setdefault(block.mem_id, Candidate(block))
        if linked:
            found.links += weight
            continue
        found.score += weight
        if marks and found.first < 0:
            found.first = index
        if index > start:
            gathered += weight
    return list(blocks.values())


def _gather(blocks: list[Candidate]) -> list[Candidate]:
    """Return blocks and the elements around them; each passes its weight outwards, less and less."""
    candidates: dict[int, Candidate] = {}
    foreign: dict[int, float] = {}
    for block in blocks:
        chain = [(block.node, 0.8 if block.node.tag_id == TAG["p"] else 1.0)]
        node = block.node.parent
        for share in DECAY:
            if node is None or node.tag_id == TAG["html"]:
                break
            chain.append((node, share))
            node = node.parent
        factor = min(_belonging(element, foreign) for element, _ in chain)
        for element, share in chain:
            found = candidates.setdefault(element.mem_id, Candidate(element))
            found.score += block.score * share * factor
            found.links += block.links * share
            if found.first < 0:
                found.first = block.first
    return list(candidates.values())


def _belonging(element: LexborNode, foreign: dict[int, float]) -> float:
    """Return 1, or less for an element whose class or id says that it holds something else than the article."""
    key = element.mem_id
    if key not in foreign:
        attributes = element.attributes
        marks = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        foreign[key] = 0.2 if len(marks) > 1 and FOREIGN.search(marks) and not KNOWN.search(marks) else 1.0
    return foreign[key]


def _best(candidates: list[Candidate], start: int) -> Candidate | None:
    best, top = None, 0.0
    for candidate in candidates:
        if candidate.first < 0:
            continue
        gap = max(0, candidate.first - start) if start >= 0 else 40
        nearness = 1.0 + 1.0 / (1.0 + gap / 15)
        purity = candidate.score / (candidate.score + candidate.links) if candidate.score else 0.0
        score = candidate.score * nearness * purity
        if score > top:
            best, top = candidate, score
    return best
