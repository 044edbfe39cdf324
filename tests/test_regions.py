"""Regions: provinces of names, chief province of a text, direction of industry transfer."""

import json
import os
from pathlib import Path

import pytest

from crawler.regions import AREAS, PROVINCES, Location, locate, province_of
from crawler.regions.build import rows, short_name
from crawler.regions.gazetteer import gazetteer
from crawler.regions.reading import read

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared")


@pytest.mark.parametrize(
    ("name", "province"),
    [
        ("甘肃", "甘肃"),
        ("甘肃省", "甘肃"),
        ("620000", "甘肃"),
        ("62", "甘肃"),
        ("620102", "甘肃"),
        ("甘", "甘肃"),
        ("陇", "甘肃"),
        ("兰州", "甘肃"),
        ("兰州市", "甘肃"),
        ("兰州新区", "甘肃"),
        ("积石山县", "甘肃"),
        ("黔南州", "贵州"),
        ("海南", "海南"),
        ("海南州", "青海"),
        ("察右后旗", "内蒙古"),
        ("新疆生产建设兵团", "新疆"),
        ("石河子", "新疆"),
        ("鼓楼区", None),  # in four provinces
        ("江东省", None),
        ("99", None),
        ("", None),
    ],
)
def test_province_of(name: str, province: str | None) -> None:
    assert province_of(name) == province


def test_names_are_complete_and_areas_name_provinces() -> None:
    names = {province.name for province in PROVINCES}
    assert len(names) == 34
    assert all(set(provinces) <= names for provinces in AREAS.values())
    assert all(province_of(province.full) == province.name for province in PROVINCES)


def texts() -> list[tuple[str, str, str, str]]:
    lines = (Path(__file__).parent / "regions.tsv").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]  # type: ignore[misc]


@pytest.mark.parametrize(("title", "body", "region", "direction"), texts())
def test_chief_province_and_direction(title: str, body: str, region: str, direction: str) -> None:
    found = locate(title, body.replace("\\n", "\n"))
    assert found.region == (region or None)
    if direction != "-":
        assert found.direction == (direction or None)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("湖南省怀化市通道侗族自治县", "湖南省 怀化市 通道侗族自治县"),
        ("来安徽投资,从江苏昆山搬来", "安徽 江苏 昆山"),  # not 来安, 从江
        ("长江西岸,珠江西岸,阿里巴巴,大理石", ""),
        ("海南州与海南省", "海南州 海南省"),
        ("在苏州,赴鄂尔多斯,入桂林", "苏州 鄂尔多斯 桂林"),  # not 在苏, 赴鄂, 入桂
        ("粤企入黔,来闽商户", "粤企 入黔 闽商"),
        ("黔粤协作,豫沪对接,闽宁镇,新青年", "黔粤 豫沪 闽宁"),
        ("苏鲁豫皖交界,皖、赣、鄂三省", "苏鲁豫皖 皖、赣、鄂"),
        ("京津冀与北京时间", "京津冀"),
    ],
)
def test_place_names(text: str, places: str) -> None:
    found = [text[mention.start : mention.end] for mention in gazetteer().mentions(text)]
    assert " ".join(found) == places


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("嘉兴只留样品间。泸溪县的订单多了。", "sender origin"),
        ("货从嘉兴发出。", ""),
        ("往嘉兴看。", ""),
        ("从嘉兴有关部门了解到", "office"),
        ("嘉兴的厂迁到泸溪县。", "origin target"),
    ],
)
def test_parts_of_places(text: str, parts: str) -> None:
    assert " ".join(place.role for place in read("", text).places).strip() == parts


GOAL_WORDS = [
    "迁到",
    "搬往",
    "挪进",
    "落户",
    "北上",
    "西进",
    "奔向",
    "移师",
    "建在",
    "扎根",
    "落脚在",
    "带回",
    "运到了",
    "有的厂去了",
    "有的到了",
]


@pytest.mark.parametrize("words", GOAL_WORDS)
def test_words_before_a_goal(words: str) -> None:
    assert read("", f"厂房空了,{words}泸溪县").places[0].role == "target"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("民权人守信用。", "民权"),
        ("把工人带回天门。", "天门"),
        ("天门打开了。", ""),
    ],
)
def test_a_common_word_is_a_place_where_only_a_place_can_stand(text: str, places: str) -> None:
    assert " ".join(place.name for place in read("", text).places) == places


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("兰州市", "兰州"),
        ("忠县", "忠县"),
        ("黔南布依族苗族自治州", "黔南"),
        ("长白朝鲜族自治县", "长白"),
        ("彭水苗族土家族自治县", "彭水"),
        ("龙胜各族自治县", "龙胜"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("管城回族区", "管城"),
        ("神农架林区", "神农架"),
        ("万柏林区", "万柏林"),
        ("碑林区", "碑林"),
        ("察哈尔右翼前旗", "察哈尔右翼前"),
        ("喀什地区", "喀什"),
    ],
)
def test_short_name(name: str, short: str) -> None:
    assert short_name(name) == short


def test_rows_of_a_package(tmp_path: Path) -> None:
    tables = {
        "province": [{"code": "640000", "name": "宁夏回族自治区"}],
        "city": [{"code": "640300", "name": "吴忠市"}, {"code": "640399", "name": "自治区直辖县级行政区划"}],
        "area": [{"code": "640303", "name": "红寺堡区"}, {"code": "640301", "name": "市辖区"}],
    }
    (tmp_path / "dist").mkdir()
    for stem, table in tables.items():
        (tmp_path / "dist" / f"{stem}.json").write_text(json.dumps(table), "utf-8")
    found = [row for row in rows(tmp_path) if row[0].startswith("64")]
    assert found == [
        ("640000", "宁夏回族自治区", "宁夏"),
        ("640300", "吴忠市", "吴忠"),
        ("640303", "红寺堡区", "红寺堡"),
    ]


def test_one_text_in_every_script() -> None:
    """Traditional and annotated pages are cleaned first."""
    simplified = locate("郴州承接产业转移", "湖南郴州今年从珠三角引进模具企业二十家。")
    assert simplified.region == "湖南"
    assert locate("郴州承接產業轉移", "湖南郴州今年從珠三角引進模具企業二十家。") == simplified
    assert (
        locate("郴州承接產(chǎn)業(yè)轉(zhuǎn)移", "湖南郴州今年從珠三角引進(jìn)模具企業(yè)二十家。") == simplified
    )


def test_cleaned_text_need_not_be_cleaned_again() -> None:
    title, body = "天水引来东部企业", "天水市今年从江苏引来企业十二家。"
    assert locate(title, body, cleaned=True) == locate(title, body)


def test_weights_are_ordered_and_empty_text_has_none() -> None:
    weights = list(locate("贵州引来粤企", "毕节与东莞签约,浙江企业也来了。").regions.values())
    assert len(weights) > 1
    assert weights == sorted(weights, reverse=True)
    assert locate("", "") == Location()


@pytest.mark.skipif(not (SHARED / "sets").is_dir(), reason="development sets absent")
def test_development_set() -> None:
    lines = (SHARED / "sets" / "topics.dev.jsonl").read_text("utf-8").splitlines()
    found = [(row, locate(row["title"] or "", row["text"])) for row in map(json.loads, lines)]
    placed = [place.region == row["region"] for row, place in found if row["region"]]
    directed = [place.direction == row["direction"] for row, place in found if "industry_transfer" in row["labels"]]
    assert sum(placed) / len(placed) >= 0.98
    assert sum(directed) / len(directed) >= 0.95
