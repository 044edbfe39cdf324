"""Speed of the topics: 1,000 rules with 10,000 terms, beside the bare automaton, Python's `re` and flashtext.

    python benchmarks/topics.py            CPU seconds of this process; flashtext joins in if it is installed

Texts and terms are made up: 780 characters a text, about ten hits a text, which is what 10,000 rare dictionary words
have in newspaper text. A third of the rules is any-of, a third asks for two groups and bars one, a third for nearness.
"""

import random
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from crawler.topics.engine import Topics
from crawler.topics.model import Topic
from crawler.topics.reading import Reading

COMMON = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]
RULES, TERMS, TEXTS, LENGTH, SHARE = 1000, 10_000, 1500, 780, 0.033


def words(number: int, chance: random.Random) -> list[str]:
    """Return distinct made-up words of two to four characters."""
    found: dict[str, None] = {}
    while len(found) < number:
        found["".join(chance.choice(COMMON) for _ in range(chance.choice((2, 2, 3, 4))))] = None
    return list(found)


def made_up(chance: random.Random) -> tuple[list[str], list[str]]:
    """Return terms and texts."""
    vocabulary = words(60_000, chance)
    terms, others = vocabulary[:TERMS], vocabulary[TERMS:]
    texts = []
    for _ in range(TEXTS):
        pieces, length = [], 0
        while length < LENGTH:
            word = chance.choice(terms if chance.random() < SHARE else others)
            pieces.append(word + ("，" if chance.random() < 0.1 else "。\n\n" if chance.random() < 0.02 else ""))
            length += len(pieces[-1])
        texts.append("".join(pieces))
    return terms, texts


def rules(terms: list[str]) -> list[Topic]:
    """Return RULES topics of ten terms each."""
    topics = []
    for number in range(RULES):
        ten = terms[number * 10 : number * 10 + 10]
        any_of, two, near = (
            " OR ".join(ten),
            f"(({' OR '.join(ten[:5])}) AND ({' OR '.join(ten[5:8])}) AND NOT ({' OR '.join(ten[8:])}))^2",
            f"((({' OR '.join(ten[:5])}) NEAR/20 ({' OR '.join(ten[5:8])})) OR {ten[8]} OR title:{ten[9]})^1.2",
        )
        topics.append(Topic(f"rule{number}", f"规则{number}", (any_of, two, near)[number % 3], Path("made-up.toml")))
    return topics


def cpu(*works: Callable[[], object], rounds: int = 5) -> list[float]:
    """Return the least CPU seconds of each work; in each round all take their turn, for the machine has other users."""
    spent = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            start = time.process_time()
            work()
            spent[number] = min(spent[number], time.process_time() - start)
    return spent


def each(function: Callable[[str], object], texts: Iterable[str]) -> Callable[[], None]:
    """Return a run of the function over all texts that keeps no result."""

    def run() -> None:
        for text in texts:
            function(text)

    return run


def scanning(automaton: AhoCorasick, texts: list[str], rounds: int = 5) -> Callable[[], None]:
    """Return a run of the bare automaton; each has copies of its own, for a text remembers its UTF-8."""
    prepared = [[f"{text}\n" for text in texts] for _ in range(rounds)]

    def run() -> None:
        for text in prepared.pop():
            automaton.find_matches_as_indexes(text, overlapping=True)

    return run


def matching(topics: Topics, texts: list[str], rounds: int = 5) -> Callable[[], None]:
    """Return a run of matching alone; each has readings of its own, for a reading remembers its zones."""
    prepared = [[Reading("", text, {}, cleaned=True) for text in texts] for _ in range(rounds)]

    def run() -> None:
        for reading in prepared.pop():
            topics.match_reading(reading, {})

    return run


def show(name: str, seconds: float, megabytes: float, bare: float) -> None:
    """Print one line of the table; `bare` = seconds of the bare automaton for one MB."""
    print(f"{name:44} {megabytes / seconds:8.2f} MB/s   {seconds / megabytes / bare:8.1f} × bare automaton")


def size(texts: Iterable[str]) -> float:
    """Return megabytes of UTF-8."""
    return sum(len(text.encode()) for text in texts) / 1e6


def main() -> None:
    """Print the table."""
    terms, texts = made_up(random.Random(7))
    start = time.process_time()
    topics = Topics(rules(terms))
    readings = [Reading("", text, {}, cleaned=True) for text in texts]
    topics.match_reading(readings[0], {})
    ready = time.process_time() - start
    print(f"{RULES} rules, {TERMS} terms, {TEXTS} texts, {size(texts):.1f} MB; ready after {ready:.1f} s")
    automaton = AhoCorasick(terms, matchkind=MatchKind.Standard)
    hits = sum(len(automaton.find_matches_as_indexes(text, overlapping=True)) for text in texts)
    flags = sum(len(topics.match_reading(reading, {})) for reading in readings)
    print(f"{hits / TEXTS:.1f} hits and {flags / TEXTS:.2f} flags a text")
    megabytes = size(texts)
    scan, alone, cleaned, raw = cpu(
        scanning(automaton, texts),
        matching(topics, texts),
        each(lambda text: topics.match_cleaned("", text), texts),
        each(lambda text: topics.match("", text), texts),
    )
    bare = scan / megabytes
    show("bare automaton, overlapping", scan, megabytes, bare)
    show("topics, text prepared", alone, megabytes, bare)
    show("topics, cleaned text", cleaned, megabytes, bare)
    show("topics, raw text", raw, megabytes, bare)
    few = texts[:20]
    show("re alternation", *cpu(each(re.compile("|".join(terms)).findall, few), rounds=2), size(few), bare)
    try:
        from flashtext import KeywordProcessor
    except ImportError:
        print("flashtext: not installed")
        return
    processor = KeywordProcessor()
    processor.add_keywords_from_list(terms)
    show("flashtext", *cpu(each(processor.extract_keywords, few), rounds=2), size(few), bare)


if __name__ == "__main__":
    main()
