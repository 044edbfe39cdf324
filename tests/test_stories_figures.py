"""Figures are compared by value, however they are written."""

import pytest

from crawler.stories.figures import mark


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("38.4亿", "3840000000"),
        ("4400万", "0.44亿"),
        ("6.8 万", "68000"),
        ("160亿", "1.6×10¹⁰"),
        ("百分之十六点八", "16.8%"),
        ("八成二", "82%"),
        ("七成半", "75%"),
        ("十二", "12"),
        ("二〇二五", "2025"),
        ("三千二百万", "3200万"),
        ("12.6万", "126,000"),
        ("05", "5"),
        ("23.60", "23.6"),
    ],
)
def test_same_value_gets_the_same_mark(one: str, other: str) -> None:
    assert mark(f"共{one}。", []) == mark(f"共{other}。", [])


@pytest.mark.parametrize(("one", "other"), [("1.2万", "1.2亿"), ("16", "61"), ("三", "四"), ("十四五", "十五五")])
def test_other_value_gets_another_mark(one: str, other: str) -> None:
    assert mark(one, []) != mark(other, [])


def test_figures_are_kept_as_written() -> None:
    found: list[str] = []
    mark("第三批12家，投资6.8亿元，占七成。", found)
    assert found == ["三", "12", "6.8亿", "七成"]


@pytest.mark.parametrize(
    "text", ["一亿" * 5000, "1" + "亿" * 5000, "1×10⁹⁹⁹⁹⁹⁹", "9" * 50_000, "点" * 9, "第十四五个", "*" * 99]
)
def test_no_numeral_is_too_long(text: str) -> None:
    assert len(mark(text, [])) <= len(text)
