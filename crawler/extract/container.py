"""Where the article stands: the element with the most running text, seen from the headline."""

import re
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborNode

from crawler.extract.headline import Headline
from crawler.extract.page import TAG, Page, block_of
from crawler.extract.rules import STOP_WORDS

SHORTEST = 9
WORTH_A_LOOK = 60.0  # weight below which class and id are not looked at
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
PARAGRAPH, BODY = TAG["p"], TAG["body"]
FEWEST_CARDS = 3
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)(?:$|[?#])|^javascript:|^#|^$", re.IGNORECASE)
DECAY = (0.95, 0.75, 0.55, 0.4, 0.3)


@dataclass(slots=True)
class Candidate:
    """An element that may be the article's container."""

    node: LexborNode
    score: float = 0.0
    links: float = 0.0
    first: int = -1  # index of its first sentence


def mass(text: str) -> tuple[float, int]:
    """Return how much a text node weighs, and its punctuation marks.

    Keyword spam gains little: the weight of one node is capped, long text without full stops hardly counts.
    """
    stops = text.count("。")
    marks = text.count("，") + text.count(",") + text.count("、") + stops
    length = len(text)
    if length > 40 * marks + 30:
        length = 40 * marks + 30
    weight = min(length, 600) + 6.0 * min(marks, 30)
    if length > 200 and 400 * (stops + text.count(".") + text.count("！") + text.count("；")) < length:
        weight *= 0.1
    return weight, marks


def find(page: Page, headline: Headline) -> Candidate | None:
    """Return the container of the article, or None on a page without running text."""
    start = headline.index
    best = _choose(page, start)
    if start > 0 and (best is None or best.score < TOO_LITTLE):
        anywhere = _choose(page, -1)
        if anywhere is not None and (best is None or anywhere.score > 3 * best.score):
            return anywhere
    return best


def _choose(page: Page, start: int) -> Candidate | None:
    blocks = _blocks(page, start)
    best = _best(_gather(blocks), start)
    while best is not None:
        inside = [block for block in blocks if _stands_in(block.node, best.node)]
        if not _is_cards(best.node, len(inside)):
            break
        blocks = [block for block in blocks if block not in inside]
        best = _best(_gather(blocks), start)
    return best


def _is_cards(node: LexborNode, blocks: int) -> bool:
    """Return whether the element holds pictures that lead to other pages, about one for each block of text."""
    cards = 0
    for image in node.css("a[href] > img"):
        link = image.parent
        href = (link.attributes.get("href") or "") if link is not None else ""
        cards += not PICTURE.search(href)
    return cards >= FEWEST_CARDS and cards >= 0.7 * blocks


def _stands_in(node: LexborNode, around: LexborNode) -> bool:
    wanted = around.mem_id
    inner: LexborNode | None = node
    for _ in range(len(DECAY) + 2):
        if inner is None:
            return False
        if inner.mem_id == wanted:
            return True
        inner = inner.parent
    return False


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
        key = block.mem_id
        found = blocks.get(key)
        if found is None:
            found = blocks[key] = Candidate(block)
        if linked:
            found.links += len(text)
            continue
        weight, marks = mass(text)
        if behind:
            weight *= 0.3
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
        share = 1.0
        if node.tag_id != PARAGRAPH:
            if block.score > WORTH_A_LOOK:
                share = _belonging(node, judged)
            _add(candidates, node, block, share)
        _add(parents, parent, block, share)
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
        _add(candidates, element, start, share * factor * (0.5 if element.tag_id == BODY else 1.0))


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
