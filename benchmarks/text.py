"""Speed of cleaning, in MB of UTF-8 a second on one core, beside plain OpenCC tw2s over the same texts in the same run.

    python benchmarks/text.py

Rounds of both alternate, and the best of each counts, so that a busy machine harms both alike.
"""

import time
from collections.abc import Callable

from opencc import OpenCC

from crawler.text import canonical, clean
from crawler.text.plausible import readings

SIMPLIFIED = """全市承接产业转移工作推进会昨日召开，会议听取了各县区的项目进展（含在建），研究下一步招商方向。
今年以来，全县新签约项目26个，总投资38.5亿元，同比增长12.7%；已开工19个。负责人说：“设备进场时，水电已通到车间门口。”
意见提出，鼓励东西部协作双方共建产业园，税收按比例分成；对带动就业多的龙头企业，在贷款贴息、设备更新等方面给予扶持。
"""
ANNOTATED = "產業發經會區轉項設機動進實開學點時國長個關網務聯規領"
ROUNDS = 7
CORPUS = 200_000  # bytes a text set


def annotate(text: str) -> str:
    """Return Traditional text with the pinyin that mirrors print."""
    syllables = {char: syllable for syllable, chars in readings().items() for char in chars if not syllable.isascii()}
    return "".join(f"{char}({syllables[char]})" if char in ANNOTATED else char for char in text)


def articles(text: str) -> list[str]:
    """Return articles of three times the text, as many as the corpus takes."""
    article = text * 3
    return [article] * max(1, CORPUS // len(article.encode()))


def seconds(work: Callable[[str], object], texts: list[str]) -> float:
    """Return how long the work takes for all texts."""
    start = time.perf_counter()
    for text in texts:
        work(text)
    return time.perf_counter() - start


def main() -> None:
    """Print one line for each kind of text."""
    traditional = OpenCC("s2t").convert(SIMPLIFIED)
    garbled = annotate(traditional).replace("承接", "承接?xùn)|部、").translate(str.maketrans("，：；（）", ",:;()"))
    kinds = {"simplified": SIMPLIFIED, "traditional": traditional, "annotated": annotate(traditional), "torn": garbled}
    plain = OpenCC("tw2s").convert
    print(f"{'text':12} {'clean':>8} {'canonical':>10} {'tw2s':>8}  MB/s {'clean : tw2s':>14}")
    for kind, text in kinds.items():
        texts = articles(text)
        size = sum(len(each.encode()) for each in texts) / 1e6
        works = (clean, canonical, plain)
        rounds = [[seconds(work, texts) for work in works] for _ in range(ROUNDS)]
        cleaned, folded, converted = (size / min(column) for column in zip(*rounds, strict=True))
        print(f"{kind:12} {cleaned:8.1f} {folded:10.1f} {converted:8.1f} {cleaned / converted:19.2f}")


if __name__ == "__main__":
    main()
