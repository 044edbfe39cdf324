"""The form in which rules and fingerprints see a text, and the way back to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text import canonical, clean_text


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("产业转移", "产业转移"),
        ("產業轉移", "产业转移"),
        ("産業轉移", "产业转移"),
        ("ＧＤＰ增长５％，ＲＣＥＰ", "gdp增长5%,rcep"),
        ("工业和资讯化部推动高品质发展", "工业和信息化部推动高质量发展"),
        ("提高技術水準、最佳化營商環境", "提高技术水平、优化营商环境"),
        ("人工智慧與網際網路", "人工智能与互联网"),
        ("著力與着力", "着力与着力"),
        ("工业⻓期", "工业长期"),
        ("⼯业转移", "工业转移"),
        ("产\u200b业", "产业"),
        ("分\n行 空格", "分\n行 空格"),
        ("", ""),
    ],
)
def test_form(text: str, form: str) -> None:
    assert canonical(text)[0] == form


def test_indices_lead_back_to_what_was_swapped() -> None:
    text = "今年最佳化了產\u200b業结构"
    form, indices = canonical(text)
    assert form == "今年优化了产业结构"
    assert indices is not None
    start = form.index("优化")
    assert text[indices[start] : indices[start + 1] + 1] == "最佳化"
    assert text[indices[form.index("产业") + 1]] == "業"


def test_no_indices_where_positions_are_the_same() -> None:
    assert canonical("ＧＤＰ與資訊化") == ("gdp与信息化", None)


@pytest.mark.parametrize("word", ["产业转移", "高质量发展", "信息化", "着力推进", "公里以内"])
def test_a_keyword_is_found_whatever_the_page_wrote(word: str) -> None:
    written = {
        "产业转移": ["產業轉移", "産業轉移", "產(chǎn)業(yè)轉(zhuǎn)移", "产\u200b业转移"],
        "高质量发展": ["高品質發展", "高质量髮展"],
        "信息化": ["資訊化"],
        "着力推进": ["著力推進", "着力推进"],
        "公里以内": ["公里以內"],
    }
    for text in written[word]:
        assert canonical(word)[0] in canonical(clean_text(text))[0]


@given(st.text(alphabet="最佳化资讯软体ＡａB，。\u200b產業 \n著", max_size=30))
def test_every_character_has_its_place(text: str) -> None:
    form, indices = canonical(text)
    places = range(len(form)) if indices is None else indices
    assert len(places) == len(form)
    assert list(places) == sorted(places)
    assert all(place < len(text) for place in places)
    assert canonical(form)[0] == form
