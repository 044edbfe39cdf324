"""What clean changes, what it leaves alone, and what it says about it."""

import json
import os
from difflib import SequenceMatcher
from pathlib import Path
from unicodedata import normalize

import pytest

from crawler.text import clean, clean_text

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[1].parent / "shared")

UNCHANGED = [
    "",
    "上半年全市地区生产总值(GDP)增长5.9%，《协定》（RCEP）生效，平均3.5小时(h)通关，面积12公顷(ha)。",
    "（记者 某某）省（区、市）和各县(市、区)按〔2025〕12号文执行，(一)抓项目；(2)强服务。",
    "郏（jiá）县、浚（xùn）县、盱眙（xū yí）、筻(gàng)口镇，都是容易念错的地名。",
    "“龍（lóng）”是龙的繁体字，“業(yè)”也是，两个字都收在附录里。",
    "乾坤湾、乾县和瞭望塔；著名作者著有三卷，藉此慰藉；於先生、钟馗与宫商角徵羽。",
    "总部设在香港，刊名《經濟導報》，落款是「王國榮」，报道用的是简体字。",
    "　　段首有两个全角空格。\n\n\n空行也留着，行尾有空格 \n２０２５年，全角数字不动。",
    "half-width marks, only half-width: 价格(含税)上涨,销量下降;他说:好!",
    "他愣住了……真的吗？？！！对，，就是这样——",
    "产业转移 | 承接地 | 到位资金\n甘肃 | 12 | 3.4\n青海 | 8 | 1.2",
    "警方通报：跨境网络赌博团伙利用棋牌平台、直播视频吸引投注，涉案3亿元。",
    "彩票公益金支持全民健身，棋牌、麻将等比赛在社区举行",
    "各国GDP增长率\n各省GDP增长率",
    "半岛铁路建成后，开云集团与米兰的商会来考察，体育产业平台也将上线。",
    "👨‍👩‍👧 一家三口参加了活动。",
]


@pytest.mark.parametrize("text", UNCHANGED)
def test_clean_simplified_text_comes_back_byte_for_byte(text: str) -> None:
    found = clean(text)
    assert found.text == text
    assert found.form == "simplified"
    assert found.repairs == {}


ANNOTATED = [
    ("產(chǎn)業(yè)轉(zhuǎn)移", "产业转移"),
    ("產（chǎn）業（yè ）轉（zhuǎn）移", "产业转移"),
    ("產(cha\u030cn)業(ye\u0300)", "产业"),  # combining marks
    ("綠(lǜ)色發(fā)展,效率(lǜ)優(yōu)先", "绿色发展，效率(lǜ)优先"),  # 率 is no Traditional character
    ("省(區(qū)、市)和縣(區(qū))", "省(区、市)和县(区)"),
    ("各區(qū)(縣)企業(yè)(GDP)項(xiàng)目", "各区(县)企业(GDP)项目"),
    ("顯著(zhù)的產(chǎn)業(yè)優(yōu)勢", "显著的产业优势"),
    ("會(huì )長(cháng)在會(huì )上說", "会长在会上说"),
]


@pytest.mark.parametrize(("text", "expected"), ANNOTATED)
def test_annotations_go_and_real_brackets_stay(text: str, expected: str) -> None:
    found = clean(text)
    assert found.text == expected
    assert found.form == "annotated"
    assert found.repairs["annotation"] > 0


def test_a_reading_aid_in_traditional_text_stays() -> None:
    text = "河南的郟（jiá）縣與長（zhǎng）子縣，縣長和廠長都念錯過，長江邊的人更不會念。"
    assert clean_text(text) == "河南的郏（jiá）县与长（zhǎng）子县，县长和厂长都念错过，长江边的人更不会念。"
    assert clean(text).form == "traditional"


SIMPLIFIED = [
    # 著 / 着
    ("著名作家著有三本論著,著作等身,見微知著", "著名作家著有三本论著，著作等身，见微知著"),
    ("土著與原著,編著、譯著、專著、遺著和拙著", "土著与原著，编著、译著、专著、遗著和拙著"),
    ("著力推進,著手建設,著眼長遠,隨著、沿著、笑著、意味著,執著、沉著、附著、著陸", None),
    # 乾 / 干
    (
        "乾旱、乾燥、餅乾、乾淨;幹部、骨幹、若干、乾坤、乾隆、康乾盛世、乾縣",
        "干旱、干燥、饼干、干净；干部、骨干、若干、乾坤、乾隆、康乾盛世、乾县",
    ),
    # 后 / 後, 余 / 餘, 里 / 裏, 台 / 臺, 只 / 隻, 系 / 係 / 繫, 发 / 髮
    ("皇后、太后在後宮,以後、落後、以后", "皇后、太后在后宫，以后、落后、以后"),
    ("餘額、業餘、三百餘人、余先生、馀下", "余额、业余、三百余人、余先生、余下"),
    ("裏面、公里、鄰里、這裡", "里面、公里、邻里、这里"),
    ("臺灣、颱風、檯面、台州、平臺", "台湾、台风、台面、台州、平台"),
    ("一隻船隻,只有、祇有", "一只船只，只有、祇有"),
    ("關係、聯繫、系統、維繫、關系", "关系、联系、系统、维系、关系"),
    ("理髮、頭髮、發展、不斷髮展", "理发、头发、发展、不断发展"),
    ("瞭解、明瞭、瞭望;徵收、象徵、長征;憑藉、慰藉、藉口", "了解、明了、瞭望；征收、象征、长征；凭借、慰藉、借口"),
    ("範圍、范圍、示范、製造、制造、制度", "范围、范围、示范、制造、制造、制度"),
    # what converters by code page and Hong Kong prints write
    ("承接京津産業,説明、綫路、羣眾、衞生、裏程、峯會、敍述", "承接京津产业，说明、线路、群众、卫生、里程、峰会、叙述"),
    ("陜西、陝西與淸理、値班", "陕西、陕西与清理、值班"),
    ("壹致通過,第壹責任人建立壹個窗口", "一致通过，第一责任人建立一个窗口"),
    ("產業鍊與供應鍊;鍛鍊;計畫、規畫、規劃", "产业链与供应链；锻炼；计划、规划、规划"),
    # the page's own words stay
    ("資訊化、高品質發展、技術水準、最佳化營商環境", "资讯化、高品质发展、技术水准、最佳化营商环境"),
]


@pytest.mark.parametrize(("text", "expected"), SIMPLIFIED)
def test_traditional_of_every_habit(text: str, expected: str | None) -> None:
    found = clean(text)
    assert found.form == "traditional"
    assert found.text == expected if expected else "著" not in found.text


def test_bankers_numerals_stay() -> None:
    assert clean_text("人民幣壹萬元整,壹佰貳拾元") == "人民币壹万元整，壹佰贰拾元"
    assert clean_text("壹基金與一個項目,資產總額") == "壹基金与一个项目，资产总额"


def test_marks_go_back_only_where_the_whole_text_was_folded() -> None:
    folded = "會議(簡稱“年會”)開幕,時間:10:20,增長3,127.5億元;地址:http://example.com/a?b=1,請查收!"
    assert (
        clean_text(folded)
        == "会议（简称“年会”）开幕，时间：10:20，增长3,127.5亿元；地址：http://example.com/a?b=1，请查收！"
    )
    mixed = "會議(簡稱“年會”)開幕，時間:10:20"
    assert clean_text(mixed) == "会议(简称“年会”)开幕，时间:10:20"


def test_doubled_marks_of_a_mirror_go() -> None:
    found = clean("企業(yè)落戶,,設(shè)備,、廠房,。建設(shè)……加快")
    assert found.text == "企业落户，设备、厂房。建设……加快"
    assert found.repairs["doubled_punctuation"] == 3


def test_what_cannot_be_seen_goes() -> None:
    found = clean("\ufeff产\u200b业转\u2060移&nbsp;项目\xad\n????  近日印发\u0007。")
    assert found.text == "产业转移 项目\n近日印发。"
    assert found.repairs == {"zero_width": 5, "entity": 1, "lost_indent": 1}


def test_copy_tails_behind_words_go_with_those_behind_sentences() -> None:
    found = clean("水韵荷城Kxe某某东站\n全市增速第一。Kxe某某东站\n苹果App客户端\n安卓App客户端")
    assert found.text == "水韵荷城\n全市增速第一。\n苹果App客户端\n安卓App客户端"


KEYWORDS = "亚洲精品国产无码一区二区三区,久久成人免费视频在线观看"
GAMBLING = "澳门新葡京娱乐城_百家乐投注官网-手机版下载"
BETS = "在线麻将平台,足球比分直播,影视大全极速版app下载"
ARTICLE = "园区近日承接产业转移项目12个。\n总投资8亿元。"
FARM = "主站蜘蛛池模板: 青岩县| 白石县| 红土区"
PLACES = "青岩县| 白石县| 红土区| 黄坡县| 绿洲市| 黑水县| 蓝田区| 银川区| 金沙县|"


@pytest.mark.parametrize(
    ("text", "repairs"),
    [
        (f"{KEYWORDS}\n{ARTICLE}", {"hijacked_line": 1}),
        (f"{GAMBLING}\n{KEYWORDS}\n{ARTICLE}", {"hijacked_line": 2}),
        (f"{BETS}\n\n{ARTICLE}", {"hijacked_line": 1}),
        (f"{ARTICLE}\n{FARM}", {"link_farm": 1}),
        (f"{ARTICLE}\n{PLACES}", {"link_farm": 1}),
        (ARTICLE.replace("近日", "半岛体育官网近日"), {"inline_ad": 1}),
        (ARTICLE.replace("承接", "金沙体育承接").replace("总投资", "金沙体育APP总投资"), {"inline_ad": 2}),
        (ARTICLE.replace("总投资", "癫痫病医院哪家好总投资"), {"inline_ad": 1}),
        ("园区近日承接产业转移项目12个。QUz某某新闻网\n总投资8亿元。Xms某某新闻网", {"copy_tail": 2}),
    ],
)
def test_intruders_go(text: str, repairs: dict[str, int]) -> None:
    found = clean(text)
    assert found.text == ARTICLE
    assert found.repairs == repairs


def test_a_simplified_keyword_line_does_not_hide_an_annotated_article() -> None:
    found = clean(f"{KEYWORDS}\n{KEYWORDS}\n承接產(chǎn)業(yè)轉(zhuǎn)移")
    assert found.text == "承接产业转移"
    assert found.form == "annotated"


def test_a_text_that_is_all_keywords_stays() -> None:
    assert clean_text(KEYWORDS) == KEYWORDS


def test_cleaning_again_changes_nothing() -> None:
    for text in [*UNCHANGED, *(text for text, _ in ANNOTATED + SIMPLIFIED), f"{KEYWORDS}\n{ARTICLE}"]:
        once = clean_text(text)
        assert clean_text(once) == once


@pytest.mark.skipif(not (SHARED / "sets/annotated.dev.jsonl").exists(), reason="the development set is not here")
def test_development_set() -> None:
    rows = [json.loads(line) for line in (SHARED / "sets/annotated.dev.jsonl").read_text("utf-8").splitlines()]
    pairs = [(normalize("NFKC", clean_text(row["text"])), normalize("NFKC", row["clean"])) for row in rows]
    accuracy = [SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in pairs]
    assert sum(accuracy) / len(rows) >= 0.995
    assert sum(found == restored for found, restored in pairs) >= 0.9 * len(rows)
    assert all(clean_text(row["text"]) == row["text"] for row in rows if row["text"] == row["clean"])
