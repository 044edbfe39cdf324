"""Where the article stands: the element with the most running text, seen from the headline."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from selectolax.lexbor import LexborNode

from crawler.extract.headline import Headline
from crawler.extract.page import TAG, Page, block_of
from crawler.extract.rules import STOP_WORDS

SHORTEST = 9
WORTH_A_LOOK = 60.0  # weight below which class and id are not looked at
EDITOR = ("责任编辑", "责编", "責任編輯", "責編")
EDGES = " (（:：>》»[]【】|·"
ENDS = frozenset(word[0] for word in (*STOP_WORDS, *EDITOR)) | frozenset(EDGES)
FOREIGN = re.compile(
    r"comment|pinglun|recommend|related|relevan|footer|copyright|sidebar|aside|\bhot|hot[-_]|rank|share|disclaim|statement|"
    r"crumb|foot\b|nav\b|menu|login|popup|dialog|\bpl-|guess|advert|banner|xgyd|tuijian|xiangguan|"
    r"friend|topbar|shengming|reply"
)
SIDE = re.compile(r"[-_]right\b|\bright(?:[-_]|\b)|\bside\b")
KNOWN = re.compile(
    r"trs_editor|trs_ueditor|\bzoom\b|ucap-content|vsb_content|v_news_content|ivs_content|artibody|js_content|\bozoom\b|"
    r"article[-_]?(?:content|body|text|main)|detail-?content|\bcontent\b|news[-_]?(?:content|txt|text|body)|"
    r"con_?text|main-?text|zhengwen|view\b"
)
KNOWN_BONUS = 1.25
NEAREST, NEAR = 3.0, 8.0  # what standing right under the headline adds, texts after which it adds half
HEAVIEST = 600
SOME, PLENTY, TOO_LITTLE, SHORT, FAR = 70, 900, 70, 30, 30  # characters, characters, weight, characters, texts
PARAGRAPH, BODY, HTML = TAG["p"], TAG["body"], TAG["html"]
DECAY = (0.95, 0.75, 0.55, 0.4, 0.3)


@dataclass(slots=True)
class Candidate:
    """An element that may be the article's container."""

    node: LexborNode
    score: float = 0.0
    links: float = 0.0
    first: int = -1  # index of its first sentence
    judged: tuple[float, float] | None = None

    def add(self, inner: "Candidate", share: float) -> None:
        """Take a share of the weight of an element inside."""
        self.score += inner.score * share
        self.links += inner.links * share
        if self.first < 0:
            self.first = inner.first

    def judge(self) -> tuple[float, float]:
        """Return what class and id say, as `_judge` does."""
        if self.judged is None:
            attributes = self.node.attributes
            self.judged = _judge(attributes.get("class") or "", attributes.get("id") or "")
        return self.judged


def mass(text: str) -> tuple[float, int]:
    """Return how much a text node weighs, and its punctuation marks.

    Keyword spam gains little: the weight of one node is capped, long text without full stops hardly counts.
    """
    length = len(text)
    stops = text.count("。") if "。" in text else 0
    marks = stops + text.count("，") if "，" in text else stops
    marks += text.count(",") if "," in text else 0
    if length < 30 and not marks:
        return length, 0
    length = min(length, 50 * marks + 30)
    weight = min(length, HEAVIEST) + 7.0 * min(marks, 30)
    if length > 200 and 400 * (stops + text.count(".") + text.count("！") + text.count("；")) < length:
        weight *= 0.1
    return weight, marks


def find(page: Page, headline: Headline, without: Sequence[LexborNode] = ()) -> Candidate | None:
    """Return the container of the article, None on a page without running text; `without` are ruled out."""
    start = headline.index
    best = _best(_gather(page, start, without), start)
    if start > 0 and (best is None or best.score < TOO_LITTLE):
        anywhere = _best(_gather(page, -1, without), -1)
        if anywhere is not None and (best is None or anywhere.score > 3 * best.score):
            return anywhere
    return best


def _gather(page: Page, start: int, without: Sequence[LexborNode]) -> list[Candidate]:
    """Return the blocks behind the headline and the elements around them; weight is passed outwards, less and less."""
    blocks, parents = _blocks(page, start)
    for element in without:
        for found in (blocks, parents):
            for key in [key for key, candidate in found.items() if _stands_in(candidate.node, element)]:
                del found[key]
    for block in blocks.values():
        if block.score > WORTH_A_LOOK:
            block.score *= block.judge()[0]
        if (parent := block.node.parent) is not None:
            key = parent.mem_id
            above = parents.get(key)
            if above is None:
                above = parents[key] = Candidate(parent)
            if block.score:
                above.add(block, 1.0)
            else:
                above.links += block.links
    for above in sorted(parents.values(), key=lambda candidate: candidate.first < 0):  # sentences first
        _pass_outwards(above, blocks)
    return list(blocks.values())


def _blocks(page: Page, start: int) -> tuple[dict[int, Candidate], dict[int, Candidate]]:
    """Return the elements that hold text behind the headline, and the parents of paragraphs, with its weight.

    A paragraph is never a container of its own: what stands beside it belongs to the article too.
    """
    blocks: dict[int, Candidate] = {}
    parents: dict[int, Candidate] = {}
    nodes = page.nodes
    share = 1.0
    gathered = last = 0  # characters of sentences, index of the last one
    for index, text in chain.from_iterable(page.batches(start + 1)):
        length = len(text)
        if length < SHORT and gathered > SOME and share == 1.0 and text[0] in ENDS and _ends_article(text):
            if gathered > PLENTY:
                break
            share = 0.3
        if length < SHORTEST:
            continue
        if gathered > PLENTY and index - last > FAR:
            break
        node, linked = block_of(nodes[index])
        found = blocks
        if node.tag_id == PARAGRAPH and (parent := node.parent) is not None:
            node, found = parent, parents
        key = node.mem_id
        candidate = found.get(key)
        if candidate is None:
            candidate = found[key] = Candidate(node)
        if linked:
            candidate.links += length
            continue
        weight, marks = mass(text)
        candidate.score += weight * share
        if marks:
            gathered += length
            last = index
            if candidate.first < 0:
                candidate.first = index
    return blocks, parents


def _ends_article(text: str) -> bool:
    """Return whether a short text heads something else than the article, or names its editor."""
    text = text.strip(EDGES)
    return text in STOP_WORDS or text.startswith(EDITOR)


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


def _pass_outwards(start: Candidate, candidates: dict[int, Candidate]) -> None:
    """Give the weight to the elements around; what holds no sentence makes no candidates of them."""
    reached: list[tuple[float, Candidate]] = []
    heavy = start.score > WORTH_A_LOOK
    makes = heavy or start.first >= 0
    factor = 1.0
    node: LexborNode | None = start.node
    for share in DECAY:
        if node is None or (tag := node.tag_id) == HTML:
            break
        key = node.mem_id
        element = candidates.get(key)
        if element is None and makes:
            element = candidates[key] = Candidate(node)
        if element is not None:
            reached.append((share * 0.5 if tag == BODY else share, element))
            if heavy:
                factor = min(factor, element.judge()[0])
        node = node.parent
    for share, element in reached:
        element.add(start, share * factor)


@lru_cache(maxsize=4096)
def _judge(classes: str, identity: str) -> tuple[float, float]:
    """Return how far the element can belong to the article, and the bonus for a name that many CMS use."""
    marks = f"{classes} {identity}".lower()
    known = KNOWN.search(marks) is not None
    if known:
        return 1.0, KNOWN_BONUS
    return (0.2 if FOREIGN.search(marks) else 0.6 if SIDE.search(marks) else 1.0), 1.0


def _best(candidates: list[Candidate], start: int) -> Candidate | None:
    best, top = None, 0.0
    for candidate in candidates:
        score = candidate.score
        if candidate.first < 0 or score * (1.0 + NEAREST) * KNOWN_BONUS <= top:
            continue
        gap = candidate.first - start if start >= 0 else 40
        nearness = 1.0 + NEAREST / (1.0 + gap / NEAR)
        score *= nearness * score / (score + candidate.links) * candidate.judge()[1]
        if score > top:
            best, top = candidate, score
    return best
