"""Ways in which a text is printed again, for the tests of crawler.stories. Each takes a text and a random generator."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random

import opencc

ADS = (
    "加客服微信领取冰雪门票五折券，先到先得！",
    "【轮胎批发，全国包邮，下单立减200元】",
    "点击下方链接，三分钟测出你的贷款额度。",
    "想了解更多招商信息，请关注本站公众号。",
)
TEXTS = tomllib.loads((Path(__file__).parent / "stories.toml").read_text("utf-8"))
NEWS: list[str] = TEXTS["news"]
SYNONYMS: dict[str, str] = TEXTS["synonyms"]
PINYIN: dict[str, str] = TEXTS["pinyin"]
TO_TAIWAN, TO_TRADITIONAL = opencc.OpenCC("s2tw"), opencc.OpenCC("s2t")


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs without the headline."""
    lines = text.split("\n")
    return lines[1:] if len(lines[0]) < 40 else lines


def framed(text: str, random: Random) -> str:
    head = (
        "首页 > 资讯 > 正文",
        f"陇原产业在线：另起的标题第{random.randint(1, 9)}号",
        f"2025-03-19 08:{random.randint(10, 59)}　来源：综合　字号：大 中 小",
    )
    foot = (
        "（责任编辑：小陆）",
        "上一篇：没有了　下一篇：春灌开闸",
        "版权声明：本文由合作媒体授权转载，观点不代表本平台。",
    )
    return "\n".join((*head, *paragraphs(text), *foot))


def shortened(text: str, random: Random) -> str:
    """Return the headline and 30 to 60 % of the text, whole sentences, from the start or from anywhere."""
    sentences = [sentence for paragraph in paragraphs(text) for sentence in re.findall(r"[^。]+。", paragraph)]
    share = random.uniform(0.3, 0.6)
    start = random.choice((0, 0, random.randint(0, len(sentences) // 3)))
    kept, length = [], 0
    for sentence in sentences[start:]:
        if length >= share * sum(map(len, sentences)):
            break
        kept.append(sentence)
        length += len(sentence)
    headline = text[: text.index(paragraphs(text)[0])]
    return headline + "".join(kept)


def lead(text: str, random: Random) -> str:
    return paragraphs(text)[0]


def merged(text: str, random: Random) -> str:
    body = paragraphs(text)
    middle = random.randint(1, len(body) - 1)
    return "".join(body[:middle]) + "\n" + "".join(body[middle:])


def taiwan(text: str, random: Random) -> str:
    return str(TO_TAIWAN.convert(text))


def annotated(text: str, random: Random) -> str:
    chosen = {sign: sound for sign, sound in PINYIN.items() if random.random() < 0.7}
    return "".join(f"{sign}({chosen[sign]})" if sign in chosen else sign for sign in TO_TRADITIONAL.convert(text))


def damaged(text: str, random: Random) -> str:
    """Return the text annotated, with the first byte of some signs lost on the way through GBK."""
    lost = "。”省保、"
    parts = (
        b"?" + sign.encode("gb18030")[1:] if sign in lost and random.random() < 0.05 else sign.encode("gb18030")
        for sign in annotated(text, random)
    )
    return b"".join(parts).decode("gb18030", "replace")


def with_ads(text: str, random: Random) -> str:
    body = paragraphs(text)
    for ad in ADS:
        body.insert(random.randint(0, len(body)), ad)
    middle = body[-1].find("，") + 1
    return "\n".join([*body[:-1], body[-1][:middle] + ADS[1] + body[-1][middle:]])


def half_width(text: str, random: Random) -> str:
    spaced = re.sub(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=[\u4e00-\u9fff])", " ", text)
    return spaced.translate(
        str.maketrans(
            {"，": ",", "。": ". ", "：": ":", "；": ";", "“": '"', "”": '"', "（": "(", "）": ")", "、": ", "}
        )
    )


def edited(text: str, random: Random, rate: float = 0.05) -> str:
    """Return the text with 2 to 5 % of its Han characters replaced, dropped or doubled."""
    rate = random.uniform(0.02, rate)
    other = "的了和在对上下中为以"

    def edit(sign: str) -> str:
        if not "\u4e00" <= sign <= "\u9fff" or random.random() >= rate:
            return sign
        return random.choice((random.choice(other), "", sign + random.choice(other)))

    return "".join(map(edit, text))


def reworded(text: str, random: Random) -> str:
    """Return the text with common words put for others of the same sense."""
    for word, other in SYNONYMS.items():
        if random.random() < 0.6:
            text = text.replace(word, other)
    return text


def reformatted(text: str, random: Random) -> str:
    """Return the text with its figures written in another way."""
    text = re.sub(r"(?<![\d.])(\d+)万(?=[\u4e00-\u9fff])", lambda match: f"{int(match[1]) * 10_000:,}", text)
    text = re.sub(r"(?<![\d.])(\d)(?=[条家座份])", lambda match: "零一二三四五六七八九"[int(match[1])], text)
    return re.sub(r"(?<![\d.])(\d)(\d)%", lambda match: f"百分之{_spoken(match[1], match[2])}", text)


def _spoken(tens: str, ones: str) -> str:
    numerals = "零一二三四五六七八九"
    return numerals[int(tens)].replace("零", "") + "十" + numerals[int(ones)].replace("零", "")


def reordered(text: str, random: Random) -> str:
    first, *rest = paragraphs(text)
    return "\n".join([first, *random.sample(rest, len(rest))])


def pointing(text: str, random: Random) -> str:
    """Return the text as a paper of the place prints it, with 我市 and 近日 for names and dates."""
    for name, word in (
        ("淮畔市", "我市"),
        ("甘肃", "我省"),
        ("雁洲", "我市"),
        ("海角港", "该港"),
        ("华岳机械", "该公司"),
    ):
        text = text.replace(name, word)
    return re.sub(r"\d+月\d+日", "近日", text)


def with_spam(text: str, random: Random) -> str:
    """Return the text with stray words put in after its commas and stops."""
    words = ("幻影体育网址", "QUz陇原新闻网", "足球直播", "半岛官网")
    parts = re.split(r"(?<=[，。])", text)
    return "".join(part + (random.choice(words) if random.random() < 0.2 else "") for part in parts)


def lead_edited(text: str, random: Random) -> str:
    return edited(lead(text, random), random)


def shortened_mirror(text: str, random: Random) -> str:
    return annotated(framed(shortened(text, random), random), random)


VARIANTS: dict[str, Callable[[str, Random], str]] = {
    change.__name__: change
    for change in (
        *(framed, shortened, lead, merged, taiwan, annotated, damaged, with_ads, half_width, edited),
        *(reworded, reformatted, reordered, pointing, with_spam, lead_edited, shortened_mirror),
    )
}
