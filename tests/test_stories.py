"""One story or two: reprints of every kind against templates, readings, follow-ups; and the index that finds them."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from stories_variants import NEWS, TEXTS, VARIANTS, edited, framed, lead, paragraphs, shortened, taiwan, with_ads

from crawler.stories import POSTINGS, Verdict, components, judge, keys, prepare, rank, same_story, similarity

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared")
DEVELOPMENT_SET = SHARED / "sets" / "reprints.dev.jsonl"


ADDITION: str = TEXTS["addition"]
TEMPLATES = {entry["name"]: entry for entry in TEXTS["templates"]}
COUNTERPARTS = {entry["name"]: entry for entry in TEXTS["counterparts"]}
REPRINTS = {entry["name"]: entry for entry in TEXTS["reprints"]}


def filled(name: str) -> tuple[str, str]:
    entry = TEMPLATES[name]
    return entry["text"].format(*entry["first"]), entry["text"].format(*entry["second"])


def judged(a: str, b: str) -> Verdict:
    """Return the verdict, having seen that it is symmetric."""
    left, right = prepare(a), prepare(b)
    verdict, turned = judge(left, right), judge(right, left)
    assert (verdict.same, verdict.similarity, verdict.reason) == (turned.same, turned.similarity, turned.reason)
    return verdict


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("number", range(len(NEWS)))
def test_reprint_is_one_story_and_is_found(name: str, number: int) -> None:
    for seed in range(3):
        reprint = VARIANTS[name](NEWS[number], Random(seed))
        verdict = judged(NEWS[number], reprint)
        assert verdict.same, (verdict, reprint)
        assert verdict.similarity >= 0.5
        assert len(set(keys(prepare(NEWS[number]))) & set(keys(prepare(reprint)))) >= 2


@pytest.mark.parametrize("name", REPRINTS)
def test_reprint_by_other_hands_is_one_story(name: str) -> None:
    assert judged(REPRINTS[name]["first"], REPRINTS[name]["second"]).same


@pytest.mark.parametrize("name", TEMPLATES)
def test_fillings_of_one_template_are_two_stories(name: str) -> None:
    verdict = judged(*filled(name))
    assert not verdict.same
    assert verdict.similarity < 0.5


@pytest.mark.parametrize(
    ("name", "field"),
    [("meeting", 0), ("signing", 1), ("land sale", 0), ("half-year results", 0), ("penalty", 0), ("batch", 1)],
)
def test_one_other_name_or_number_of_an_issue_is_enough(name: str, field: int) -> None:
    entry = TEMPLATES[name]
    changed = [*entry["first"][:field], entry["second"][field], *entry["first"][field + 1 :]]
    assert not judged(entry["text"].format(*entry["first"]), entry["text"].format(*changed)).same


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_texts_with_much_in_common_are_two_stories(name: str) -> None:
    assert not judged(COUNTERPARTS[name]["first"], COUNTERPARTS[name]["second"]).same


def test_raw_texts_are_cleaned() -> None:
    reprint = taiwan(framed(NEWS[2], Random(0)), Random(0))
    assert same_story(NEWS[2], reprint)
    assert similarity(NEWS[2], reprint) > 0.9
    assert not same_story(NEWS[2], NEWS[3])
    assert same_story(NEWS[2], NEWS[2].replace("。", "。\U000f0141"))  # an icon where figures are marked
    assert not same_story("", NEWS[0])
    assert not same_story("", "")
    assert not same_story("中标结果公告\n（图）", "中标结果公告\n（图）")


def test_new_paragraph_is_material() -> None:
    verdict = judge(prepare(NEWS[0]), prepare(f"{NEWS[0]}\n{ADDITION}"))
    assert verdict.same
    assert verdict.material
    assert verdict.added == (ADDITION,)
    assert judge(prepare(f"{NEWS[0]}\n{ADDITION}"), prepare(NEWS[0])).added == ()


def test_other_figure_is_material() -> None:
    verdict = judge(prepare(NEWS[0]), prepare(NEWS[0].replace("23.6亿元", "26.3亿元").replace("11家", "十四家")))
    assert verdict.same
    assert verdict.material
    assert verdict.figures == (("23.6亿", "26.3亿"), ("11", "十四"))


@pytest.mark.parametrize("change", [framed, with_ads, taiwan, shortened])
def test_plain_reprint_is_not_material(change: object) -> None:
    for text in NEWS:
        assert callable(change)
        assert not judge(prepare(text), prepare(change(text, Random(1)))).material


def test_keys_are_few_and_fit_a_signed_column() -> None:
    for text in NEWS:
        found = keys(prepare(text * 5))
        assert 0 < len(found) <= 44
        assert all(-(2**63) <= key < 2**63 for key in found)
        assert found == keys(prepare(text * 5))
    assert keys(prepare("")) == ()
    assert len(keys(prepare("短讯"))) == 1


def stories(texts: Iterable[tuple[int, str]]) -> set[frozenset[int]]:
    """Return the stories that arise when the texts come in this order, with a dictionary for the store's table."""
    postings: dict[int, list[int]] = {}
    stored = {}
    pairs = []
    for article, text in texts:
        prepared = prepare(text)
        known = {key: postings[key][-POSTINGS:] for key in keys(prepared) if key in postings}
        pairs += [(article, article)]
        pairs += [(article, other) for other in rank(known) if judge(prepared, stored[other]).same]
        for key in keys(prepared):
            postings.setdefault(key, []).append(article)
        stored[article] = prepared
    roots = components(pairs)
    return {frozenset(article for article in roots if roots[article] == root) for root in roots.values()}


def test_order_of_arrival_does_not_matter() -> None:
    random = Random(7)
    texts: list[str] = []
    expected = set()
    for text in NEWS[:5]:
        family = [text, *(change(text, random) for change in (framed, shortened, lead, taiwan, with_ads, edited))]
        expected.add(frozenset(range(len(texts), len(texts) + len(family))))
        texts += family
    for name in ("monthly sales", "environmental notice", "meeting", "batch"):
        expected |= {frozenset({len(texts)}), frozenset({len(texts) + 1})}
        texts += filled(name)
    numbered = list(enumerate(texts))
    for _ in range(8):
        random.shuffle(numbered)
        assert stories(numbered) == expected


def test_a_part_joins_what_it_was_cut_from_and_a_bridge_joins_two() -> None:
    front, back = (part for part in ("\n".join(paragraphs(NEWS[4])[:3]), "\n".join(paragraphs(NEWS[4])[3:])))
    assert not same_story(front, back)
    texts = [(1, front), (2, back), (3, NEWS[4])]
    assert stories(texts) == stories(texts[::-1]) == {frozenset({1, 2, 3})}


def test_rank_puts_rare_keys_before_common_ones() -> None:
    common = list(range(60))
    assert rank({1: common, 2: common, 3: common, 4: [3, 77], 5: [3, 77]})[:2] == [3, 77]
    assert len(rank({1: common, 2: common, 3: common})) == 3
    assert rank({1: [5]}) == []
    assert rank({}) == []


@pytest.mark.skipif(not DEVELOPMENT_SET.exists(), reason="the shared sets are not here")
def test_development_set() -> None:
    pairs = [json.loads(line) for line in DEVELOPMENT_SET.read_text("utf-8").splitlines()]
    found = [(judged(pair["a"]["text"], pair["b"]["text"]).same, pair["same"]) for pair in pairs]
    hits = found.count((True, True))
    assert 2 * hits / (2 * hits + found.count((True, False)) + found.count((False, True))) >= 0.95
