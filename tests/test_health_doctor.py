"""The doctor: what it says of a good desk, and of each thing that is broken."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import fengxiang

from crawler.config import Config, load_config
from crawler.health.doctor import Finding, examine
from crawler.run import routes_of
from crawler.store import Store

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
OK = {"outcome": "ok", "reason": None, "counts": {}}
SOURCE = """\
name = "例"
kind = "portal"
family = "listing"
list_urls = ["http://a.example/list/"]
article = "/a/"
"""


def desk(folder: Path) -> Config:
    (folder / "sources").mkdir()
    (folder / "sources" / "gs_a.toml").write_text(SOURCE, "utf-8")
    (folder / "fengxiang.toml").write_text('[sources]\nfolders = ["sources"]\nshipped = false\n', "utf-8")
    (folder / "channels.yaml").write_text("urls: [{'json://127.0.0.1:1': {tag: ops}}]", "utf-8")
    (folder / "channels.yaml").chmod(0o600)
    return load_config(folder / "fengxiang.toml", {})


def read(config: Config, began: datetime, exit_code: int = 0) -> None:
    store = Store(config.store.url)
    run = store.begin_run({}, began)
    store.source_done(run, "gs_a", began, began, OK)
    store.end_run(run, exit_code, began)
    store.close()


def found(config: Config) -> dict[str, list[Finding]]:
    findings: dict[str, list[Finding]] = {}
    for finding in examine(config, NOW, routes_of):
        findings.setdefault(finding.what, []).append(finding)
    return findings


def test_good_desk_is_called_good(tmp_path: Path) -> None:
    config = desk(tmp_path)
    read(config, NOW - timedelta(minutes=10))
    findings = found(config)
    assert not [one for several in findings.values() for one in several if one.verdict == "fail"]
    [due] = findings["next due"]
    assert due.text == "0 now; then gs_a 11-26 09:17"
    [channels] = findings["channels"]
    assert channels.text == "1; troubles are told to ops; nothing was sent"


@pytest.mark.parametrize(
    ("name", "text", "what", "said"),
    [
        ("sources/gs_a.toml", SOURCE + "pges = 3\n", "sources", "gs_a.toml"),
        ("channels.yaml", "urls: [nonsense]", "channels", "channels.yaml"),
        ("subscribers.toml", "[[subscriber]]\nname = 'x'\nchannels = ['nobody']\n", "channels", "nobody"),
        ("var/fengxiang.db", "this is no database at all" * 100, "store", "not a SQLite database"),
    ],
)
def test_what_is_broken_is_named_and_the_rest_is_still_looked_at(
    tmp_path: Path, name: str, text: str, what: str, said: str
) -> None:
    config = desk(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text, "utf-8")
    findings = found(config)
    assert any(one.verdict == "fail" and said in one.text for one in findings[what])
    assert {"sources", "topics", "channels", "store", "disk", "time zone"} <= set(findings)


@pytest.mark.parametrize(
    ("age", "what", "said"),
    [
        (timedelta(days=3), "runs", "does cron start us?"),
        (-timedelta(hours=1), "clock", "set the clock"),
    ],
)
def test_job_that_stopped_and_clock_that_is_wrong(tmp_path: Path, age: timedelta, what: str, said: str) -> None:
    config = desk(tmp_path)
    read(config, NOW - age)
    [finding] = found(config)[what]
    assert (finding.verdict, said in finding.text) == ("fail", True)


def test_command_prints_a_line_each_and_exits_by_what_it_found(tmp_path: Path) -> None:
    desk(tmp_path)
    done = fengxiang("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line.split("\t")[0] in {"ok", "warn"} for line in done.stdout.splitlines())
    (tmp_path / "channels.yaml").write_text("urls: [nonsense]", "utf-8")
    assert fengxiang("doctor", cwd=tmp_path).returncode == 1
