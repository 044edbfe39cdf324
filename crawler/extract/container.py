"""Where the article stands: the element with the most running text, seen from the headline."""

import re
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborNode

from crawler.extract.headline import Headline
from crawler.extract.page import TAG, Page, block_of

SHORTEST = 9
WORTH_A_LOOK = 60.0  # weight below which class and id are not looked at
# Headings behind which the page speaks of something else than the article.
STOP_WORDS = frozenset(
    [
        first + second
        for first in "相关 延伸 推荐 热门 精彩 热点 最新 更多 关联 扩展 大家 近期 今日 本周".split()  # noqa: SIM905
        for second in "阅读 新闻 推荐 评论 文章 报道 链接 内容 资讯 热点 排行 专题 图片 视频 热文 信息 都在看 都在搜".split()  # noqa: SIM905
    ]
    + "网友评论 发表评论 全部评论 我要评论 网友跟贴 猜你喜欢 为您推荐 为你推荐 热点排行 新闻排行 阅读排行 点击排行 热文排行 排行榜 "
    "编辑推荐 值班总编推荐 您可能感兴趣 你可能感兴趣 您可能喜欢 你可能喜欢 24小时热文 24小时排行 滚动新闻 友情链接 评论 跟贴".split()  # noqa: SIM905
)
EDGES = " :：>》»[]【】|·"
FOREIGN = re.compile(
    r"comment|pinglun|recommend|related|relevan|footer|copyright|sidebar|aside|\bhot|hot[-_]|rank|share|disclaim|statement|"
    r"crumb|foot\b|nav\b|menu|login|popup|dialog|[-_]right\b|\bright[-_]|\bpl-|guess|advert|banner|xgyd|tuijian|xiangguan|"
    r"friend|topbar|shengming|reply"
)
KNOWN = re.compile(
    r"trs_editor|trs_ueditor|\bzoom\b|ucap-content|vsb_content|v_news_content|ivs_content|artibody|js_content|\bozoom\b|"
    r"article[-_]?(?:content|body|text|main)|rm_txt_con|detail-?content|\bcontent\b|article_inbox|news[-_]?(?:content|txt|text|body)|"
    r"con_?text|main-?text|zhengwen|view\b"
)
KNOWN_BONUS = 1.25
SOME, PLENTY, TOO_LITTLE = 120.0, 1500.0, 150.0  # weights; a sentence of 30 characters weighs about 50
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
    marks = text.count("，") + text.count("。") + text.count(",") + text.count("、") + text.count("：")
    length = len(text)
    if length > 40 * marks + 30:
        length = 40 * marks + 30
    return (length if length < 2500 else 2500) + 6.0 * (marks if marks < 80 else 80), marks


def find(page: Page, headline: Headline) -> Candidate | None:
    """Return the container of the article, or None on a page without running text."""
    start = headline.index
    best = _best(_gather(_blocks(page, start)), start)
    if start > 0 and (best is None or best.score < TOO_LITTLE):
        anywhere = _best(_gather(_blocks(page, -1)), -1)
        if anywhere is not None and (best is None or anywhere.score > 3 * best.score):
            return anywhere
    return best


def _blocks(page: Page, start: int) -> list[Candidate]:
    """Return each block behind the headline that holds text of its own, with its weight."""
    blocks: dict[int, Candidate] = {}
    texts, nodes = page.texts, page.nodes
    behind = False
    gathered = 0.0
    for index in range(start + 1, len(texts)):
        text = texts[index]
        if len(text) < SHORTEST:
            if gathered > SOME and not behind and text.strip(EDGES) in STOP_WORDS:
                behind = True
                if gathered > PLENTY:
                    break
            continue
        block, linked = block_of(nodes[index])
        weight, marks = mass(text)
        if behind:
            weight *= 0.3
        found = blocks.get(block.mem_id)
        if found is None:
            found = blocks[block.mem_id] = Candidate(block)
        if linked:
            found.links += weight
            continue
        found.score += weight
        gathered += weight
        if marks and found.first < 0:
            found.first = index
    return list(blocks.values())


def _gather(blocks: list[Candidate]) -> list[Candidate]:
    """Return blocks and the elements around them; each passes its weight outwards, less and less."""
    candidates: dict[int, Candidate] = {}
    parents: dict[int, Candidate] = {}
    judged: dict[int, float] = {}
    for block in blocks:
        node = block.node
        parent = node.parent
        if parent is None:
            continue
        share = 0.8
        if node.tag_id != TAG["p"]:
            share = _belonging(node, judged) if block.score > WORTH_A_LOOK else 1.0
        _add(candidates, node, block, share)
        _add(parents, parent, block, 1.0 if share == 0.8 else share)
    for above in parents.values():
        _pass_outwards(above, candidates, judged)
    return list(candidates.values())


def _pass_outwards(start: Candidate, candidates: dict[int, Candidate], judged: dict[int, float]) -> None:
    chain: list[LexborNode] = []
    node: LexborNode | None = start.node
    while node is not None and len(chain) < len(DECAY) and node.tag_id != TAG["html"]:
        chain.append(node)
        node = node.parent
    factor = min((_belonging(element, judged) for element in chain), default=1.0) if start.score > WORTH_A_LOOK else 1.0
    for element, share in zip(chain, DECAY, strict=False):
        _add(candidates, element, start, share * factor)


def _add(candidates: dict[int, Candidate], element: LexborNode, what: Candidate, share: float) -> None:
    key = element.mem_id
    found = candidates.get(key)
    if found is None:
        found = candidates[key] = Candidate(element)
    found.score += what.score * share
    found.links += what.links * share
    if found.first < 0:
        found.first = what.first


def _belonging(element: LexborNode, judged: dict[int, float]) -> float:
    """Return 1, or less for an element whose class or id says that it holds something else than the article."""
    key = element.mem_id
    found = judged.get(key)
    if found is None:
        attributes = element.attributes
        found = _judge(attributes.get("class") or "", attributes.get("id") or "")[0] if attributes else 1.0
        judged[key] = found
    return found


def _bonus(element: LexborNode) -> float:
    attributes = element.attributes
    return _judge(attributes.get("class") or "", attributes.get("id") or "")[1]


@lru_cache(maxsize=4096)
def _judge(classes: str, identity: str) -> tuple[float, float]:
    """Return how far the element can belong to the article, and the bonus for a name that many CMS use."""
    marks = f"{classes} {identity}".lower()
    known = KNOWN.search(marks) is not None
    foreign = not known and FOREIGN.search(marks) is not None
    return (0.2 if foreign else 1.0), (KNOWN_BONUS if known else 1.0)


def _best(candidates: list[Candidate], start: int) -> Candidate | None:
    best, top = None, 0.0
    for candidate in candidates:
        score = candidate.score
        if candidate.first < 0 or score * 2 * KNOWN_BONUS <= top:
            continue
        gap = candidate.first - start if start >= 0 else 40
        nearness = 1.0 + 1.0 / (1.0 + gap / 15)
        score *= nearness * score / (score + candidate.links) * _bonus(candidate.node)
        if score > top:
            best, top = candidate, score
    return best
