"""The command on bad days: one line with the remedy, the right exit code, nothing fetched and nothing lost."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import environment, fengxiang
from test_run import Desk, open_desk

from crawler.sample.sinks import SmtpSink, WebhookSink

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[1].parent / "shared"))


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def source_at(folder: Path, address: str) -> None:
    (folder / "sources").mkdir()
    (folder / "sources" / "cn_example.toml").write_text(
        'name = "示例"\nkind = "news"\nfamily = "listing"\nprivate = true\n'
        f'list_urls = ["http://{address}/"]\narticle = "/a/"\n',
        "utf-8",
    )
    (folder / "fengxiang.toml").write_text('[sources]\nfolders = ["sources"]\nshipped = false\n', "utf-8")


def test_unreachable_site_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    source_at(tmp_path, f"127.0.0.1:{closed_port()}")
    done = fengxiang("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "failed: cn_example" in done.stdout
    assert "robots.txt is not to be had" in done.stderr
    assert "Connection refused" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--source", "cn_cehome_hangyee"), "no source 'cn_cehome_hangyee'; did you mean 'cn_cehome_hangye'?"),
        (("--config", "absent.toml", "run"), "absent.toml: no such settings file; `fengxiang init` writes one"),
        (("alerts", "test", "desk"), "no channel 'desk'; the file has none yet"),
    ],
)
def test_wrong_words(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = fengxiang(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_store_that_cannot_be_written(tmp_path: Path) -> None:
    done = fengxiang("run", cwd=tmp_path, FENGXIANG_STORE_URL="sqlite:////proc/none/fx.db")
    assert done.returncode == 1
    assert done.stderr.startswith("fengxiang: store sqlite:////proc/none/fx.db: folder cannot be made")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("foo", "key 'url' in [store]: not the address of a store"),
        ("nosuch+driver://u:geheim@localhost/x", "key 'url' in [store]: not the address of a store"),
    ],
)
def test_store_address_that_is_none_is_not_repeated(tmp_path: Path, address: str, message: str) -> None:
    done = fengxiang("check", cwd=tmp_path, FENGXIANG_STORE_URL=address)
    assert done.returncode == 2
    assert message in done.stderr
    assert "geheim" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("urls:\n  - nosuch://x:\n      tag: desk\n", 2, "not one address that apprise understands"),
        ("urls:\n  - json://localhost:\n      tag: a, b\n", 2, "needs exactly one tag"),
        ("urls:\n  - json://localhost\n", 2, "needs exactly one tag"),
        ("urls:\n  - json://a:\n      tag: x\n  - json://b:\n      tag: x\n", 4, "two addresses with the tag 'x'"),
        ("urls: [\n", 2, "not valid YAML"),
        ("channels: []\n- 1\n", 2, "not valid YAML"),
    ],
)
def test_broken_channels_file(tmp_path: Path, text: str, line: int, message: str) -> None:
    (tmp_path / "channels.yaml").write_text(text, "utf-8")
    done = fengxiang("check", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"fengxiang: {tmp_path / 'channels.yaml'}:{line}: {message}"), done.stderr


def test_topic_that_names_an_unknown_channel_stops_the_run(tmp_path: Path) -> None:
    source_at(tmp_path, f"127.0.0.1:{closed_port()}")
    (tmp_path / "topics").mkdir()
    topic = 'name = "示例"\nquery = "产业转移"\nchannels = ["desk"]\n'
    (tmp_path / "topics" / "example.toml").write_text(topic, "utf-8")
    with (tmp_path / "fengxiang.toml").open("a", encoding="utf-8") as settings:
        settings.write('[topics]\nfolders = ["topics"]\nshipped = false\n')
    done = fengxiang("run", cwd=tmp_path)
    assert done.returncode == 2
    assert "example.toml: key 'channels': no channel 'desk' in the channels file; add it" in done.stderr


def test_channel_can_be_tried(tmp_path: Path) -> None:
    with SmtpSink() as mail, WebhookSink() as hook:
        (tmp_path / "channels.yaml").write_text(
            f"urls:\n  - mailto://127.0.0.1:{mail.port}?from=a@example.com&to=b@example.com:\n      tag: mail\n"
            f"  - json://{hook.url.removeprefix('http://')}:\n      tag: hook\n",
            "utf-8",
        )
        for name in ("mail", "hook"):
            said = fengxiang("alerts", "test", name, cwd=tmp_path).stdout
            assert said.startswith(f"{name} accepted the message: ")
        assert (len(mail.messages), len(hook.messages)) == (1, 1)
        hook.refuse_next(1, status=500)
        assert fengxiang("alerts", "test", "hook", cwd=tmp_path).returncode == 1


def test_extract_reads_files_folders_and_standard_input(tmp_path: Path) -> None:
    page = (
        "<html><head><title>陇原示范园开工_示例网</title></head><body><h1>陇原示范园开工</h1>"
        "<p>2026-11-20 09:30 来源：示例日报</p><div><p>示范园今日开工，园区将承接产业转移，首批引进三家企业。</p>"
        "<p>项目全部建成后，预计每年新增产值二十亿元，带动就业三千人。</p></div></body></html>"
    ).encode()
    (tmp_path / "pages").mkdir()
    for name in ("a.html", "b.shtml", "c.txt"):
        (tmp_path / "pages" / name).write_bytes(page)
    lines = fengxiang("extract", "pages", "pages/a.html", cwd=tmp_path).stdout.splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["pages/a.html", "pages/b.shtml", "pages/a.html"]
    assert {json.loads(line)["publish_time"] for line in lines} == {"2026-11-20T09:30:00+08:00"}
    command = [sys.executable, "-P", "-m", "crawler.cli", "extract", "-", "--explain"]
    told = subprocess.run(command, input=page, cwd=tmp_path, env=environment(), capture_output=True, check=True)
    assert {"title", "body", "date"} <= set(json.loads(told.stdout))
    assert fengxiang("extract", "absent.html", cwd=tmp_path).returncode == 2


def test_source_is_made_from_the_address_of_a_list(tmp_path: Path) -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, tmp_path)
        (tmp_path / "sources" / "gs_gansudaily.toml").unlink()
        url = desk.web.local("http://gansu.gansudaily.com.cn/gsbb/index.shtml")
        done = fengxiang("sources", "add", url, "--private", "-o", "sources/gs_new.toml", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert any(article.title in done.stderr for article in desk.web.articles)
        read = desk.run("--source", "gs_new")
        assert read.returncode == 0, read.stderr
        wanted = {a.url for a in desk.web.articles if a.column == "gsbb"}
        assert wanted <= {record["canonical_url"] for record in desk.exported()}
        again = fengxiang("sources", "add", url, "-o", "sources/gs_new.toml", cwd=tmp_path)
        assert (again.returncode, "is there already" in again.stderr) == (2, True)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk after its first run."""
    with ExitStack() as stack:
        desk = open_desk(stack, tmp_path_factory.mktemp("filled"))
        done = desk.run()
        assert done.returncode == 0, done.stderr
        yield desk


class TestDesk:
    """What an analyst does with a filled store."""

    def test_story_is_shown_split_and_merged(self, filled: Desk) -> None:
        reprint = next(record for record in filled.exported() if record["duplicate_of"])
        story = str(reprint["story_id"])
        shown = fengxiang("stories", "show", story, cwd=filled.folder).stdout
        assert "first published" in shown
        assert f"article {reprint['id']} " in shown
        split = fengxiang("stories", "split", str(reprint["id"]), cwd=filled.folder).stdout
        alone = split.split()[-1]
        assert fengxiang("stories", "merge", alone, story, cwd=filled.folder).stdout == f"both are now story {story}\n"
        assert fengxiang("stories", "show", "9999", cwd=filled.folder).returncode == 2

    def test_topics_are_tried_and_applied(self, filled: Desk) -> None:
        def topics(*arguments: str) -> str:
            done = fengxiang("topics", *arguments, cwd=filled.folder)
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert "0 errors" in topics("check")
        assert "examples as they should be" in topics("test")
        flagged = {r["id"] for r in filled.exported() for t in r["topics"] if t["topic"] == "industry_transfer"}
        told = topics("backtest", "industry_transfer")
        assert {int(line.split()[2]) for line in told.splitlines() if line.startswith("+")} <= flagged
        explained = topics("explain", "industry_transfer", str(min(flagged)))
        whole = topics("explain", "industry_transfer", str(min(flagged)), "--all")
        assert "flagged" in explained
        assert len(whole.splitlines()) > len(explained.splitlines()) > 3
        assert max(map(len, whole.splitlines())) < 300
        assert topics("reflag") == "0 flags added, 0 taken away; alerts not queued\n"
        records = [{"id": r["id"], "title": r["title"], "text": r["body"], "labels": ["x"]} for r in filled.exported()]
        path = filled.folder / "in.jsonl"
        path.write_text("\n".join(map(json.dumps, records)), "utf-8")
        assert len(topics("match", "-i", "in.jsonl").splitlines()) == len(records)
        assert "macro F1" in topics("eval", "-i", "in.jsonl")
        path.write_text('{"id": 1}\n{', "utf-8")
        broken = fengxiang("topics", "match", "-i", "in.jsonl", cwd=filled.folder)
        assert (broken.returncode, "in.jsonl:2: not JSON" in broken.stderr) == (2, True)


class TestScrapy:
    """Scrapy's own command on the same sources."""

    def scrapy(self, desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "scrapy", *arguments]
        return subprocess.run(
            command,
            cwd=desk.folder,
            env=environment(SCRAPY_SETTINGS_MODULE="crawler.settings"),
            text=True,
            capture_output=True,
            check=True,
        )

    def test_list_and_crawl_leave_no_trace(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            desk = open_desk(stack, tmp_path)
            assert self.scrapy(desk, "list").stdout == "cn_cehome_hangye\ngs_gansudaily\n"
            for _ in range(2):  # a spider tried by hand marks nothing as seen
                self.scrapy(desk, "crawl", "gs_gansudaily", "-O", "out.jsonl")
                lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
                wanted = {article.url for article in desk.web.articles if article.site == "gansudaily"}
                assert sorted(json.loads(line)["canonical_url"] for line in lines) == sorted(wanted)
            assert not (tmp_path / "var").exists()
            assert not desk.mail.messages

    def test_dry_run_leaves_no_trace(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            desk = open_desk(stack, tmp_path)
            assert "46 new articles, 0 alerts sent" in desk.run("--dry-run").stdout
            assert not (tmp_path / "var").exists()
            assert not desk.mail.messages


def test_terminated_run_ends_soon_and_is_made_good(tmp_path: Path) -> None:
    with ExitStack() as stack:
        desk = open_desk(stack, tmp_path)
        command = [sys.executable, "-P", "-m", "crawler.cli", "run"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL) as process:
            while len(desk.web.requests) < 10:
                assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 1
        assert not desk.mail.messages
        assert desk.run().returncode == 0
        assert len(desk.exported()) == len(desk.web.articles)


@pytest.mark.skipif(not (SHARED / "samples").is_dir(), reason="the shared samples are not here")
@pytest.mark.parametrize("page", ["cehome_article_mirrored.html", "cehome_article_gbk.html"])
def test_seed_article(tmp_path: Path, page: str) -> None:
    import unicodedata

    url = "https://www.cehome.com/news/20250122/359001.shtml"
    done = fengxiang("extract", str(SHARED / "samples" / page), "--url", url, cwd=tmp_path)
    found = json.loads(done.stdout)
    expected = json.loads((SHARED / "samples" / "cehome_article.expected.json").read_text("utf-8"))

    def narrow(text: str) -> str:
        return unicodedata.normalize("NFKC", text)

    assert narrow(found["title"]) == narrow(expected["title"])
    assert found["publish_time"] == "2025-01-22T09:30:00+08:00"
    assert (found["source"], found["author"]) == (expected["source"], expected["author"])
    assert [narrow(line) for line in found["body"].split("\n")] == [narrow(line) for line in expected["body"]]
    assert "industry_transfer" in {topic["topic"] for topic in found["topics"]}
