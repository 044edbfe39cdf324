"""The main job against the sample web, through the command that cron starts."""

import json
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen
from typing import Any

import pytest
from conftest import environment, fengxiang

from crawler.dates import CST
from crawler.export import FIELDS
from crawler.sample.demo import ARTICLE, write_configuration
from crawler.sample.sinks import SmtpSink, WebhookSink
from crawler.sample.texts import SampleArticle, Trap
from crawler.sample.web import SampleWeb


@dataclass
class Desk:
    """A user's folder, pointed at the sample web."""

    folder: Path
    web: SampleWeb
    mail: SmtpSink
    hook: WebhookSink

    def run(self, *options: str) -> CompletedProcess[str]:
        return fengxiang("run", *options, cwd=self.folder)

    def exported(self) -> list[dict[str, Any]]:
        lines = (self.folder / "articles.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def asked(self, since: int = 0) -> tuple[list[str], list[str]]:
        """Return list pages and article pages asked for after a number of requests."""
        paths = [hit.path for hit in self.web.requests[since:] if hit.path != "/robots.txt"]
        return [p for p in paths if not ARTICLE.match(p)], [p for p in paths if ARTICLE.match(p)]


def open_desk(stack: ExitStack, folder: Path) -> Desk:
    web = stack.enter_context(SampleWeb(datetime.now(CST).date()))
    desk = Desk(folder, web, stack.enter_context(SmtpSink()), stack.enter_context(WebhookSink()))
    write_configuration(folder, desk.web, desk.mail, desk.hook)
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk after its first run."""
    with ExitStack() as stack:
        opened = open_desk(stack, tmp_path_factory.mktemp("desk"))
        done = opened.run()
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("2 sources read, 46 new articles, ")
        yield opened


def folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


class TestFirstRun:
    def test_every_planted_article_is_stored_once_and_no_trap_followed(self, desk: Desk) -> None:
        planted = Counter(article.url for article in desk.web.articles)
        assert Counter(record["canonical_url"] for record in desk.exported()) == planted
        followed = set(desk.asked()[1])
        assert not {url for article in desk.web.stale for url in article.urls if url[url.index("/", 8) :] in followed}

    def test_texts_are_what_the_pages_said(self, desk: Desk) -> None:
        records = {record["canonical_url"]: record for record in desk.exported()}
        for article in desk.web.articles:
            record = records[article.url]
            assert folded(record["title"]) == folded(article.title)
            assert folded(record["body"]) == folded(article.body)
            assert record["publish_time"] == article.published.isoformat(timespec="seconds")
            assert folded(record["source_name"]) == folded(article.source_name)
            assert record["author"] in {article.author, article.byline or None}
            expected_form = "annotated" if Trap.GARBLED in article.traps else "simplified"
            assert record["text_form"] == expected_form

    def test_reprints_are_one_story_and_nothing_else_is(self, desk: Desk) -> None:
        told = {article.url: article.story or article.url for article in desk.web.articles}
        stories: dict[int, set[str]] = {}
        for record in desk.exported():
            stories.setdefault(record["story_id"], set()).add(told[record["canonical_url"]])
        assert all(len(names) == 1 for names in stories.values())
        assert len(stories) == len(set(told.values()))

    def test_topics_are_those_a_reader_would_give(self, desk: Desk) -> None:
        wanted = {a.story or a.url for a in desk.web.articles if "industry_transfer" in a.topics}
        told = {article.url: article.story or article.url for article in desk.web.articles}
        flagged = {
            told[record["canonical_url"]]
            for record in desk.exported()
            if "industry_transfer" in {topic["topic"] for topic in record["topics"]}
        }
        others = {a.url for a in desk.web.trapped(Trap.OTHER_TRANSFER)}
        assert wanted <= flagged
        assert not others & flagged

    def test_evidence_stands_where_it_says(self, desk: Desk) -> None:
        records = {record["id"]: record for record in desk.exported()}
        spans = [
            (records[topic["article_id"]][span["field"]][span["start"] : span["end"]], span["text"])
            for record in records.values()
            for topic in record["topics"]
            for span in topic["evidence"]
        ]
        assert spans
        assert all(found == said for found, said in spans)

    def test_records_have_the_documented_keys(self, desk: Desk) -> None:
        assert all(tuple(record) == FIELDS for record in desk.exported())

    def test_first_run_is_one_message_a_channel(self, desk: Desk) -> None:
        stories = {r["story_id"] for r in desk.exported() if r["topics"]}
        title = f"【风向】首次运行：已存 {len(stories)} 条"
        assert [str(mail["Subject"]) for mail in desk.mail.messages] == [title]
        assert [message["title"] for message in desk.hook.messages] == [title]


def test_second_run_asks_for_no_article_and_tells_nobody(desk: Desk) -> None:
    before, told = len(desk.web.requests), len(desk.mail.messages) + len(desk.hook.messages)
    done = desk.run("--all")
    assert (done.returncode, done.stdout) == (0, "2 sources read, 0 new articles, 0 alerts sent\n"), done.stderr
    lists, articles = desk.asked(before)
    assert articles == []
    assert len(lists) == 3
    for hit in desk.web.requests[before:]:
        if hit.path in lists:
            assert {"if-none-match", "if-modified-since"} & set(hit.headers)
            assert hit.status == 304
    assert len(desk.mail.messages) + len(desk.hook.messages) == told


def test_nothing_is_due_right_after_a_run(desk: Desk) -> None:
    before = len(desk.web.requests)
    assert desk.run().stdout == "0 sources read, 0 new articles, 0 alerts sent\n"
    assert len(desk.web.requests) == before


def test_new_article_is_the_only_one_read_and_alerts_once_even_when_a_channel_fails(desk: Desk) -> None:
    before, mails, posts = len(desk.web.requests), len(desk.mail.messages), len(desk.hook.messages)
    new = SampleArticle(
        id="359999",
        site="cehome",
        title="陇东某县承接产业转移 新引进三家装备企业",
        paragraphs=(
            "记者从陇东某县获悉，该县今年承接产业转移，从东部引进三家装备制造企业，厂房已经开工建设，预计明年投产。",
        ),
        published=datetime.now(CST).replace(second=0, microsecond=0),
        column="hangye",
        source_name="示例日报",
    )
    published = desk.web.publish(new)
    desk.hook.refuse_next(1, status=500)
    failed = desk.run("--source", "cn_cehome_hangye")
    assert failed.returncode == 1
    assert "alerts not accepted by: chat" in failed.stdout
    assert set(desk.asked(before)[1]) == {published.url[published.url.index("/", 8) :]}
    again = fengxiang("run", cwd=desk.folder)
    told = len(desk.mail.messages) - mails  # one a topic
    assert told
    assert len(desk.hook.messages) == posts + told - 1, again.stdout
    events = fengxiang("alerts", "ledger", "--channel", "chat", cwd=desk.folder).stdout.splitlines()
    assert any(" failed " in event for event in events)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc, to see what processes do")
def test_reading_process_lasts_as_long_as_the_run(tmp_path: Path) -> None:
    """Both sources are of one host, one after the other, so that for a moment none is open."""
    with ExitStack() as stack:
        open_desk(stack, tmp_path)
        with (tmp_path / "fengxiang.toml").open("a", encoding="utf-8") as file:
            file.write("[reader]\nworkers = 1\n")
        run = [sys.executable, "-P", "-m", "crawler.cli", "run", "--all"]
        seen = set()
        with Popen(run, cwd=tmp_path, env=environment(), stdout=PIPE, stderr=PIPE, text=True) as process:
            while process.poll() is None:
                seen |= readers(process.pid)
                time.sleep(0.005)
            assert process.returncode == 0, process.communicate()[1]
    assert len(seen) == 1


def readers(pid: int) -> set[int]:
    """Return the reading processes that a process has started."""
    found = set()
    with suppress(OSError):  # one has ended
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if "crawler.reader" in Path(f"/proc/{child}/cmdline").read_text():
                found.add(int(child))
    return found
