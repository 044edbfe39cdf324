"""What holds for every text, query and address, whatever they are: properties, tried on inputs nobody thought of."""

import csv
import io
import json
import re
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.alerts.neutral import safe_url
from crawler.dates import CST, parse_dateline
from crawler.discreet import discreet, harmless
from crawler.export import escaped, write_csv
from crawler.sources import TRACKING, Source
from crawler.text import clean_text
from crawler.topics import Topics, load_topics
from crawler.topics.automaton import Automaton, Terms
from crawler.topics.errors import QueryError
from crawler.topics.grammar import parse_query
from crawler.topics.reading import Reading

settings.register_profile("patient", deadline=None)  # how long one takes says how busy the machine is
settings.load_profile("patient")
MIXED = st.text(
    alphabet="某市出台產業转移(chǎn)（yè）Ａａ１2３，。、；：“”「」*＊?？!~#-—…　 \n\t\u200b\xa0\ufeff"
    "著髮后裡隻甘肅資訊GDP%％亿元年月日",
    max_size=60,
)
TEXT = MIXED | st.text(max_size=60)


@given(TEXT)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    once.encode("utf-8")


@cache
def shipped() -> Topics:
    return load_topics()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            [
                "承接产业转移",
                "承接產業轉移",
                "示范区",
                "工程机械",
                "销量",
                "挖掘机",
                "同比增长",
                "，",
                "。",
                "\n",
                "某市",
            ]
        )
    )
)
def test_evidence_is_what_the_cleaned_text_shows(words: list[str]) -> None:
    title, body = "某市消息", "".join(words)
    shown = {"title": clean_text(title), "body": clean_text(body)}
    for flag in shipped().match(title, body):
        assert 0 < flag.score <= 1
        for evidence in flag.evidence:
            assert shown[evidence.field][evidence.start : evidence.end] == evidence.text


@given(st.text(max_size=200), st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2040, 1, 1)))  # noqa: DTZ001
def test_no_line_breaks_the_reader_of_dates(line: str, now: datetime) -> None:
    found = parse_dateline(line, now=now.replace(tzinfo=CST))
    assert (found.publish_time is None) == (found.precision is None)
    assert found.publish_time is None or found.publish_time.utcoffset() == now.replace(tzinfo=CST).utcoffset()


# Queries: random trees of a grammar of our own, written out in several ways, against an evaluator of a few lines.
Tree = tuple[Any, ...]
WORDS = ("甲乙", "乙丙", "丙丁", "丁", "戊己")
LEAF = st.sampled_from(WORDS).map(lambda word: ("word", word))
NEAR = st.tuples(st.sampled_from(("NEAR", "THEN")), LEAF, st.integers(0, 6), LEAF)
FIELD = st.tuples(st.just("title"), LEAF)
TREES = st.recursive(
    LEAF | NEAR | FIELD,
    lambda trees: st.one_of(
        st.tuples(st.just("NOT"), trees),
        st.tuples(st.sampled_from(("AND", "OR")), trees, trees),
        st.tuples(st.just("AND"), trees, trees, trees),
    ),
    max_leaves=8,
)
SENTENCE = st.lists(st.sampled_from([*WORDS, "甲", "乙", "一二", "三"]), max_size=8).map("".join)
BODY = st.lists(SENTENCE, max_size=4).map("。".join)


def written(tree: Tree, *, quoted: bool) -> str:
    """Return the query of a tree."""
    kind, *parts = tree
    if kind == "word":
        return f'"{parts[0]}"' if quoted else parts[0]
    if kind == "title":
        return f"title:{written(parts[0], quoted=quoted)}"
    if kind == "NOT":
        return f"NOT ({written(parts[0], quoted=quoted)})"
    if kind in {"NEAR", "THEN"}:
        return f"({written(parts[0], quoted=quoted)} {kind}/{parts[1]} {written(parts[2], quoted=quoted)})"
    return "(" + f" {kind} ".join(written(part, quoted=quoted) for part in parts) + ")"


def places(word: str, text: str) -> list[tuple[int, int]]:
    return [(match.start(1), match.end(1)) for match in re.finditer(f"(?=({word}))", text)]


def holds(tree: Tree, title: str, body: str) -> bool:
    """Evaluate a tree by its meaning."""
    kind, *parts = tree
    if kind == "word":
        return parts[0] in title or parts[0] in body
    if kind == "title":
        return parts[0][1] in title
    if kind == "NOT":
        return not holds(parts[0], title, body)
    if kind in {"NEAR", "THEN"}:
        return any(near(kind, parts, sentence) for text in (title, body) for sentence in text.split("。"))
    found = [holds(part, title, body) for part in parts]
    return all(found) if kind == "AND" else any(found)


def near(kind: str, parts: list[Any], sentence: str) -> bool:
    first, distance, second = parts
    for a in places(first[1], sentence):
        for b in places(second[1], sentence):
            if a[1] <= b[0] and b[0] - a[1] <= distance:
                return True
            if kind == "NEAR" and b[1] <= a[0] and a[0] - b[1] <= distance:
                return True
    return False


@settings(max_examples=200)
@given(TREES, SENTENCE, BODY, st.booleans())
def test_query_means_what_its_words_say(tree: Tree, title: str, body: str, quoted: bool) -> None:
    terms = Terms()
    node = parse_query(written(tree, quoted=quoted), {}, terms)
    hit = node.evaluate(Automaton(terms).scan(Reading(title, body, {})))
    assert (hit is not None) == holds(tree, title, body), written(tree, quoted=quoted)


@given(TREES)
def test_query_reads_the_same_however_it_is_written(tree: Tree) -> None:
    plain, quoted = (parse_query(written(tree, quoted=quoted), {}, Terms()) for quoted in (False, True))
    place = re.compile(r"Place\(line=\d+, column=\d+, text='[^']*'\)")
    assert place.sub("", repr(plain)) == place.sub("", repr(quoted))


@given(
    st.text(alphabet='甲乙AND OR NT()（）"“”「」/\\.*+{}[]|^$@#≥>=:：^-0123456789\n title', max_size=40)
    | st.text(max_size=40)
)
def test_no_query_breaks_the_reader_but_with_its_own_error(query: str) -> None:
    with suppress(QueryError):
        parse_query(query, {"省": ("甘肃",)}, Terms())


PART = st.text(alphabet="abcAB09-_.~%新闻/", max_size=8)
QUERY = st.lists(st.tuples(st.sampled_from(["id", "a", "utm_source", "from", "spm", "新"]), PART), max_size=4)


@cache
def source() -> Source:
    return Source.model_validate(
        {
            "id": "gs_example",
            "name": "示例",
            "kind": "daily",
            "family": "listing",
            "article": ".",
            "list_urls": ["http://www.example.cn/list"],
            "twin_hosts": ["m.example.cn"],
        }
    )


@given(
    st.sampled_from(["http", "https"]),
    st.sampled_from(["www.example.cn", "m.example.cn", "WWW.Example.cn", "www.example.cn:80"]),
    PART,
    QUERY,
    PART,
)
def test_an_article_has_one_address(scheme: str, host: str, path: str, query: list[tuple[str, str]], end: str) -> None:
    url = f"{scheme}://{host}/{path}" + ("?" + "&".join(f"{key}={value}" for key, value in query) if query else "")
    one = source().canonical(f"{url}#{end}")
    assert source().canonical(one) == one
    assert one == source().canonical(url)
    parts = urlsplit(one)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("http", "www.example.cn", "")
    # What tells articles apart stays.
    assert parts.path == urlsplit(url).path
    kept = [pair for pair in parse_qsl(urlsplit(url).query, keep_blank_values=True) if not TRACKING.match(pair[0])]
    assert parse_qsl(parts.query, keep_blank_values=True) == kept


@given(st.text(max_size=60))
def test_no_address_breaks_the_source(url: str) -> None:
    assert source().is_article(f"http://{url}") in {True, False}
    assert re.fullmatch(r"[!-~]*", safe_url(f"http://{url}"))


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=40), max_size=3))
def test_escaped_json_says_the_same_on_one_line(record: dict[str, str]) -> None:
    line = escaped(orjson.dumps(record))
    assert json.loads(line) == record
    assert len(line.decode().splitlines()) == 1
    assert harmless(line.decode()) == line.decode()


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_no_cell_is_a_formula_and_none_is_lost(cells: list[str]) -> None:
    file = io.BytesIO()
    write_csv(({"title": cell, "body": cell} for cell in cells), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    assert len(rows) == len(cells)
    for row, cell in zip(rows, cells, strict=True):
        assert row["title"] == row["body"]
        assert row["title"].removeprefix("'") in {harmless(cell), harmless(cell).removeprefix("'")}
        assert not row["title"].lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.text(max_size=60))
def test_a_terminal_is_not_steered(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)
    assert all(letter.isprintable() or letter in "\n\t" or ord(letter) > 0x9F for letter in harmless(text))


@pytest.mark.parametrize("shape", ["http://user:{}@example.org/", "https://x.cn/send?access_token={}", "Cookie: {}"])
@given(secret=st.text(alphabet="abcdefABCDEF0123456789_-", min_size=8, max_size=40))
def test_a_secret_is_hidden_by_its_shape(shape: str, secret: str) -> None:
    assert f"{secret}" not in discreet(f"GET {shape.format(secret)}").replace("access_token", "")
