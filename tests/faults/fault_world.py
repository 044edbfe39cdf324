"""What the tests of kills, disks, locks and clocks share: kills timed by progress, and what must hold after any fault.

`assert_sound` holds at every moment, also right after a kill; `assert_whole` once a run has ended well. Both hold what
the store, the export and the channels have against what was published, which only the sample web knows.
"""

import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from conftest import SOAK, environment
from forked import Forked, can_fork
from test_run import Desk, open_desk

from crawler.alerts.plan import NAME, TITLES
from crawler.dates import CST
from crawler.sample.texts import SampleArticle
from crawler.store import Store
from crawler.store.condition import check

log = logging.getLogger("faults")  # what a long form did: pytest -rP
PAGE = 4096  # bytes, of the store
WORKS = ("装备制造", "生物医药", "新能源材料", "电子信息", "食品加工", "纺织服装", "建材家居", "数据算力", "现代物流")
PLACES = ("河口", "东岭", "石桥", "青川", "临溪", "南坪", "双塔", "白水", "清源", "高台")
TEXTS = (
    "{place}县与东部某市签订协议，承接产业转移，首批{count}家{work}企业落户当地园区，预计{count}个月后投产。",
    "围绕{work}，{place}县出台{count}条措施，鼓励承接产业转移，对设备搬迁、用工和用地分别给予补助。",
    "记者在{place}县{work}产业园看到，{count}条生产线正在安装。当地负责人说，承接产业转移使园区产值翻番。",
)


def open_patient(stack: ExitStack, folder: Path) -> Desk:
    """Return a desk whose runs give no page up because the machine is busy."""
    desk = open_desk(stack, folder)
    be_patient(folder / "fengxiang.toml")
    return desk


def be_patient(settings: Path) -> None:
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"[reader]\ntime_limit = 300\nworkers = {2 if SOAK else 1}\n")


def store_of(desk: Desk) -> Path:
    return desk.folder / "var" / "fengxiang.db"


def publish(desk: Desk, number: int, moment: datetime | None = None) -> SampleArticle:
    """Publish the article of a number, which tells a story of its own that is flagged."""
    place, work = PLACES[number % 10], WORKS[(number + number // 10) % len(WORKS)]
    text = TEXTS[number % 3].format(place=place, work=work, count=number + 11)
    column = {"site": "cehome", "column": "hangye", "id": str(359_000 + number)}
    return desk.web.publish(
        SampleArticle(
            **column,
            title=f"{place}县承接产业转移 {work}项目第{number + 11}批开工",
            paragraphs=(text, f"该项目编号为{number * 7919 + 100_003}，由{place}县{work}专班跟进。"),
            published=(moment or datetime.now(CST)).replace(second=0, microsecond=0),
            source_name="示例日报",
        )
    )


def told(desk: Desk) -> dict[str, list[str]]:
    """Return the texts that each channel took, without the joiners that keep hosts from becoming links."""
    mails = [f"{mail['Subject']}\n{_text(mail)}" for mail in desk.mail.messages]
    posts = [f"{post['title']}\n{post['message']}" for post in desk.hook.messages]
    return {name: [text.replace("\u2060", "") for text in texts] for name, texts in (("mail", mails), ("hook", posts))}


def _text(mail: object) -> str:
    part = mail.get_body(("plain",))  # type: ignore[attr-defined]
    return part.get_content() if part else ""


def stories(desk: Desk) -> dict[str, list[str]]:
    """Return the texts that told stories: not the words to the operator, who may hear of one trouble again."""
    digests = tuple(f"【{NAME}】{title}" for title in TITLES.values())
    return {
        name: [text for text in texts if f"【{NAME}·" in text.partition("\n")[0] or text.startswith(digests)]
        for name, texts in told(desk).items()
    }


def doubled(desk: Desk) -> dict[str, int]:
    """Return how many messages came to each channel once more."""
    return {name: len(texts) - len(set(texts)) for name, texts in stories(desk).items()}


def assert_sound(desk: Desk, kills: int = 0) -> None:
    """Nothing is broken: no store, no line of the export; no message came more often than a kill explains."""
    if store_of(desk).exists() and tables(desk):
        assert check(store_of(desk)).problems == ()
    if (desk.folder / "articles.jsonl").exists():
        addresses = Counter(record["canonical_url"] for record in desk.exported())
        assert max(addresses.values(), default=1) == 1
    assert max(doubled(desk).values()) <= kills, doubled(desk)


def assert_whole(desk: Desk, titles: Sequence[str] = (), kills: int = 0) -> None:
    """Nothing is lost: every article stands in the export once; each alert is told, and each title in one message."""
    assert_sound(desk, kills)
    records = desk.exported()
    stored = Counter(record["canonical_url"] for record in records)
    assert stored == Counter(article.url for article in desk.web.articles)
    flags = {(record["story_id"], flag["topic"]) for record in records for flag in record["topics"]}
    with closing(Store(f"sqlite:///{store_of(desk)}")) as store:
        alerts = store.alert_counts()
    assert set(alerts) <= {"sent", "counted"}, alerts
    assert sum(alerts.values()) == 2 * len(flags)
    assert_told(desk, titles)
    assert left_over(desk.folder) == []


def assert_told(desk: Desk, titles: Sequence[str]) -> None:
    for name, texts in stories(desk).items():
        for title in titles:
            found = [text for text in texts if title in text]
            assert len(set(found)) == 1, f"{name}: {title} in {found}"


def left_over(folder: Path) -> list[Path]:
    """Return the drafts that lie about."""
    return list(folder.glob("**/.*"))


def tables(desk: Desk) -> int:
    """Return how many tables the store has; 0 too while it is being made."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{store_of(desk)}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    return 0


def rows(desk: Desk, _pid: int = 0) -> int:
    """Return how many articles are stored."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{store_of(desk)}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    return 0


def requests(desk: Desk, _pid: int) -> int:
    return len(desk.web.requests)


def messages(desk: Desk, _pid: int) -> int:
    return len(desk.mail.messages) + len(desk.hook.messages)


def logged(desk: Desk, _pid: int) -> int:
    """Return how many pages store and log have: more than were there in the middle of a transaction's writing."""
    paths = (store_of(desk), store_of(desk).with_name("fengxiang.db-wal"))
    return sum(path.stat().st_size for path in paths if path.exists()) // PAGE


def reading(desk: Desk, pid: int) -> int:
    """Return how many requests there were, once a process reads one of the pages."""
    busy = any("crawler.reader" in command and state == "R" for command, state in _children(pid))
    return len(desk.web.requests) if busy else 0


def drafted(desk: Desk, _pid: int) -> int:
    """Return the size of the export or copy that is being written, and 1 more, so that an empty one counts."""
    sizes = [0]
    with suppress(FileNotFoundError):  # it was moved into place
        for pattern in (".*.part/*", "*/.*.part/*"):  # not all folders: it is there for some milliseconds
            sizes += [path.stat().st_size + 1 for path in desk.folder.glob(pattern)]
    return max(sizes)


Measure = Callable[[Desk, int], int]
TOTALS = {requests, messages, rows, logged, reading}  # what counts is what came since the command began


def _children(pid: int) -> list[tuple[str, str]]:
    """Return command and state of each process that a process started."""
    found = []
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_text()
            found.append((command, Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]))
    return found


def kill_at(
    desk: Desk,
    command: Sequence[str],
    measure: Measure,
    point: int,
    *,
    group: bool = False,
    tries: int = 1,
    **variables: str,
) -> bool:
    """Start a command and kill it, or all its processes, at that progress; return whether it was still running.

    What is there for some milliseconds may be over before a busy machine looks. `tries`: how often to start a command
    of which that is true, and which changes nothing when it ends well once more.
    """
    begin = (len(desk.web.requests) if measure is reading else measure(desk, 0)) if measure in TOTALS else 0
    for _ in range(tries):
        process = started(command, desk.folder, **variables)
        while process.poll() is None and measure(desk, process.pid) - begin < point:
            time.sleep(0.0005)
        if process.returncode is None:  # else its number may be another's by now
            (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        assert not wait_for_end(desk.folder), "processes were left"
        if process.returncode == -signal.SIGKILL:
            return True
    return False


def started(command: Sequence[str], folder: Path, **variables: str) -> "Forked | subprocess.Popen[str]":
    """Start a command of ours whose words nobody reads, in a session of its own."""
    with Path(os.devnull).open("w", encoding="utf-8") as quiet:
        if can_fork(variables):
            return Forked(command, folder, environment(**variables), quiet, quiet, session=True)
        words = [sys.executable, "-P", "-m", "crawler.cli", *command]
        env = environment(**variables)
        return subprocess.Popen(
            words, cwd=folder, env=env, stdout=quiet, stderr=quiet, text=True, start_new_session=True
        )


def clock_of(shift: timedelta) -> dict[str, str]:
    """Return the variables that make a command, and all that it starts, believe in a clock that is wrong by so much."""
    _forget_dead_clocks()
    shift_to = {
        "LD_PRELOAD": _clock_library(),
        "FAKETIME": f"{shift.total_seconds():+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    # Files keep their times: else no byte code is as old as its source, and all libraries are compiled again.
    return shift_to | {"NO_FAKE_STAT": "1"}


def _forget_dead_clocks() -> None:
    """Remove what libfaketime left under the numbers of killed processes: another with such a number ends at once."""
    for path in Path("/dev/shm").glob("*faketime_*"):
        if not Path("/proc", path.name.rpartition("_")[2]).exists():
            path.unlink(missing_ok=True)


@cache
def _clock_library() -> str:
    # Commands are not started by way of the program faketime: it stands between, and a kill would end it alone.
    return subprocess.check_output(["faketime", "-f", "+0", "printenv", "LD_PRELOAD"], text=True).strip()


def needs_faketime() -> None:
    if not shutil.which("faketime"):
        if os.environ.get("CI") == "true":
            pytest.fail("faketime is not installed")
        pytest.skip("faketime is not installed")


def wait_for_end(folder: Path, seconds: float = 120) -> list[str]:
    """Wait until no process works in the folder; return what is left. Needs /proc."""
    end = time.monotonic() + seconds
    while (left := _working_in(folder)) and time.monotonic() < end:
        threading.Event().wait(0.01)
    return left


def _working_in(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == folder.resolve():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def needs_proc() -> None:
    if not Path("/proc/self/cwd").exists():
        pytest.skip("needs /proc, to see what processes do")
