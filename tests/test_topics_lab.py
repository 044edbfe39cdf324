"""The laboratory, the explanation, and what keeps a stranger's rule from harming the crawl."""

import time
from pathlib import Path

import pytest

from crawler.topics import Topics, explain, load_topics
from crawler.topics.check import check_topics
from crawler.topics.pattern import PatternError, compile_pattern
from crawler.topics.suggest import suggest
from crawler.topics.trial import backtest, evaluate, match_records, run_examples


def one(tmp_path: Path, query: str, rest: str = "") -> Topics:
    (tmp_path / "try.toml").write_text(f"name = \"试\"\nquery = '''{query}'''\n{rest}", "utf-8")
    return load_topics(tmp_path)


def test_shipped_examples_come_out_as_written() -> None:
    failed = [outcome for outcome in run_examples(load_topics()) if not outcome.passed]
    assert not failed


def test_match_and_explain_agree() -> None:
    topics = load_topics()
    for topic in topics:
        for example in topic.examples:
            flags = {flag.topic: flag.score for flag in topics.match(example.title, example.body)}
            for other in topics:
                told = explain(topics, other.id, example.title, example.body)
                assert told.flagged is (other.id in flags)
                assert not told.flagged or told.score == flags[other.id]


def test_explanation_shows_every_part(tmp_path: Path) -> None:
    topics = one(tmp_path, "产业转移^2 OR (飞地 AND NOT 转移支付) OR 招聘^-1")
    told = explain(topics, "try", "产业转移", "产业转移和飞地,不是转移支付。招聘")
    parts = {part.text: (part.matched, part.points) for part in told.parts}
    assert parts["产业转移^2"] == (True, 5.5)  # title 2 + half of lead 1.5, twice
    assert parts["飞地 AND NOT 转移支付"] == (False, 0.0)
    assert parts["NOT 转移支付"] == (False, 0.0)
    assert parts["招聘^-1"] == (True, -1.0)
    assert (told.points, told.score, told.flagged) == (4.5, round(4.5 / 6.5, 4), True)
    assert [part.note for part in told.parts if part.text == "NOT 转移支付"] == ["stops the text"]


def test_explanation_says_that_a_sentence_ends_between(tmp_path: Path) -> None:
    topics = one(tmp_path, "(产业转移 NEAR/5 飞地)^2")
    note = "both parts stand in the text, but not within 5 characters of one sentence"
    assert [part.note for part in explain(topics, "try", "", "产业转移。飞地").parts] == [note]
    assert [part.note for part in explain(topics, "try", "", "产业转移").parts] == [""]


@pytest.mark.parametrize(
    ("body", "zone"),
    [
        ("正文讲的是别的事。\n" * 3 + "相关阅读\n某市产业转移园开工", "boilerplate"),
        ("当前位置:首页 > 产业转移 > 正文", "breadcrumb"),
        ("抓好项目建设、乡村振兴、产业转移、招商引资、民生保障", "slogan chain"),
        ("首页 新闻 政务 招商 产业转移 服务 投稿\n今天小满。", "link list"),
        ("选题方向:1.产业组织;2.产业转移;3.数字经济;4.平台治理", "slogan chain"),
        ("乙副主任分管综合、产业转移工作。", "career"),
        ("首页|新闻|产业转移|图片|视频|关于", "link list"),
        ("某市产业转移园开工\n某县办招商会\n某镇修了路\n某村通了水\n某厂招了人\n", "link list"),
        ("某人,1970年出生,1992年参加工作,曾任产业转移园管委会副主任。", "career"),
    ],
)
def test_words_in_a_zone_count_little(tmp_path: Path, body: str, zone: str) -> None:
    topics = one(tmp_path, "产业转移^2")
    told = explain(topics, "try", "", body)
    assert not told.flagged
    assert zone in next(part.note for part in told.parts if part.spans)


def test_a_long_text_thins_its_words(tmp_path: Path) -> None:
    topics = one(tmp_path, "产业转移^2")
    filler = "这一段说的是别的事。\n\n"
    assert topics.match("", filler * 50 + "承接产业转移。")
    assert not topics.match("", filler * 300 + "承接产业转移。")


def test_the_same_words_count_once(tmp_path: Path) -> None:
    told = explain(one(tmp_path, "产业转移^2 OR 承接产业转移 OR 转移"), "try", "", "承接产业转移")
    assert told.points == 3.0


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("产业转移^2 OR 承接产业转移^2", "shadowed"),
        ("产业转移^2 OR 产业转移", "shadowed"),
        ("承接产业转移^3 AND NOT 产业转移", "contradictory"),
        ("(转移支付 EXCEPT 转移)^3", "contradictory"),
        ("body:飞地^0.1", "unreachable"),
        ("产业转移^2 OR 飞地^2", "never fires"),
        ("(产业转移^2 EXCEPT 转移支付)^2", "doubtful"),
        ("产业转移^2 AND NOT 转移支付^2", "doubtful"),
        ("产业转移^2 OR (承接^2 AND 产业^-1)", "doubtful"),
        ("产业转移 飞地", "error"),
        ("@没有", "error"),
    ],
)
def test_check_finds(tmp_path: Path, query: str, kind: str) -> None:
    (tmp_path / "try.toml").write_text(f"name = \"试\"\nquery = '''{query}'''\n[examples]\nhit = [\"a\"]\n", "utf-8")
    assert [finding.kind for finding in check_topics([tmp_path], [("", "承接产业转移")])] == [kind]


def test_check_goes_on_after_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\nquery = "a b"', "utf-8")
    (tmp_path / "b.toml").write_text('name = "b"\nquery = "a OR (b"', "utf-8")
    assert [finding.path.stem for finding in check_topics([tmp_path]) if finding.kind == "error"] == ["a", "b"]


def test_check_leaves_a_longer_weightier_phrase_alone(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'name = "a"\nquery = "产业转移^2 OR 承接产业转移^3"\n[examples]\nhit=["a"]', "utf-8"
    )
    assert not check_topics([tmp_path])


RECORDS = [
    {"id": "1", "title": None, "text": "承接产业转移", "labels": ["try"]},
    {"id": "2", "title": "双向飞地", "text": "两地共建", "labels": ["try"]},
    {"id": "3", "title": "产业转移支付", "text": "财政", "labels": []},
]


def test_evaluation_names_the_mistakes(tmp_path: Path) -> None:
    (scores,) = evaluate(one(tmp_path, "产业转移^2"), RECORDS)
    assert (scores.right, scores.precision, scores.recall, scores.f1) == (1, 0.5, 0.5, 0.5)
    assert [(mistake.id, mistake.kind, mistake.words) for mistake in scores.mistakes] == [
        ("2", "missed", ()),
        ("3", "false alarm", ("产业转移",)),
    ]


def test_backtest_tells_what_a_change_brings(tmp_path: Path) -> None:
    old = one(tmp_path, "产业转移^2")
    new = one(tmp_path, "(产业转移 EXCEPT 转移支付)^2 OR 飞地^2")
    assert [(change.id, change.sign, change.words) for change in backtest(new, old, RECORDS)] == [
        ("2", "+", ("飞地",)),
        ("3", "-", ("产业转移",)),
    ]
    assert [(name, len(flags)) for name, flags in match_records(new, RECORDS)] == [("1", 1), ("2", 1), ("3", 0)]


def test_suggestions_are_whole_words() -> None:
    marked = [f"{a}腾笼换鸟{b}" for a, b in [("某市", "做实"), ("本县", "抓好"), ("我省", "推进"), ("该区", "列为")]]
    others = ["某市抓好项目", "我省推进改革", "该区列为重点", "本县做实民生"]
    assert suggest(marked, others)[0].word == "腾笼换鸟"
    assert "腾笼换鸟" not in {proposal.word for proposal in suggest(marked, others, known=["腾笼换鸟"])}


@pytest.mark.parametrize(
    "source",
    [
        "转.*",
        "转.+",
        "转{2,}",
        r"(转)\1",
        "(?=转)移",
        "(?P<x>转)",
        "(转?移?){9}",
        "转.{0,99}.{0,99}移",
        "(转",
        "[转",
        "a|",
        "转{3,2}",
    ],
)
def test_a_pattern_without_a_ceiling_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(source, str)


def test_the_dearest_pattern_stays_cheap(tmp_path: Path) -> None:
    topics = one(tmp_path, "/[转移][转移]{0,9}[转移]{0,9}[转移]{0,9}支/^3")
    start = time.process_time()
    topics.match("", "转移" * 50_000)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("page", ["企业从东莞搬到赣州,", "产业转移", "产业转移\n", "|产业转移", "产业、", ">", "1"])
def test_a_hostile_page_costs_little_and_switches_nothing_off(page: str) -> None:
    topics = load_topics()
    start = time.process_time()
    topics.match("", page * 100_000)
    assert not topics.disabled
    assert time.process_time() - start < 5


def test_a_rule_that_takes_too_long_is_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.topics.engine.BUDGET", 0.0)
    topics = one(tmp_path, "飞地^3")
    assert topics.match("", "飞地")
    assert "try" in topics.disabled
    assert not topics.match("", "飞地")
    assert not explain(topics, "try", "", "飞地").flagged
