"""A raw text made ready for comparison: chrome lines and datelines off, sentences apart, figures as values."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler import text as texts
from crawler.stories.figures import FIGURE, mark

_SENTENCE = re.compile(r".[^。！？!?；;.]*(?:\.(?=\d)[^。！？!?；;.]*)*(?:(?:[。！？!?；;]|\.(?!\d))+[”’」』\"）)]*|$)")
_LITTLE = 30  # characters
_LONGEST = 20_000  # characters: what follows is not compared
_LINE = re.compile(r"[^\s\n](?:[^\n]*[^\s\n])?")
# A sign; a bracket after a Chinese character with the reading that stands in it.
_NOT_COMPARED = re.compile(
    rf"[\W_](?<![%{FIGURE.pattern[1:-1]}])"
    r"(?:(?<=[\u4e00-\u9fff][(（])[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,6} ?[)）])?"
)
_PROSE = re.compile(r"[。！？；!?;，,、]")
_STOP = re.compile(r"[。！？!?…；;：:.][”’」』\"）)]*$")
# What sites put round an article. Only lines without a full stop are tried, so prose that uses these words stays.
_CHROME = re.compile(
    r"来源|发布[:：时日]|收录[时日]|更新[时日]|时间[:：]|作者[:：]|位置[:：]|编辑|责编|浏览|阅读|字号|字体|分享|打印|关闭"
    r"|上一[篇条]|下一[篇条]|首页|主页"
    r"|版权|免责|热门|相关|标签|关键词|微信|微博|扫码|二维码|长按|点击|下载|评论|点赞|收藏|朗读|登录|会员|友情链接|移动版|客户端"
    r"|记者|通讯员|>|\||»"
)
_DATELINE = re.compile(
    r"^(?:[^。！？，,：:；]{0,30}?(?:日|报|网|社|端|台|新闻)(?:电(?![力子商池网信话])|讯|消息|报道)\s*(?:[(（][^)）]{0,60}[)）])?"
    r"|[(（](?:本[报网台])?(?:记者|通讯员)[^)）]{0,60}[)）])\s*[:：]?"
)
# Prose that sites add: notices of rights, invitations, advertisements.
_ADDED = re.compile(
    r"^(?:版权|免责|特别声明|声明|以上内容|本文[由来系为])|授权转载|不代表本"
    r"|公众号|加[^，。]{0,4}微信|扫码|点击|包邮|优惠券|先到先得|立减|[五七八九]折|首选"
)
# A line that says when, and else no figure.
_WHEN = re.compile(
    r"^\D*(?:(?:19|20)\d\d ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2}日?(?: ?\d{1,2}[:：时]\d\d\S*)?|\d{1,2}[:：]\d\d)\D*$"
)
_BRACKETED = re.compile(r"^[(（【\[][^)）】\]]*[)）】\]]$")


@dataclass(slots=True, frozen=True)
class Sentence:
    """A sentence as it stands in the cleaned text, its place in `Prepared.marked`, and whether it is running prose."""

    text: str
    start: int
    end: int
    prose: bool


@dataclass(slots=True, frozen=True)
class Prepared:
    """A text made ready for comparison.

    `marked` holds letters, Han characters and percent signs only, each figure as one private-use character that
    stands for its value; `skeleton` is the same with one sign for all figures; `figures` are the figures as written,
    in order. `counted` are the sentences that decide: the prose, or all but the headline where the prose is little
    beside tables. They begin at `lead` in `marked`.
    """

    text: str
    marked: str = field(default="", repr=False)
    skeleton: str = field(default="", repr=False)
    sentences: tuple[Sentence, ...] = field(default=(), repr=False)
    figures: tuple[str, ...] = field(default=(), repr=False)
    counted: tuple[Sentence, ...] = field(default=(), repr=False)
    lead: int = 0
    places: tuple[int, ...] = field(default=(), repr=False)  # of the figures in `marked`

    def figure_at(self, place: int) -> str:
        """Return the figure that stands at `place` in `marked`, as written."""
        return self.figures[bisect_left(self.places, place)]


def prepare(text: str, *, cleaned: bool = False) -> Prepared:
    """Return the text ready for comparison; takes raw text and cleans it, unless it is said to be `cleaned`."""
    shown = text[:_LONGEST] if cleaned else texts.clean(text[:_LONGEST]).text
    canonical, places = texts.canonical(shown)
    figures: list[str] = []
    marked: list[str] = []
    sentences: list[Sentence] = []
    length = 0
    for start, end, prose in _lines(canonical):
        for match in _SENTENCE.finditer(canonical, start, end):
            compared = _NOT_COMPARED.sub("", mark(match[0], figures))
            if compared:
                first, last = match.start(), match.end() - 1
                sentence = shown[places[first] : places[last] + 1] if places else shown[first : last + 1]
                sentences.append(Sentence(sentence.strip(), length, length + len(compared), prose))
                marked.append(compared)
                length += len(compared)
    counted = _counted(sentences, length)
    lead = counted[0].start if counted else 0
    whole = "".join(marked)
    figure_places = tuple(match.start() for match in FIGURE.finditer(whole))
    skeleton = FIGURE.sub("#", whole)
    return Prepared(shown, whole, skeleton, tuple(sentences), tuple(figures), tuple(counted), lead, figure_places)


def _counted(sentences: list[Sentence], length: int) -> list[Sentence]:
    prose = [sentence for sentence in sentences if sentence.prose]
    enough = sum(sentence.end - sentence.start for sentence in prose) >= max(_LITTLE, length / 2)
    return prose if enough else sentences[len(sentences) > 1 :]  # without the headline, which everybody rewrites


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of each line that belongs to the article, and whether it is prose."""
    for match in _LINE.finditer(text):
        line = match[0]
        if _BRACKETED.match(line):
            continue
        if len(line) <= 60 and _ADDED.search(line):
            continue
        if _is_prose(line):
            dateline = _DATELINE.match(line)
            yield match.start() + (dateline.end() if dateline else 0), match.end(), True
        elif len(line) > 80 or not (_CHROME.search(line) or _WHEN.match(line)):
            yield match.start(), match.end(), False


def _is_prose(line: str) -> bool:
    return (len(line) >= 12 and bool(_STOP.search(line))) or (len(line) >= 40 and bool(_PROSE.search(line)))
