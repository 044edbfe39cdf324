"""Topic files: what is read, and what is said when it cannot be."""

from pathlib import Path

import pytest

from crawler.errors import UsageError
from crawler.topics import TopicError, load_folders, load_topics

PACKS = {
    "business_environment",
    "equipment_policy",
    "industry_transfer",
    "infrastructure",
    "investment_promotion",
    "market_data",
    "park_development",
}


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def test_the_shipped_packs_are_complete() -> None:
    topics = load_topics()
    assert {topic.id for topic in topics} == PACKS
    for topic in topics:
        assert topic.name
        assert topic.description
        assert sum(example.hit for example in topic.examples) >= 12, topic.id
        assert sum(not example.hit for example in topic.examples) >= 12, topic.id


def test_every_key_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "try.toml",
        """
name = "试"
description = "试一试"
query = "飞地^3"
threshold = 0.4
region = ["甘肃"]
direction = "inbound"
sources = ["gs_*"]
document_types = ["通知"]
channels = ["group"]
audiences = ["招商"]
[examples]
hit = ["飞地\\n在飞地里"]
miss = ["园区"]
""",
    )
    topic = load_topics(tmp_path)["try"]
    assert (topic.regions, topic.direction, topic.sources) == (("甘肃",), "inbound", ("gs_*",))
    assert (topic.document_types, topic.channels, topic.audiences) == (("通知",), ("group",), ("招商",))
    assert [(e.title, e.body, e.hit) for e in topic.examples] == [("飞地", "在飞地里", True), ("", "园区", False)]


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ('name = "试"\nquery = "a OR"', "try.toml:2:14: ", "missing at the end"),
        ("name = \"试\"\nquery = '''\na\nOR b c\n'''", "try.toml:4:6: ", "without an operator"),
        ('name = "试"\nquery = "a"\ntreshold = 0.5', "try.toml:3: ", "did you mean 'threshold'?"),
        ('name = "试"', "try.toml: ", "'query' is missing"),
        ('name = "试"\nquery = "a"\nthreshold = 2', "try.toml:3: ", "threshold"),
        ('name = "试"\nquery = "a"\ndirection = "in"', "try.toml:3: ", "direction"),
        ('name = "试"\nquery = "a"\n[sets]\n东部 = ["上海"]', "try.toml:4:1: ", "in quotes"),
        ('name = "试"\nquery = "@东部"\n[sets]\n"东部" = ["@西部"]', "try.toml:", "takes in @西部, which is unknown"),
        ('name = "试"\nquery = "@东部"\n[sets]\n"东部" = ["@东部"]', "try.toml:", "contains itself"),
        ('name = "试\n', "try.toml:1: ", "not valid TOML"),
    ],
)
def test_errors_name_file_line_and_remedy(tmp_path: Path, text: str, place: str, hint: str) -> None:
    write(tmp_path, "try.toml", text)
    with pytest.raises(UsageError) as caught:
        load_topics(tmp_path)
    assert str(tmp_path / place.partition(":")[0]) + ":" in str(caught.value)
    assert place in str(caught.value)
    assert hint in str(caught.value)


def test_the_place_of_an_error_can_be_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "try.toml", "name = \"试\"\nquery = '''\n@没有\n'''")
    with pytest.raises(TopicError) as caught:
        load_topics(tmp_path)
    error = caught.value
    assert (error.path, error.line, error.column, error.key) == (tmp_path / "try.toml", 3, 1, "query")


def test_a_later_folder_replaces_and_shares_its_sets(tmp_path: Path) -> None:
    first = write(tmp_path / "one", "sets.toml", '"东部" = ["上海"]')
    write(first, "try.toml", 'name = "一"\nquery = "@东部^3"')
    second = write(tmp_path / "two", "try.toml", 'name = "二"\nquery = "@东部^3 AND 飞地^3"')
    topics = load_folders([first, second])
    assert [topic.name for topic in topics] == ["二"]
    assert not topics.match("", "上海")
    assert topics.match("", "上海的飞地")


def test_filters_ask_only_what_is_known(tmp_path: Path) -> None:
    write(tmp_path, "try.toml", 'name = "试"\nquery = "飞地^3"\nsources = ["gs_*"]\ndocument_types = ["通知"]')
    topics = load_topics(tmp_path)
    assert topics.match("", "飞地")
    assert topics.match("", "飞地", source_id="gs_daily", document_type="通知")
    assert not topics.match("", "飞地", source_id="gd_daily")
    assert not topics.match("", "飞地", document_type="公告")


@pytest.mark.parametrize(
    ("keys", "flagged"),
    [
        ('region = ["甘肃"]', True),
        ('region = ["贵州"]', False),
        ('region = ["甘肃"]\ndirection = "inbound"', True),
        ('region = ["甘肃"]\ndirection = "outbound"', False),
    ],
)
def test_region_and_direction(tmp_path: Path, keys: str, flagged: bool) -> None:
    write(tmp_path, "try.toml", f'name = "试"\nquery = "承接产业转移^3"\n{keys}')
    title, body = (
        "甘肃承接产业转移",
        "甘肃省有序承接东部地区产业转移,兰州、白银、天水三市引进的企业陆续从外地迁入甘肃。",
    )
    assert bool(load_topics(tmp_path).match(title, body)) is flagged


def test_fields_of_the_document(tmp_path: Path) -> None:
    write(tmp_path, "try.toml", 'name = "试"\nquery = "docno:甘政办^3 AND source:日报^3 AND section:政策^3"')
    topics = load_topics(tmp_path)
    assert topics.match("", "甘政办发〔2024〕12号", source="某日报", section="政策文件")
    assert topics.match("", "正文", docno="甘政办发〔2024〕12号", source="某日报", section="政策文件")
    assert not topics.match("", "甘政办发〔2024〕12号", source="某晚报", section="政策文件")
