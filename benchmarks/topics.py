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


def cpu(work: Callable[[], object]) -> float:
    """Return the least CPU seconds of three runs."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def cpu_of_matching(topics: Topics, texts: list[str]) -> float:
    """Return the least CPU seconds of matching alone, with fresh readings each time: a reading remembers its zones."""
    spent = []
    for _ in range(3):
        readings = [Reading("", text, {}, cleaned=True) for text in texts]
        start = time.process_time()
        for reading in readings:
            topics.match_reading(reading, {})
        spent.append(time.process_time() - start)
    return min(spent)


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
    megabytes = size(texts)
    seconds = cpu(lambda: [automaton.find_matches_as_indexes(text, overlapping=True) for text in texts])
    bare = seconds / megabytes
    hits = sum(len(automaton.find_matches_as_indexes(text, overlapping=True)) for text in texts)
    flags = sum(len(topics.match_reading(reading, {})) for reading in readings)
    print(f"{hits / TEXTS:.1f} hits and {flags / TEXTS:.2f} flags a text")
    show("bare automaton, overlapping", seconds, megabytes, bare)
    show("topics, text prepared", cpu_of_matching(topics, texts), megabytes, bare)
    show("topics, cleaned text", cpu(lambda: [topics.match_cleaned("", text) for text in texts]), megabytes, bare)
    show("topics, raw text", cpu(lambda: [topics.match("", text) for text in texts]), megabytes, bare)
    few = texts[:20]
    alternation = re.compile("|".join(map(re.escape, terms)))
    show("re alternation", cpu(lambda: [alternation.findall(text) for text in few]), size(few), bare)
    try:
        from flashtext import KeywordProcessor
    except ImportError:
        print("flashtext: not installed")
        return
    processor = KeywordProcessor()
    processor.add_keywords_from_list(terms)
    show("flashtext", cpu(lambda: [processor.extract_keywords(text) for text in few]), size(few), bare)


if __name__ == "__main__":
    main()
