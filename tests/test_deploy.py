"""The crontab does what its comments say: it parses, and its lines run in a shell as cron would run them."""

import fcntl
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.store.condition import check

ROOT = Path(__file__).parent.parent
CRONTAB = (ROOT / "deploy" / "crontab.example").read_text("utf-8").splitlines()
LINES = [line for line in CRONTAB if line and not line.startswith("#")]
VARIABLES = dict(line.split("=", 1) for line in LINES if re.match(r"[A-Z_]+=", line))
JOBS = [line.split(None, 5) for line in LINES if not re.match(r"[A-Z_]+=", line)]
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
BEIJING = ZoneInfo("Asia/Shanghai")


def as_cron(job: list[str], desk: Path) -> str:
    """Run a job the way cron does, with our paths in place of the example's; return what would be mailed."""
    command = job[5].replace("\\%", "%")
    command = command.replace("/opt/fengxiang/.venv/bin", str(Path(sys.executable).parent))
    command = command.replace("/srv/backup/fengxiang", str(desk / "copies"))
    environment = {name: value.replace("/srv/fengxiang", str(desk)) for name, value in VARIABLES.items()}
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("/srv/fengxiang", str(desk))],
        env=environment | {"PATH": "/usr/bin:/bin"},
        cwd="/",
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A user's folder without sources: nothing is ever due."""
    (tmp_path / "fengxiang.toml").write_text("[sources]\nshipped = false\n", "utf-8")
    (tmp_path / "var").mkdir()
    return tmp_path


def test_crontab_parses() -> None:
    assert ZoneInfo(VARIABLES["CRON_TZ"]) == ZoneInfo(VARIABLES["TZ"]) == BEIJING
    assert len(JOBS) == 3
    for *fields, command in JOBS:
        for text, (low, high) in zip(fields, RANGES, strict=True):
            field = re.fullmatch(r"(?:\*|(\d+))(?:/([1-9]\d*))?", text)
            assert field, text
            assert field[1] is None or low <= int(field[1]) <= high, text
        assert command.startswith("/"), command
        assert not re.search(r"(?<!\\)%", command), "cron ends a command at a bare %"


def test_idle_run_mails_nothing(desk: Path) -> None:
    assert as_cron(JOBS[0], desk) == ""
    assert (desk / "var" / "fengxiang.log").exists()


def test_run_that_meets_another_mails_nothing(desk: Path) -> None:
    with (desk / "var" / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert as_cron(JOBS[0], desk) == ""


def test_broken_settings_are_mailed(desk: Path) -> None:
    (desk / "fengxiang.toml").write_text("[run]\ntimelimit = 60\n", "utf-8")
    said = as_cron(JOBS[0], desk)
    assert said.startswith(f"fengxiang: {desk}/fengxiang.toml:2: unknown key 'timelimit'")
    assert said.count("\n") == 1


def test_evening_mail_counts_failures_of_the_day(desk: Path) -> None:
    now = datetime.now(BEIJING)
    failed = "ERROR fengxiang.run: gs_example failed (list: HTTP 503)"
    lines = [
        f"{now:%F} 00:00:01,000 {failed}",
        f"{now:%F} 00:10:01,000 {failed}",
        f"{now:%F} 00:20:01,000 INFO fengxiang.run: gs_example ok lists=1",
        f"{now - timedelta(days=1):%F} 00:10:01,000 ERROR fengxiang.run: gs_other failed (list: HTTP 503)",
    ]
    (desk / "var" / "fengxiang.log").write_text("\n".join(lines) + "\n", "utf-8")
    assert as_cron(JOBS[1], desk).split() == ["2", *failed.split()]


def test_nightly_copy_mails_nothing_but_trouble(desk: Path) -> None:
    (desk / "copies").mkdir()
    assert "no such file" in as_cron(JOBS[2], desk)
    as_cron(JOBS[0], desk)
    assert as_cron(JOBS[2], desk) == ""
    (copy,) = (desk / "copies").iterdir()
    assert check(copy).problems == ()
