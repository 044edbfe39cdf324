"""The documents cannot drift from the code: keys, commands, links and examples are checked against it."""

import hashlib
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer
from conftest import article, fengxiang

from crawler.alerts import load_channels
from crawler.cli import app
from crawler.config import PREFIX, TEMPLATE, Config, load_config
from crawler.export import FIELDS, records
from crawler.sources import Selectors, Source, load_source
from crawler.store import Placement, Selection, Store
from crawler.tomlfile import Strict
from crawler.topics import Evidence, Flag, load_folders
from spiders.base import SourceSpider

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
# Written elsewhere and not merged yet: take a line out when the page is there.
PENDING: set[str] = set()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(read(name)) if kind == language]


def code(text: str) -> Iterator[str]:
    """Yield the lines of fenced blocks and the code spans of a page."""
    for _, block in FENCE.findall(text):
        yield from block.splitlines()
    yield from SPAN.findall(" ".join(FENCE.sub("", text).split()))


def tables(text: str) -> dict[str, list[list[str]]]:
    """Return the rows of the tables below each heading, cells stripped, without head and rule."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in FENCE.sub("", text).splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").strip("`")
        elif line.startswith("| `"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            found.setdefault(heading, []).append([cell.strip() for cell in cells])
    return found


def keys(rows: list[list[str]]) -> list[str]:
    return [row[0].strip("`") for row in rows]


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of a page get."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def models() -> dict[str, type[Strict]]:
    return {name: field.annotation for name, field in Config.model_fields.items() if field.annotation}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"https?://|mailto:", link):
            continue
        place, _, anchor = unquote(link).partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() and str(target.relative_to(ROOT)) in PENDING:
            continue
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target.read_text("utf-8")), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    for line in code(page.read_text("utf-8")):
        if call := re.search(r"(?:^|\s|/)fengxiang((?: +(?:[a-z]|--?[a-z]).*)+)$", line.split(" #")[0]):
            assert_command(shlex.split(call[1].split(" | ")[0].replace("…", "")), line)


@pytest.mark.parametrize(("page", "name"), [("docs/operation.md", "run"), ("docs/export.md", "export")], ids=str)
def test_every_option_is_documented(page: str, name: str) -> None:
    command: Any = typer.main.get_command(app)
    described = set(re.findall(r"(?<!\w)--?[a-z][a-z-]*", " ".join(code(read(page)))))
    for parameter in command.commands[name].params:
        assert described & set(parameter.opts), parameter.opts


def assert_command(words: list[str], line: str) -> None:
    command: Any = typer.main.get_command(app)
    value_follows = False
    for word in words:
        if value_follows:
            value_follows = False
        elif word.startswith("-"):
            options = {name: option for option in command.params for name in option.opts}
            assert word in options or word == "--help", f"{line}: no option {word}"
            value_follows = word in options and not getattr(options[word], "is_flag", False)
        elif hasattr(command, "commands"):
            assert word in command.commands, f"{line}: no command {word}"
            command = command.commands[word]


def test_every_command_is_documented() -> None:
    pages = "\n".join(page.read_text("utf-8") for page in PAGES)
    command: Any = typer.main.get_command(app)
    for name, sub in command.commands.items():
        for path in [f"{name} {inner}" for inner in getattr(sub, "commands", ())] or [name]:
            assert f"fengxiang {path}" in pages or f"make {path}" in pages, path


def test_every_setting_is_documented_with_its_default() -> None:
    described = tables(read("docs/configuration.md"))
    shown, table = dict[str, str](), ""
    for line in TEMPLATE.splitlines():
        if head := re.match(r"\[(\w+)\]", line):
            table = head[1]
        elif default := re.match(r"# (\w+) = (.+?)(?:  +#.*)?$", line):
            shown[f"{table}.{default[1]}"] = default[2]
    for table, model in models().items():
        rows = described[f"[{table}]"]
        assert keys(rows) == list(model.model_fields), table
        for key, default, _ in rows:
            assert default.strip("`") == shown[f"{table}.{key.strip('`')}"], f"[{table}] {key}"
    assert {name for name in described if name.startswith("[")} == {f"[{table}]" for table in models()}


def test_every_key_of_a_source_is_documented() -> None:
    page = read("docs/sources.md")
    assert keys(tables(page)["Keys"]) == [name for name in Source.model_fields if name != "id"]
    for name in Selectors.model_fields:
        assert f"`{name}`" in page.partition("Keys of `[selectors]`")[2], name


def test_variables_of_the_environment_set_known_keys() -> None:
    texts = [page.read_text("utf-8") for page in PAGES] + [read("deploy/crontab.example")]
    for name in set(re.findall(rf"{PREFIX}([A-Z_]+[A-Z])\b", "\n".join(texts))) - {"CONFIG"}:  # no setting
        table, _, key = name.lower().partition("_")
        assert key in models()[table].model_fields, name


def exported(store: Store) -> list[dict[str, Any]]:
    """Return the lines of a flagged article and its reprint."""
    first = article(1)
    first.flags = [Flag("topic", 0.6, (Evidence("title", 0, 1, first.title[0]),))]
    story = store.save_article(first, [1], Placement(), {}, first.fetched_at)
    store.save_article(article(2), [1], Placement((story,), 1.0, "shared"), {}, first.fetched_at)
    return list(records(store, Selection()))


def test_every_key_of_a_line_is_documented(store: Store) -> None:
    first, reprint = exported(store)
    line, flag = tables(read("docs/export.md"))["The line"][: len(FIELDS)], first["topics"][0]
    assert keys(line) == list(first) == list(reprint) == list(FIELDS)
    assert keys(tables(read("docs/export.md"))["The line"][len(FIELDS) :]) == list(flag)
    described = read("docs/export.md")
    assert all(f"`{key}`" in described for key in flag["evidence"][0])


def test_example_line_is_true_to_its_schema(store: Store) -> None:
    example = json.loads(blocks("docs/export.md", "json")[0])
    first = exported(store)[0]
    assert list(example) == list(FIELDS)
    assert list(example["topics"][0]) == list(first["topics"][0])
    for span in example["topics"][0]["evidence"]:
        assert list(span) == list(first["topics"][0]["evidence"][0])
        assert example[span["field"]][span["start"] : span["end"]] == span["text"]
    digest = hashlib.sha256(f"{example['title']}\n{example['body']}".encode()).hexdigest()
    assert example["content_hash"] == digest


def test_examples_load(tmp_path: Path) -> None:
    source, topic = blocks("CONTRIBUTING.md", "toml")
    for folder, name, text in (
        ("sources", "gs_example_news.toml", source),
        ("topics", "cold_chain.toml", topic),
        (".", "fengxiang.toml", blocks("docs/configuration.md", "toml")[0]),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(text, "utf-8")
    loaded = load_source(tmp_path / "sources" / "gs_example_news.toml")
    assert loaded.is_article("https://www.example.cn/news/20261125/7.shtml")
    assert load_config(tmp_path / "fengxiang.toml", {}).sources.folders == (tmp_path / "sources",)
    topics = load_folders([tmp_path / "topics"])
    for shown in next(iter(topics)).examples:
        assert bool(topics.match(shown.title, shown.body)) == shown.hit, shown


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise imports it
@pytest.mark.parametrize(
    ("page", "names"), [("CONTRIBUTING.md", ["team"]), ("docs/alerts.md", ["desk", "team"])], ids=str
)
def test_examples_of_channels_load(page: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "channels.yaml").write_text(blocks(page, "yaml")[0], "utf-8")
    assert list(load_channels(tmp_path / "channels.yaml")) == names


def test_example_of_a_family_is_one() -> None:
    namespace: dict[str, Any] = {"__name__": "spiders.flat"}
    exec(blocks("CONTRIBUTING.md", "python")[0], namespace)
    family = namespace["FAMILY"]
    assert issubclass(family, SourceSpider)
    assert family.parse_list is not SourceSpider.parse_list


def shape(output: str) -> set[str]:
    """Return the lines of a demo without figures and findings, which any better rule moves: labels and titles stay."""
    lines = (re.sub(r"^ +.*  |(?<= )\d\.\d\d: .*|，另有.*", "", line) for line in output.splitlines())
    return {re.sub(r"\d+", "0", line) for line in lines if line.strip(" …")}


def test_readmes_show_what_the_demo_prints(tmp_path: Path) -> None:
    done = fengxiang("demo", "--folder", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("README.md", "README.zh-CN.md"):
        commands, shown, *_ = blocks(name, "")
        assert commands == "make demo\nmake test\n"
        assert shape(shown) <= shape(done.stdout), f"{name} is out of date; `make demo` prints:\n{done.stdout}"


def test_guarantees_name_tests_that_exist() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)(?:::([\w:]+))?`", read("docs/guarantees.md")))
    assert len(named) > 40
    for path, test in named:
        assert (ROOT / path).is_file(), path
        for name in filter(None, test.split("::")):
            assert re.search(rf"^ *(?:def|class) {name}\b", read(path), re.MULTILINE), f"{path}::{test}"
