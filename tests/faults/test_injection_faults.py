"""Fifty hostile texts through the whole chain, from a site to every output: they stay text."""

import csv
import html
import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import unquote_plus

import pytest
from conftest import NOW, SOAK, fengxiang
from hostile_texts import EACH, TEXTS, HostileDesk, open_hostile_desk

from crawler.check import Finding, Seen, html_report
from crawler.export import FIELDS

pytestmark = pytest.mark.slow  # `make test-slow`

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
MENTIONS = re.compile(r"@|<at|<!|matrix\.to|U0123456>", re.IGNORECASE)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Markup(HTMLParser):
    """The tags of a text, where links lead, and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HostileDesk, CompletedProcess[str]]]:
    """A desk that told its channels of a calm article, then of fifty hostile ones, and what the second run printed."""
    with ExitStack() as stack:
        desk = open_hostile_desk(stack, tmp_path_factory.mktemp("desk"))
        first = desk.fengxiang("run")
        assert first.returncode == 0, first.stderr
        desk.vendors.forget_pace()
        desk.vendors.taken.clear()
        desk.vendors.posts.clear()
        desk.mail.messages.clear()
        desk.site.texts[1:] = TEXTS
        yield desk, desk.fengxiang("run", "--all")


@pytest.fixture(scope="module")
def desk(told: tuple[HostileDesk, CompletedProcess[str]]) -> HostileDesk:
    return told[0]


def records(desk: HostileDesk) -> list[dict[str, object]]:
    return [json.loads(line) for line in (desk.folder / "out/articles.jsonl").read_bytes().split(b"\n") if line]


def test_every_article_came_through(told: tuple[HostileDesk, CompletedProcess[str]]) -> None:
    desk, done = told
    assert done.returncode == 0, done.stdout + done.stderr
    assert desk.vendors.refused == []
    found = records(desk)
    assert len(found) == len(TEXTS) + 1
    numbers = {int(re.search(r"第(\d+)号", str(record["title"]))[1]) for record in found}  # type: ignore[index]
    assert numbers == set(range(len(TEXTS) + 1))
    assert all("承接产业转移" in str(record["body"]) for record in found)


@pytest.mark.parametrize("name", EACH)
def test_chat_mentions_nobody_and_links_nowhere(desk: HostileDesk, name: str) -> None:
    texts = desk.vendors.taken[name]
    shown = "\n".join(texts).replace("\r\n", "\n")  # apprise's own line end between title and text
    assert len(re.findall(r"第\d+号方案", shown)) >= 20, "most are told in full"
    links = re.findall(r"https?://[^\s)\"'<>]+", html.unescape(shown))
    # Matrix is given plain text beside the markup, without links.
    assert {link.split("/")[2] for link in links} == (set() if name == "matrix" else {desk.site.address})
    assert "evil.example" not in shown
    assert not STEERING.search(shown)
    if name == "telegram":
        assert_markup(desk, shown)
    elif name == "matrix":  # no program mentions anybody for a tag in its plain text
        assert "@" not in shown
    else:
        assert not MENTIONS.search(shown), MENTIONS.findall(shown)


def assert_markup(desk: HostileDesk, text: str) -> None:
    markup = Markup(text)
    assert set(markup.tags) <= {"b", "strong", "a", "i", "p", "br", "h1"}
    assert all(link.startswith(f"http://{desk.site.address}/") for link in markup.links)
    assert "@" not in text


def test_nobody_is_mentioned_on_the_wire(desk: HostileDesk) -> None:
    posts = [post for post in desk.vendors.posts if post.raw not in {b"", b"null"}]  # Matrix is asked things, too
    assert len(posts) >= len(EACH)
    for post in posts:
        raw = post.raw.decode()  # JSON, or the fields of a form
        sent = json.dumps(post.json, ensure_ascii=False) if raw.startswith("{") else unquote_plus(raw)
        assert not re.search(r"@(all|所有人|everyone|here|room)", sent)
        if post.host == "matrix.example.org":
            assert_markup(desk, post.json.get("formatted_body", ""))
        else:
            assert not re.search(r"<at[ >]|<!(channel|here)", sent)


@pytest.mark.parametrize("name", sorted({"dingtalk", "feishu", "discord"} & set(EACH)))
def test_markdown_has_only_our_marks(desk: HostileDesk, name: str) -> None:
    for text in desk.vendors.taken[name]:
        assert not re.search(r"!\[|`|~~|^#{1,6} (?!【风向】)|\|", text, re.MULTILINE)
        assert text.count("](") == len(re.findall(rf"\]\(http://{desk.site.address}/news/\d+\.html\)", text))


def test_mail_has_our_headers_and_tags_only(desk: HostileDesk) -> None:
    assert desk.mail.messages
    for message, recipients in zip(desk.mail.messages, desk.mail.recipients[-len(desk.mail.messages) :], strict=True):
        assert recipients == ["desk@example.com"]
        assert message.get_all("Bcc") is None
        assert [str(value) for value in message.get_all("To") or []] == ["desk@example.com"]
        assert len(message.get_all("Subject") or []) == 1
        assert not STEERING.search(str(message["Subject"]))
        assert "\n" not in str(message["Subject"])
        assert {part.get_content_type() for part in message.walk()} == {
            *("multipart/alternative", "text/plain", "text/html")
        }
        for part in message.walk():
            if part.get_content_maintype() != "text":
                continue
            text = part.get_content()
            assert not STEERING.search(text.replace("\r\n", "\n"))
            assert "evil.example" not in text.replace("\u2060", "|")
            if part.get_content_subtype() == "html":
                markup = Markup(text)
                assert not {"script", "img", "iframe", "svg", "style", "form"} & set(markup.tags)
                assert not {name for name in markup.names if name.startswith("on")}
                assert all(link.startswith(f"http://{desk.site.address}/") for link in markup.links)


def test_jsonl_has_a_line_an_article_for_every_program(desk: HostileDesk) -> None:
    text = (desk.folder / "out/articles.jsonl").read_bytes().decode()
    assert len(text.splitlines()) == text.count("\n") == len(TEXTS) + 1
    assert not STEERING.search(text)


def test_csv_has_no_formula_and_no_further_cell(desk: HostileDesk) -> None:
    done = desk.fengxiang("export", "--format", "csv", "-o", "out.csv")
    assert done.returncode == 0, done.stderr
    with (desk.folder / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert (tuple(head), len(rows)) == (FIELDS, len(TEXTS) + 1)
    for row in rows:
        assert len(row) == len(FIELDS)
        for cell in row:
            assert not unicodedata.normalize("NFKC", cell).lstrip().startswith(("=", "+", "-", "@")), cell
            assert not cell.startswith(("\t", "\r"))
            assert not STEERING.search(cell)


def test_terminal_is_not_steered(desk: HostileDesk) -> None:
    stories = range(2, len(TEXTS) + 2) if SOAK else (32, 48)
    commands = [
        *(
            ("alerts", "ledger"),
            ("health",),
            ("health", "--json"),
            ("sources",),
            ("sources", "checks"),
            ("db", "check"),
        ),
        *(("export",), ("export", "--format", "csv"), ("topics", "backtest", "transfer"), ("doctor",)),
        *(("stories", "show", str(story)) for story in stories),
        ("topics", "explain", "transfer", "46"),
    ]
    for command in commands:
        done = desk.fengxiang(*command)
        for shown in (done.stdout, done.stderr):
            assert not STEERING.search(shown.replace("\r\n", "\n").removeprefix("\ufeff")), (command, shown[:2000])
        if command[0] in {"export", "stories"}:
            assert done.stdout


def test_log_lines_are_ours(told: tuple[HostileDesk, CompletedProcess[str]]) -> None:
    _, done = told
    lines = done.stderr.splitlines()
    assert not STEERING.search(done.stderr)
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:|  ", line) for line in lines), done.stderr
    assert not [line for line in lines if line.startswith("2026-11-25 08:00:00,000")]


def report(texts: tuple[str, ...]) -> str:
    findings = []
    for number, text in enumerate(texts):
        seen = Seen(f"http://example.org/{number}", text, "2026-11-20", 99, text, text)
        options = {"source": f"gs_{number}", "name": text, "family": "listing", "at": NOW}
        found = Finding(**options, robots="ok", articles=[seen], problems=[text], remarks=[text])  # type: ignore[arg-type]
        findings.append(found)
    return html_report(findings, datetime.now(UTC))


def test_report_is_the_same_page_whatever_the_texts(desk: HostileDesk) -> None:
    calm, hostile = Markup(report(("平",) * len(TEXTS))), Markup(report(TEXTS))
    assert (hostile.tags, hostile.names, hostile.links) == (calm.tags, calm.names, calm.links)
    done = desk.fengxiang("sources", "check", "gs_example", "--report", "report.html")
    assert not STEERING.search(done.stdout + done.stderr)
    page = (desk.folder / "report.html").read_text("utf-8")
    assert "Content-Security-Policy" in page
    assert not {"script", "img", "iframe", "svg"} & set(Markup(page).tags)


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium: apt-get install chromium")
def test_no_script_runs_in_the_report(tmp_path: Path) -> None:
    assert CHROMIUM
    policy = re.compile(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>")
    page = report(TEXTS)
    bare = "<!DOCTYPE html><title>x</title><body>" + "".join(text for text in TEXTS if "'owned'" in text)
    pages = {
        "report": page,
        "without policy": policy.sub("", page),  # the texts are escaped, so it is not needed
        "unescaped": bare.replace("<title>", policy.search(page)[0] + "<title>"),  # type: ignore[index]
        "owned": bare,  # the texts do run where nothing holds them
    }
    ran = {}
    for name, text in pages.items():
        path = tmp_path / f"{name.replace(' ', '_')}.html"
        path.write_text(text.replace("\x00", ""), "utf-8", "surrogatepass")
        command = [
            CHROMIUM,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
        ]
        done = subprocess.run(
            [*command, "--virtual-time-budget=2000", "--dump-dom", path.as_uri()],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "<title>" in done.stdout, done.stderr
        ran[name] = "<title>owned</title>" in done.stdout
    assert ran == {"report": False, "without policy": False, "unescaped": False, "owned": True}


@pytest.mark.parametrize("name", ["../../evil.toml", "gs_../evil", "..", "a/b.toml"])
def test_names_cannot_leave_their_folder(tmp_path: Path, name: str) -> None:
    """An id is a file's own stem in a narrow alphabet, so none can name another place."""
    (tmp_path / "sources").mkdir()
    done = fengxiang("sources", "add", "http://127.0.0.1:9/", "-o", f"sources/{name}", cwd=tmp_path)
    assert done.returncode != 0
    assert {path.name for path in tmp_path.rglob("*")} <= {"sources", "var"}
