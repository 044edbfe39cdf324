"""Units, image, manifests and examples: what they promise holds, and their own tools take them where installed."""

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import environment, fengxiang
from test_docs import assert_command
from test_run import open_desk

from crawler.config import PREFIX, Config, load_config
from crawler.render.browser import NAMES

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
COMPOSE = DEPLOY / "docker" / "compose.yaml"
MANIFEST = DEPLOY / "kubernetes" / "fengxiang.yaml"
WORKFLOW = DEPLOY / "github-actions.example.yml"
LONGEST_RUN = Config().run.time_limit
BIN = str(Path(sys.executable).parent)


def ask(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run an outside tool; skip the test where it is not installed."""
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    return subprocess.run([name, *map(str, arguments)], text=True, capture_output=True, check=False, timeout=60)


def satisfied(name: str, *arguments: object) -> None:
    done = ask(name, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    return parser


def seconds(span: str) -> int:
    found = re.fullmatch(r"(\d+)(s|min|h)?", span)
    assert found, span
    return int(found[1]) * {"min": 60, "h": 3600}.get(found[2], 1)


def is_ours(words: list[str]) -> None:
    """Assert that the words are a command line of ours with options that exist."""
    assert words
    assert Path(words[0]).name == "fengxiang", words
    assert_command(words[1:], " ".join(words))


class TestSystemd:
    @pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
    def test_service_is_bounded_and_shut_in(self, path: Path) -> None:
        service = unit(path)["Service"]
        is_ours(shlex.split(service["ExecStart"]))
        assert service["Type"] == "oneshot"
        assert service["User"] not in {"", "root"}
        assert seconds(service["TimeoutStartSec"]) > LONGEST_RUN + 600  # the pace of channels, the export
        assert 40 < seconds(service["TimeoutStopSec"]) <= 300
        assert service["ProtectSystem"] == "strict"
        assert {service[key] for key in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome")} == {"yes"}
        assert service["ReadWritePaths"].split()[0] == "/srv/fengxiang/var"
        assert service["MemoryMax"]

    @pytest.mark.parametrize("path", TIMERS, ids=lambda path: path.stem)
    def test_timer_has_its_service_and_spreads(self, path: Path) -> None:
        timer = unit(path)["Timer"]
        assert path.with_suffix(".service") in SERVICES
        assert (timer["Persistent"], seconds(timer["RandomizedDelaySec"]) > 0) == ("true", True)
        satisfied("systemd-analyze", "calendar", timer["OnCalendar"])

    def test_systemd_takes_them(self, tmp_path: Path) -> None:
        for path in SERVICES + TIMERS:
            text = path.read_text("utf-8").replace("/opt/fengxiang/.venv/bin", BIN)
            (tmp_path / path.name).write_text(text, "utf-8")
        done = ask("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))
        assert not [line for line in done.stderr.splitlines() if "fengxiang" in line]
        assert done.returncode == 0

    @pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
    def test_exposure_is_small(self, path: Path) -> None:
        satisfied("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", path)


# What ProtectSystem=strict, read_only and readOnlyRootFilesystem have in common, and no /tmp besides.
ONLY_VAR = """
mount --make-rprivate /; mount --bind "$1" "$1"; mount --bind "$1/var" "$1/var"
mount -o remount,bind,ro "$1"; mount -o remount,bind,ro /; ! touch "$1/x" 2>&-
cd "$1"; shift; exec "$@"
"""


def test_run_writes_below_var_only(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    shut_in = ["unshare", "--mount", *rights, "/bin/sh", "-euc", ONLY_VAR, "sh", str(tmp_path)]
    if ask(*shut_in, "true").returncode:
        pytest.skip("this machine gives us no mounts of our own")
    with ExitStack() as stack:
        desk = open_desk(stack, tmp_path)
        before = {path.name for path in tmp_path.iterdir()}
        done = subprocess.run(
            [*shut_in, sys.executable, "-P", "-m", "crawler.cli", "run"],
            env=environment(FENGXIANG_EXPORT_FILE="var/articles.jsonl"),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert (len(desk.mail.messages), len(desk.hook.messages)) == (1, 1)
    assert {path.name for path in tmp_path.iterdir()} == before
    written = {path.name for path in (tmp_path / "var").iterdir()}
    assert {"articles.jsonl", "fengxiang.db", "run.lock"} <= written


def instructions() -> Iterator[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE))
    for line in text.splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest


class TestImage:
    def test_runs_our_command_as_nobody_special(self) -> None:
        last = dict(instructions())
        defaults = dict(rest.split("=") for name, rest in instructions() if name == "ARG")
        assert (last["WORKDIR"], last["VOLUME"], last["USER"]) == ("/data", "/data", "${UID}")
        assert int(defaults["UID"]) >= 1000
        is_ours(json.loads(last["ENTRYPOINT"]) + json.loads(last["CMD"]))
        packages = next(rest for name, rest in instructions() if name == "RUN" and "apt-get" in rest)
        assert int(defaults["CHROMIUM"])
        assert set(NAMES) & set(packages.split()), "a browser that is found without being named"

    def test_bases_and_packages_are_pinned(self) -> None:
        bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
        assert bases
        assert all(re.fullmatch(r"[a-z]+:\$\{PYTHON\}-slim", base) for base in bases)
        downloads = [rest for name, rest in instructions() if name == "RUN" and "pip download" in rest]
        assert ["--require-hashes -r requirements.lock" in " ".join(rest.split()) for rest in downloads] == [True]
        assert any(name == "ENV" and "PIP_NO_INDEX=1" in rest for name, rest in instructions())

    def test_context_has_what_is_copied_and_nothing_private(self) -> None:
        lines = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text("utf-8").splitlines()
        let_in = {line[1:] for line in lines if line.startswith("!")}
        assert "*" in lines
        for name, rest in instructions():
            if name == "COPY" and "--from" not in rest:
                for source in [word for word in rest.split() if not word.startswith("--")][:-1]:
                    assert (ROOT / source).exists(), source
                    assert source in let_in, source
        private = ("channels.yaml", "fengxiang.toml", "subscribers.toml", "var", ".git", "deploy")
        assert not [name for name in private if any(fnmatch(name, rule) for rule in let_in)]

    def test_hadolint(self) -> None:
        satisfied("hadolint", DOCKERFILE)


SERVED: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]


class TestCompose:
    @pytest.mark.parametrize("service", SERVED.values(), ids=SERVED)
    def test_service_is_bounded_and_shut_in(self, service: dict[str, Any]) -> None:
        assert int(service["user"].split(":")[0]) >= 1000
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert "no-new-privileges:true" in service["security_opt"]
        assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
        assert re.fullmatch(r"fengxiang:\d+\.\d+\.\d+", service["image"])
        *loop, ours = service.get("entrypoint", ["fengxiang"])
        assert not loop or (loop[0], int(loop[1]) > 0) == ("every", True)
        is_ours([ours, *service["command"]])

    def test_what_is_built_is_there(self) -> None:
        build = SERVED["fengxiang"]["build"]
        context = (COMPOSE.parent / build["context"]).resolve()
        assert (context / build["dockerfile"]).resolve() == DOCKERFILE.resolve()

    def test_schema(self) -> None:
        satisfied("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


OBJECTS: dict[str, Any] = {found["kind"]: found for found in yaml.safe_load_all(MANIFEST.read_text("utf-8"))}
CRON_JOB: dict[str, Any] = OBJECTS["CronJob"]["spec"]
JOB: dict[str, Any] = CRON_JOB["jobTemplate"]["spec"]
POD: dict[str, Any] = JOB["template"]["spec"]
CONTAINER: dict[str, Any] = POD["containers"][0]


class TestKubernetes:
    def test_runs_never_overlap_and_end(self) -> None:
        assert CRON_JOB["concurrencyPolicy"] == "Forbid"
        assert JOB["activeDeadlineSeconds"] > LONGEST_RUN + 600
        assert (JOB["backoffLimit"], POD["restartPolicy"]) == (0, "Never")
        assert POD["terminationGracePeriodSeconds"] > 40
        assert OBJECTS["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOncePod"]

    def test_pod_is_bounded_and_shut_in(self) -> None:
        inside, around = CONTAINER["securityContext"], POD["securityContext"]
        assert around["runAsNonRoot"]
        assert around["runAsUser"] == around["fsGroup"] >= 1000
        assert around["seccompProfile"] == {"type": "RuntimeDefault"}
        assert (inside["readOnlyRootFilesystem"], inside["allowPrivilegeEscalation"]) == (True, False)
        assert inside["capabilities"] == {"drop": ["ALL"]}
        assert POD["automountServiceAccountToken"] is False
        assert {"cpu", "memory"} <= set(CONTAINER["resources"]["requests"])
        assert {"cpu", "memory"} <= set(CONTAINER["resources"]["limits"])
        assert re.fullmatch(r"fengxiang:\d+\.\d+\.\d+", CONTAINER["image"])
        is_ours(["fengxiang", *CONTAINER["args"]])

    def test_names_meet(self) -> None:
        volumes = {volume["name"]: volume for volume in POD["volumes"]}
        assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == set(volumes)
        claim = volumes["data"]["persistentVolumeClaim"]["claimName"]
        assert claim == OBJECTS["PersistentVolumeClaim"]["metadata"]["name"]
        settings = volumes["config"]["projected"]["sources"][0]["configMap"]["name"]
        assert settings == OBJECTS["ConfigMap"]["metadata"]["name"]

    def test_everything_written_lies_on_the_volume(self, tmp_path: Path) -> None:
        for name, text in OBJECTS["ConfigMap"]["data"].items():
            (tmp_path / name).write_text(text, "utf-8")
        variables = {entry["name"]: entry["value"] for entry in CONTAINER["env"]}
        assert variables[PREFIX + "CONFIG"] == "/config/fengxiang.toml"
        config = load_config(tmp_path / "fengxiang.toml", variables)
        assert config.store.url.startswith("sqlite:////data/")
        written = [path for path in (config.run.lock_file, config.run.log_file, config.export.file) if path]
        assert [path for path in written if not path.is_relative_to("/data")] == []
        assert config.alerts.channels_file == tmp_path / "channels.yaml"

    def test_schema(self) -> None:
        satisfied("kubernetes-validate", "--strict", MANIFEST)


class TestWorkflow:
    def test_is_bounded_and_may_only_read(self) -> None:
        workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
        assert workflow["permissions"] == {"contents": "read"}
        assert workflow["concurrency"]["cancel-in-progress"] is False
        (job,) = workflow["jobs"].values()
        assert job["timeout-minutes"] * 60 > LONGEST_RUN + 600
        assert all(re.fullmatch(r"actions/[\w/-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
        ours = [step["run"] for step in job["steps"] if ".venv/bin/fengxiang" in step.get("run", "")]
        assert len(ours) == 2
        for command in ours:
            is_ours(shlex.split(command))

    def test_schema(self) -> None:
        satisfied("check-jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW)


class TestExamples:
    def test_they_pass_the_check(self, tmp_path: Path) -> None:
        shutil.copytree(DEPLOY / "examples", tmp_path, dirs_exist_ok=True)
        (tmp_path / "sources").mkdir()
        lines = [line for line in (tmp_path / "fengxiang.env").read_text("utf-8").splitlines() if line[:1] != "#"]
        done = fengxiang("check", cwd=tmp_path, **dict(line.split("=", 1) for line in lines))
        assert done.returncode == 0, done.stderr
        subscribers = tomllib.loads((tmp_path / "subscribers.toml").read_text("utf-8"))["subscriber"]
        assert done.stdout.endswith(f" topics, 3 channels, {len(subscribers)} subscribers\n")

    def test_logrotate(self, tmp_path: Path) -> None:
        rules = (DEPLOY / "logrotate.example").read_text("utf-8").replace("su fengxiang fengxiang", "")
        (tmp_path / "rules").write_text(rules, "utf-8")
        (tmp_path / "rules").chmod(0o644)
        done = ask("logrotate", "--debug", "--state", tmp_path / "state", tmp_path / "rules")
        assert done.returncode == 0, done.stderr
        assert "error:" not in done.stderr

    def test_no_host_but_invented_ones(self) -> None:
        for path in (path for path in DEPLOY.rglob("*") if path.is_file()):
            text = path.read_text("utf-8")
            for host in re.findall(r"(?://|@)(?:[\w:]+@)?((?:[\w-]+\.)+[a-z]{2,})", text):
                assert re.search(r"(^|\.)example\.(org|com)$", host), f"{path.name}: {host}"
            assert ":latest" not in text, path.name


EVERY = DEPLOY / "docker" / "every.sh"


class TestLoop:
    def test_shellcheck(self) -> None:
        satisfied("shellcheck", EVERY, ROOT / ".ci" / "run")

    @pytest.mark.parametrize("pause", ["0", "600"])
    def test_signal_ends_the_command_and_the_loop(self, pause: str, tmp_path: Path) -> None:
        script = "import signal, sys; print('begun', flush=True); signal.pause()"
        if pause == "600":
            script = "print('begun', flush=True)"  # the signal comes in the pause
        command = [str(EVERY), pause, sys.executable, "-c", script]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
            assert process.stdout
            assert process.stdout.readline() == "begun\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
            assert process.stdout.read() == ""  # also: nobody is left who holds the pipe

    def test_command_that_fails_is_started_again(self, tmp_path: Path) -> None:
        (tmp_path / "fengxiang.toml").write_text("[run]\ntimelimit = 60\n", "utf-8")
        command = [str(EVERY), "0", sys.executable, "-P", "-m", "crawler.cli", "run"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment()) as process:
            assert process.stderr
            said = [process.stderr.readline() for _ in range(2)]
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        assert "unknown key 'timelimit'" in said[0]
        assert said[0] == said[1]
