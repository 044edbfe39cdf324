"""Topics: the query language, its score, its evidence."""

from pathlib import Path

import pytest

from crawler.topics import Topics, load_topics
from crawler.topics.errors import TopicError

NAMES = {"转移": '["产业转移", "产业梯度转移"]', "沿海": '["东莞", "佛山"]'}


def topic(tmp_path: Path, query: str, **keys: str) -> Topics:
    lines = [
        'name = "试"',
        f"query = '''\n{query}\n'''",
        *(f"{key} = {value}" for key, value in keys.items()),
        "[sets]",
    ]
    lines += [f'"{name}" = {words}' for name, words in NAMES.items()]
    (tmp_path / "try.toml").write_text("\n".join(lines), "utf-8")
    return load_topics(tmp_path)


@pytest.mark.parametrize(
    ("query", "title", "body", "flagged"),
    [
        ("产业转移^2", "", "承接产业转移", True),
        ("产业转移^2", "", "承接產(chǎn)業(yè)轉(zhuǎn)移", True),
        ("產業轉移^2", "", "承接产业转移", True),
        ("产业转移^2", "", "承接产业\n转移", True),
        ("产业转移^2", "", "转移支付", False),
        ("mac^2", "", "新款machine上市", False),
        ("mac^2", "", "新款MAC上市", True),
        ("ＭＡＣ^2", "", "新款mac上市", True),
        ("国四^2 AND 挖掘机^2", "", "国四挖掘机", True),
        ("国四^2 AND NOT 挖掘机", "", "国四挖掘机", False),
        ("(飞地 OR 共建园区)^2", "", "共建园区", True),
        ("（飞地 OR 共建园区）^2", "", "共建园区", True),
        ("(飞地 NEAR/3 园区)^2", "", "园区是飞地", True),
        ("(飞地 THEN/3 园区)^2", "", "园区是飞地", False),
        ("(飞地 NEAR/3 园区)^2", "", "飞地经济学的一个园区", False),
        ("(飞地 NEAR/3 园区)^2", "飞地", "园区", False),
        ("(飞地 NEAR/3 园区)^2", "", "建成飞地。园区开工", False),
        ("(飞地 NEAR/3 园区)^2", "", "是飞地?园区开工", False),
        ("(飞地 NEAR/3 园区)^2", "", "建成飞地,园区开工", True),
        ("(飞地 NEAR/3 园区)^2", "", "建成飞地\n园区开工", True),
        ("(飞地 NEAR/3 园区)^2", "", "建成飞地\n\n园区开工", False),
        ("(飞地 THEN/3 园区 THEN/3 开工)^2", "", "飞地园区。开工", False),
        ("(转移 EXCEPT 转移支付)^2", "", "转移支付", False),
        ("(转移 EXCEPT 转移支付)^2", "", "转移支付与产业转移", True),
        ("title:飞地^2", "", "飞地", False),
        ("title:飞地^2", "飞地", "", True),
        ("lead:飞地^2", "", "。" * 300 + "飞地", False),
        ("body:飞地^2", "", "。" * 300 + "飞地", True),
        ("(招商≥2)^3", "", "招商", False),
        ("(招商>=2)^3", "", "招商引资招商", True),
        ("@转移^2", "", "产业梯度转移", True),
        ("(从 THEN/1 @沿海 THEN/6 搬到)^2", "", "从东莞整体搬到赣州", True),
        ("/从.{1,6}搬到/^2", "", "从东莞整体搬到赣州", True),
        ("飞地^2 OR 招聘^-3", "", "飞地招聘", False),
        ("(飞地 OR 招聘^-3) AND 园区^9", "", "招聘园区", False),
        ("园区^2 AND NOT (飞地 OR 招聘^-3)", "", "招聘园区", True),
        ("((飞地 OR 招聘^-3) NEAR/3 园区)^2", "", "招聘园区", False),
        ("((飞地 OR 招聘^-3) NEAR/3 园区)^2", "", "飞地园区", True),
        ("飞地^2 # 招聘^-3", "", "飞地招聘", True),
        ('"飞地 经济"^2', "", "飞地 经济", True),
    ],
)
def test_query(tmp_path: Path, query: str, title: str, body: str, flagged: bool) -> None:
    assert bool(topic(tmp_path, query).match(title, body)) is flagged


@pytest.mark.parametrize(
    ("words", "text", "flagged"),
    [
        ('["@甘肃各地"]', "武威", True),
        ('["@甘肃各地"]', "古浪县", True),
        ('["@甘肃各地"]', "银川", False),
        ('["@武威各地"]', "古浪县", True),
        ('["@武威各地"]', "兰州", False),
        ('["@甘肃各地", "-@武威各地"]', "古浪县", False),
        ('["@甘肃各地", "-@武威各地"]', "兰州", True),
        ('["@沿海", "-@东莞各地"]', "东莞", False),
    ],
)
def test_sets_of_places(tmp_path: Path, words: str, text: str, flagged: bool) -> None:
    (tmp_path / "sets.toml").write_text(f'"那里" = {words}', "utf-8")
    assert bool(topic(tmp_path, "@那里^3").match("", text)) is flagged


def test_evidence_lies_in_the_displayed_text(tmp_path: Path) -> None:
    (flag,) = topic(tmp_path, "@转移^2").match(
        "甘肅承接產(chǎn)業(yè)轉(zhuǎn)移", "會(huì)議研究產業梯\n度轉(zhuǎn)移。"
    )
    from crawler.text import clean_text

    shown = {
        "title": clean_text("甘肅承接產(chǎn)業(yè)轉(zhuǎn)移"),
        "body": clean_text("會(huì)議研究產業梯\n度轉(zhuǎn)移。"),
    }
    assert [(e.field, e.text) for e in flag.evidence] == [("title", "产业转移"), ("body", "产业梯\n度转移")]
    assert all(shown[e.field][e.start : e.end] == e.text for e in flag.evidence)


@pytest.mark.parametrize(
    ("query", "line", "column", "hint"),
    [
        ("产业转移 飞地", 3, 6, "without an operator"),
        ("产业转移、飞地", 3, 5, "write OR"),
        ("产业转移 or 飞地", 3, 6, "without an operator"),
        ("产业转移 OR", 3, 8, "missing at the end"),
        ("(产业转移 OR 飞地", 3, 12, "never closed"),
        ("飞地\nOR titel:转移", 4, 4, "did you mean title:"),
        ("@沿海地区", 3, 1, "did you mean @沿海?"),
        ("/转移.*/", 3, 5, "has no end"),
        ("/(a|ab){3}转/", 3, 2, "too many ways"),
        ("NOT 飞地", 3, 1, "nothing is said"),
        ("飞地 AND " + "NOT " * 3000 + "园区", 3, 604, "nested more than"),
        ("飞地" + "^1" * 3000, 3, 1, "nested more than"),
        ("(" * 3000 + "飞地" + ")" * 3000, 3, 41, "nested more than"),
        ("飞地 NEAR/5 (NOT 园区)", 3, 12, "NOT has no place"),
    ],
)
def test_errors_name_the_place_and_the_remedy(tmp_path: Path, query: str, line: int, column: int, hint: str) -> None:
    with pytest.raises(TopicError) as caught:
        topic(tmp_path, query)
    assert hint in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'try.toml'}:{line}:{column}: ")
