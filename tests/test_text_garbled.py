"""Texts of our own, garbled the way mirror tools garble them: byte by byte in GBK."""

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from opencc import OpenCC

from crawler.text import clean
from crawler.text.damage import HOLE
from crawler.text.plausible import readings

TEXTS = """
本报讯（记者 某某）昨日，全市承接产业转移工作推进会在开发区召开。会议听取了各县区上半年项目进展，研究下一步招商\
方向，要求围绕装备制造、新材料、现代物流三条产业链，主动对接东部企业，帮助落户企业解决用工、用电、融资等实际问题\
。
今年以来，我县新签约项目26个，总投资38.5亿元，同比增长12.7%；已开工19个，投产7个。县里为每个项目配\
了专员，从土地、环评到施工许可全程代办，让企业少跑路、早投产。负责人说：“设备进场那天，水电路网都已经通到了车间\
门口。”
据介绍，该省（区、市）将继续优化营商环境，完善园区规划，加快标准厂房、铁路专用线和污水处理厂建设，推动机械、纺织\
、电子信息等优势产业集群发展。到2027年，力争引进省外资金超过800亿元，规模以上工业企业达到1200家（含在\
建）。
《关于支持开发区高质量发展的若干意见》近日印发。意见提出，鼓励东西部协作双方共建产业园，税收按约定比例分成；对带\
动就业多的龙头企业，在贷款贴息、设备更新、技术改造等方面给予扶持；建立省级联席会议制度，每季度调度一次。
""".strip().split("\n")
LIGHT = "發業區經現產網設聯協規數轉戰據優農務"
HEAVY = LIGHT + "進點會項實動個濟機國長時導報對給達認領"
SPACED = "會來產業發實協經質開動網務專聯進長時"
TO_TRADITIONAL = OpenCC("s2t")
KEPT = "后里余云于范制并升占采干面系只表准"  # converters that go by character leave these
MARKED = re.compile("[^a-zü]")  # a tone mark
STRADDLED = {"。".encode("gbk"), "！".encode("gbk"), "？".encode("gbk")}


def traditional(text: str) -> str:
    return "".join(char if char in KEPT else TO_TRADITIONAL.convert(char) for char in text)


def reading_of(char: str) -> str:
    return next(syllable for syllable, chars in readings().items() if char in chars and MARKED.search(syllable))


def annotate(text: str, chars: str, *, wide: bool = False, space: bool = False) -> str:
    opening, closing = "（）" if wide else "()"
    end = " " if space else ""
    return "".join(f"{char}{opening}{reading_of(char)}{end}{closing}" if char in chars else char for char in text)


def torn(text: str, chars: str, *, tear: bool = True) -> Iterator[int | str]:
    """Yield the bytes of a text in GBK and, between them, what the tool puts in: it looks for byte pairs anywhere."""
    marks = {char.encode("gbk"): f"({reading_of(char)})" for char in chars}
    data = text.encode("gbk")
    starts, index = set(), 0
    for char in text:
        starts.add(index)
        index += len(char.encode("gbk"))
    index = 0
    while index < len(data):
        pair = data[index : index + 2]
        aligned = index in starts
        if data[index] >= 0x80 and pair in marks and (aligned or tear):
            yield from (*pair, marks[pair])
            index += 2
            if not aligned and index < len(data):
                yield data[index]
                index += 1
        elif tear and not aligned and pair in STRADDLED:
            yield from ("\0", data[index])
            index += 1
        else:
            yield data[index]
            index += 1


def shown(stream: Iterator[int | str]) -> str:
    """Decode as the mirrors' browsers do: a broken pair gives ?, an unassigned one nothing."""
    items = [unit for part in stream for unit in ([part] if isinstance(part, int) else part)]
    text, index = "", 0
    while index < len(items):
        lead, trail = items[index], items[index + 1] if index + 1 < len(items) else ""
        index += 1
        if isinstance(lead, str):
            text += lead.strip("\0")
        elif lead < 0x80:
            text += chr(lead)
        elif isinstance(trail, int) and 0x40 <= trail < 0xFF and trail != 0x7F:
            text += bytes([lead, trail]).decode("gbk", "ignore")
            index += 1
        else:
            text += "?"
            index += isinstance(trail, str) or trail < 0x80
    return text


@pytest.mark.parametrize("chars", [LIGHT, HEAVY, SPACED])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("space", [False, True])
@pytest.mark.parametrize("text", TEXTS)
def test_annotated_text_comes_back(text: str, chars: str, wide: bool, space: bool) -> None:
    found = clean(annotate(traditional(text), chars, wide=wide, space=space))
    assert found.text == text
    assert found.form == "annotated"
    assert set(found.repairs) == {"annotation", "traditional"}


@pytest.mark.parametrize("text", TEXTS)
def test_folded_punctuation_comes_back(text: str) -> None:
    folded = annotate(traditional(text), HEAVY).translate(str.maketrans("，：；！？（）", ",:;!?()"))
    assert clean(folded).text == text


def test_torn_text_is_repaired_or_cut_but_never_passed_on() -> None:
    repairs: Counter[str] = Counter()
    annotatable = sorted({char for syllable, chars in readings().items() if MARKED.search(syllable) for char in chars})
    choose = random.Random(7)
    for text in TEXTS * 8:
        chars = "".join(choose.sample(annotatable, 900))
        found = clean(shown(torn(traditional(text), chars)))
        repairs.update(found.repairs)
        assert found.repairs.get("cut_run", 0) == found.text.count(HOLE)
        pattern = ".{0,40}".join(re.escape(piece) for piece in found.text.split(HOLE))
        assert re.fullmatch(pattern, text), found.text
    # A third of the torn runs fell on bytes that decode to nothing; those can only be cut.
    assert repairs["ghost"] + repairs["shifted_run"] > repairs["cut_run"] > 0


@pytest.mark.parametrize(
    ("garbled", "restored"),
    [
        ("承接?xùn)|部", "承接东部"),  # 接東, where 訓 lies across the two
        ("今年房?jì)r(jià)平稳", "今年房价平稳"),
        ("晨報訊:據《每日?qǐng)?bào)》", "晨报讯：据《每日报》"),
        ("由此駛?cè)肓烁咚侔l(fā)展期", "由此驶入了高速发展期"),
        ("提前謀劃項目?jī)蓚(gè)", "提前谋划项目两个"),
        ("舊線更新?lián)Q代", "旧线更新换代"),
        ("效果很明顯?！睆垨|說", "效果很明显。”张东说"),
        ("完成調研??h領導表示", "完成调研。县领导表示"),
        ("來自20多個?。▍^(qū)、市)的客商", "来自20多个省（区、市）的客商"),
        ("確?！奥鋵?shí)到位", "确保“落实到位"),
        ("由此駛?cè)肟燔嚨馈?", "由此驶入快车道。"),
    ],
)
def test_known_ways_of_tearing(garbled: str, restored: str) -> None:
    assert clean(garbled).text == restored


@pytest.mark.parametrize("garbled", ["合金?zhàn)詣踊O(shè)備", "推行?！焙颖笔嬷菔兄行尼t(yī)院", "能源?xyù)垨設備"])
def test_what_cannot_be_proved_is_cut(garbled: str) -> None:
    found = clean(garbled)
    assert HOLE in found.text
    assert "cut_run" in found.repairs
    assert not set("詣踊焙舒垨") & set(found.text)


@pytest.mark.parametrize(
    "text", ["這是真的嗎?我們認為是。", "誰來負責?！他問。", "什么?！我不信。", "王?某说。", "怎么办？？"]
)
def test_a_question_is_no_damage(text: str) -> None:
    assert HOLE not in clean(text).text
    assert clean(text).text.count("?") + clean(text).text.count("？") == text.count("?") + text.count("？")


def test_rare_characters_behind_a_lost_byte_end_the_run() -> None:
    """GBK does not have 㗁, so that nothing says where the bytes are in step again."""
    found = clean("\ufffd㗁餅獢")
    assert (found.text, set(found.repairs)) == (f"{HOLE}㗁饼獢", {"cut_run", "traditional"})


def test_compatibility_character_behind_a_lost_byte_is_left() -> None:
    assert clean("這個\ufffd\uf9fb會議").text.endswith("会议")
