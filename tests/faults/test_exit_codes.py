"""Every kind of run that fails, through the real command: a non-zero exit and words that say why. No false success."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from conftest import SOAK, environment
from forked import Forked, can_fork
from health_faults import CHALLENGE, NOWHERE, SETTINGS, Desk, SecureSite, Site, page
from test_render import browsers

from crawler.lock import run_lock
from crawler.render.browser import NAMES
from crawler.sample.server import Page, Request

pytestmark = pytest.mark.slow  # `make test-slow`

BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
TOPIC = 'name = "开工"\nquery = "集中开工"\nchannels = ["ops"]\n'
SIDE_BY_SIDE = 4  # trials; most of them wait for something


@dataclass
class Trial:
    """A desk with one source that is well, until something is planted."""

    desk: Desk
    stack: ExitStack
    options: tuple[str, ...] = ("--all",)
    code: str = "pass"  # runs in the process before the command
    variables: dict[str, str] = field(default_factory=dict)
    started: list[Forked | subprocess.Popen[bytes]] = field(default_factory=list)
    on_request: Callable[[Request], Page | None] = lambda _request: None

    @property
    def folder(self) -> Path:
        return self.desk.folder

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, "utf-8")

    def set(self, table: str, line: str) -> None:
        self.write("fengxiang.toml", f"{SETTINGS}[{table}]\n{line}\n")

    def run(self) -> tuple[int, str]:
        env = environment(**self.variables)
        with TemporaryFile("w+", encoding="utf-8") as said:
            if self.code == "pass" and can_fork(self.variables) and not SOAK:
                run: Forked | subprocess.Popen[bytes] = Forked(["run", *self.options], self.folder, env, said, said)
            else:
                words = [sys.executable, "-P", "-c", f"{self.code}\nfrom crawler.cli import main\nmain()", "run"]
                run = subprocess.Popen([*words, *self.options], cwd=self.folder, env=env, stdout=said, stderr=said)
            self.started.append(run)
            code = run.wait(300)
            said.seek(0)
            return code, said.read()

    def run_well(self) -> None:
        code, said = self.run()
        assert code == 0, said


Plant = Callable[[Trial], object]


def answers(wanted: str, answer: Page) -> Plant:
    """Plant a page in place of the list, of robots.txt or of the articles."""

    def plant(trial: Trial) -> None:
        trial.on_request = lambda request: answer if request.path.startswith(wanted) else None

    return plant


def points_to(url: str) -> Plant:
    return lambda trial: trial.desk.point("cn_a", url)


def raises(target: str) -> Plant:
    """Plant a defect of ours: a method that raises."""

    def plant(trial: Trial) -> None:
        module, _, method = target.rpartition(":")
        trial.code = (
            f"import {module} as module\n"
            "def broken(*arguments, **options): raise RuntimeError('planted')\n"
            f"module.{method} = broken"
        )

    return plant


def file(name: str, text: str) -> Plant:
    return lambda trial: trial.write(name, text)


def setting(table: str, line: str) -> Plant:
    return lambda trial: trial.set(table, line)


def certificate(*, expired: bool) -> Plant:
    def plant(trial: Trial) -> None:
        secure = SecureSite(trial.folder, expired=expired)
        secure.server.start()
        trial.stack.callback(secure.server.stop)
        trial.desk.point("cn_a", f"https://{secure.server.address}/list/")
        if expired:  # nothing else is wrong with it: its signer is trusted
            trial.variables["SSL_CERT_FILE"] = str(trial.folder / "site.pem")

    return plant


def _mounted(trial: Trial, folder: Path, size: str = "64m") -> None:
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("needs root for a file system of its own")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"this machine gives no file system of its own: {done.stderr.decode().strip()}")
    trial.stack.callback(subprocess.run, ["umount", "--lazy", folder], check=True)


def _filled(folder: Path) -> None:
    with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(b"x" * 4096)


def disk_full(trial: Trial) -> None:
    trial.set("run", 'lock_file = "run.lock"')
    _mounted(trial, trial.folder / "var")
    trial.run_well()
    trial.desk.sites["cn_a"].publish(*[0.001 * number for number in range(40)])
    _filled(trial.folder / "var")


def disk_nearly_full(trial: Trial) -> None:
    _mounted(trial, trial.folder / "var", "8m")


def store_read_only(trial: Trial) -> None:
    trial.set("store", 'url = "sqlite:///kept/fengxiang.db"')
    _mounted(trial, trial.folder / "kept")
    trial.run_well()
    subprocess.run(["mount", "-o", "remount,ro", trial.folder / "kept"], check=True)


def lock_read_only(trial: Trial) -> None:
    _mounted(trial, trial.folder / "var")
    subprocess.run(["mount", "-o", "remount,ro", trial.folder / "var"], check=True)


def store_locked(trial: Trial) -> None:
    trial.run_well()
    other = trial.stack.enter_context(
        closing(sqlite3.connect(trial.folder / "var" / "fengxiang.db", check_same_thread=False))
    )
    other.execute("BEGIN IMMEDIATE")


def store_damaged(trial: Trial) -> None:
    trial.run_well()
    path = trial.folder / "var" / "fengxiang.db"
    with path.open("r+b") as store:
        store.seek(4096)
        store.write(b"\xff" * (path.stat().st_size - 4096))


def export_blocked(trial: Trial) -> None:
    trial.write("out", "a file where a folder should be")
    trial.set("export", 'file = "out/articles.jsonl"')


def run_goes_on(trial: Trial) -> None:
    trial.stack.enter_context(run_lock(trial.folder / "var" / "run.lock"))


def time_is_over(trial: Trial) -> None:
    over = threading.Event()
    trial.stack.callback(over.set)
    trial.set("run", "time_limit = 10")
    trial.on_request = lambda request: over.wait(60) and None if request.path == "/list/" else None


def signalled(trial: Trial) -> None:
    def stop(request: Request) -> None:
        if request.path.startswith("/a/"):
            os.kill(trial.started[-1].pid, signal.SIGTERM)

    trial.on_request = stop


def _rendered(trial: Trial) -> None:
    trial.desk.point("cn_a", f"http://{trial.desk.sites['cn_a'].server.address}/list/", render="true")


def no_browser(trial: Trial) -> None:
    _rendered(trial)
    trial.write("fengxiang.toml", SETTINGS.replace("delay = 0.0", 'delay = 0.0\nbrowser = "no/such/chromium"'))


def browser_killed(trial: Trial) -> None:
    _rendered(trial)

    def kill(request: Request) -> None:
        if request.path == "/a/1.html":
            for browser in browsers(trial.started[-1].pid):
                os.kill(browser, signal.SIGKILL)

    trial.on_request = kill


def topic(text: str) -> Plant:
    def plant(trial: Trial) -> None:
        trial.write("fengxiang.toml", SETTINGS.replace("[topics]", '[topics]\nfolders = ["topics"]'))
        trial.write("topics/building.toml", text)

    return plant


def channel_refuses(trial: Trial) -> None:
    topic(TOPIC)(trial)
    trial.desk.hook.refuse_next(9, status=200, reply={"errcode": 310000, "errmsg": "keywords not in content"})


# name: what is planted, the exit code, what the run says
KINDS: dict[str, tuple[Plant, int, str]] = {
    "list 404": (answers("/list/", NOWHERE), 1, "HTTP 404"),
    "list that says it does not exist": (
        answers("/list/", page("<title>提示</title><p>抱歉，您访问的页面不存在。</p>")),
        1,
        "no article links",
    ),
    "redesigned list: no items": (answers("/list/", page(f"<p>{'政务公开 ' * 90}</p>")), 1, "no article links"),
    "empty list": (answers("/list/", page("")), 1, "list http"),
    "articles without text": (answers("/a/", page("<title>文章</title><div id=app></div>")), 1, "none could be read"),
    "challenge page": (answers("/list/", page(CHALLENGE, 412)), 1, "blocked, HTTP 412"),
    "429": (answers("/list/", Page(b"", status=429, headers={"Retry-After": "7200"})), 1, "asked to be left alone"),
    "503": (answers("/list/", page("busy", 503)), 1, "HTTP 503"),
    "robots.txt refuses": (
        answers("/robots.txt", Page(b"User-agent: *\nDisallow: /\n", "text/plain")),
        1,
        "robots.txt",
    ),
    "robots.txt 5xx": (answers("/robots.txt", page("", 502)), 1, "robots.txt answered with HTTP 502"),
    "connection refused": (points_to("http://127.0.0.1:1/list/"), 1, "onnection was refused"),
    "unknown host": (points_to("http://no-such-host.invalid/list/"), 1, "no-such-host.invalid"),
    "certificate that nobody signed": (certificate(expired=False), 1, "certificate verify failed"),
    "certificate expired": (certificate(expired=True), 1, "certificate verify failed"),
    "exception in a spider": (raises("spiders.base.lists:SourceSpider.parse_list"), 1, "RuntimeError: planted"),
    "exception in a pipeline": (raises("pipelines.flag:Flag.process_item"), 1, "RuntimeError: planted"),
    "exception at the start of a spider": (raises("spiders.base.lists:SourceSpider.start"), 1, "planted"),
    "disk full": (disk_full, 1, " space"),
    "disk nearly full": (disk_nearly_full, 1, "the disk is nearly full: free some space"),
    "store locked": (store_locked, 1, "another process held it for more than 30 s"),
    "store that is none": (file("var/fengxiang.db", "no database" * 999), 1, "not a SQLite database"),
    "store damaged": (store_damaged, 1, "damaged: keep the file"),
    "store read-only": (store_read_only, 1, "store sqlite"),
    "lock folder read-only": (lock_read_only, 1, "cannot be opened: Read-only file system"),
    "export cannot be written": (export_blocked, 1, "cannot be written"),
    "settings broken": (setting("crawl2", "x = 1"), 2, "unknown key 'crawl2'"),
    "source file broken": (file("sources/cn_b.toml", "name ="), 1, "1 broken source files"),
    "topic file broken": (topic(TOPIC.replace("集中开工", "(集中开工", 1)), 2, "topics/building.toml:"),
    "topic for a channel that is not there": (topic(TOPIC.replace("ops", "team")), 2, "no channel 'team'"),
    "channels file broken": (file("channels.yaml", "urls: [nonsense]"), 2, "channels.yaml:1"),
    "subscribers file broken": (file("subscribers.toml", "[[subscriber]]\nname = 1\n"), 2, "subscribers.toml:"),
    "channel refuses": (channel_refuses, 1, "alerts not accepted by: ops"),
    "another run goes on": (run_goes_on, 3, "already running"),
    "time over": (time_is_over, 1, "time limit of 10 s reached"),
    "stopped by a signal": (signalled, 1, "stopped by a signal"),
    "no browser": (no_browser, 1, "no browser that starts"),
    "browser killed": (browser_killed, 1, "browser"),
}


# One run of test_health_faults, or a test of the browser, has them in the short form.
LONG = {
    *("list that says it does not exist", "empty list", "articles without text", "challenge page", "503"),
    *("robots.txt refuses", "connection refused", "unknown host", "certificate that nobody signed"),
    *("exception at the start of a spider", "stopped by a signal", "no browser"),
}
TRIED = [name for name in KINDS if SOAK or name not in LONG]


def tried(folder: Path, plant: Plant | None) -> tuple[int, str]:
    """Return exit code and words of a run in which something is planted."""
    site = Site([0.1, 1, 2])
    with Desk(folder, {"cn_a": site}) as desk, ExitStack() as stack:
        trial = Trial(desk, stack)
        if plant:
            plant(trial)
        site.fault, site.broken = trial.on_request, True
        return trial.run()


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[int, str]]:
    """Try every kind, some side by side; give what came of each, or why it could not be tried here."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        plants = {"": None} | {name: KINDS[name][0] for name in TRIED if BROWSER or name != "browser killed"}
        trials = {name: pool.submit(tried, tmp_path_factory.mktemp("kind"), plant) for name, plant in plants.items()}
    return lambda name: trials[name].result()


def test_a_run_in_which_nothing_is_planted_is_a_success(outcomes: Callable[[str], tuple[int, str]]) -> None:
    code, said = outcomes("")
    assert code == 0, said


@pytest.mark.parametrize("kind", TRIED)
def test_no_failing_run_is_called_a_success(kind: str, outcomes: Callable[[str], tuple[int, str]]) -> None:
    if kind == "browser killed" and not BROWSER:
        pytest.skip("no Chromium on PATH: apt-get install chromium")
    _, wanted, words = KINDS[kind]
    code, said = outcomes(kind)
    assert code == wanted, said
    assert words in said, said
