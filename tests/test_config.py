"""Settings and their errors: one line that names file, line, key and remedy; exit code 2."""

from copy import deepcopy
from pathlib import Path

import pytest
from conftest import fengxiang
from scrapy.settings import BaseSettings

from crawler.config import TEMPLATE, Config, load_config
from crawler.crawl import RunSettings
from crawler.tomlfile import FileError


def written(folder: Path, text: str) -> Path:
    path = folder / "fengxiang.toml"
    path.write_text(text, "utf-8")
    return path


def test_template_is_valid_and_changes_nothing(tmp_path: Path) -> None:
    empty = load_config(tmp_path / "fengxiang.toml", {})
    assert load_config(written(tmp_path, TEMPLATE), {}) == empty


def test_template_shows_every_key_with_its_default(tmp_path: Path) -> None:
    """Uncommented, the template is still valid and still says what holds anyway, but for the empty places."""
    lines = []
    for line in TEMPLATE.splitlines():
        bare = line.removeprefix("# ")
        if line.startswith("# ") and " = " in bare and not bare.split(" = ")[1].startswith('""'):
            lines.append(bare)
        elif line.startswith("["):
            lines.append(line)
    path = written(tmp_path, "\n".join(lines))
    assert load_config(path, {}) == load_config(tmp_path / "none.toml", {})
    for table, field in Config.model_fields.items():
        for key in field.annotation.model_fields:  # type: ignore[union-attr]
            assert f"# {key} = " in TEMPLATE, f"[{table}] {key}"


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, '[store]\nurl = "sqlite:///data/a.db"\n[export]\nfile = "out.jsonl"'), {})
    assert config.store.url == f"sqlite:///{tmp_path}/data/a.db"
    assert config.export.file == tmp_path / "out.jsonl"
    assert (
        load_config(tmp_path / "x.toml", {"FENGXIANG_STORE_URL": "sqlite:////a/b.db"}).store.url == "sqlite:////a/b.db"
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[run]\ntime_limit = 60\n[crawl]\ndeley = 1.0\n", 4, "unknown key 'deley' in [crawl]; did you mean 'delay'?"),
        (
            "[run]\ntime_limit = 5\n",
            2,
            "key 'time_limit' in [run]: Input should be greater than or equal to 10; got '5'",
        ),
        ("\n[run\n", 2, "not valid TOML"),
        ("[store]\nurl = 3\n", 2, "key 'url' in [store]: Input should be a valid string"),
        ("[strore]\n", 1, "unknown key 'strore'; did you mean 'store'?"),
        ('[crawl]\ncontact = "me"\n', 2, "key 'contact' in [crawl]: must begin with https://, http:// or mailto:"),
    ],
)
def test_broken_file(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FileError) as caught:
        load_config(path, {})
    assert str(caught.value).startswith(f"{path}:{line}: {message}")


def test_environment_overrides_and_rejects(tmp_path: Path) -> None:
    path = written(tmp_path, "[run]\ntime_limit = 60\n")
    assert load_config(path, {"FENGXIANG_RUN_TIME_LIMIT": "90"}).run.time_limit == 90
    with pytest.raises(FileError, match="FENGXIANG_RUN_TIMELIMIT sets no known key"):
        load_config(path, {"FENGXIANG_RUN_TIMELIMIT": "90"})


def test_command_says_it_in_one_line(tmp_path: Path) -> None:
    written(tmp_path, "[crawl]\ndeley = 1.0\n")
    done = fengxiang("run", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "fengxiang: fengxiang.toml:2: unknown key 'deley' in [crawl]; did you mean 'delay'?\n"
    assert not (tmp_path / "var").exists()


def test_init_writes_files_once(tmp_path: Path) -> None:
    assert fengxiang("init", "desk", cwd=tmp_path).returncode == 0
    channels = tmp_path / "desk" / "channels.yaml"
    assert channels.stat().st_mode & 0o077 == 0
    channels.write_text("urls: []  # mine\n", "utf-8")
    assert "left as it is" in fengxiang("init", "desk", cwd=tmp_path).stdout
    assert channels.read_text("utf-8") == "urls: []  # mine\n"
    assert fengxiang("check", cwd=tmp_path / "desk").returncode == 0


def test_settings_of_a_run_are_copied_as_scrapy_copies_them() -> None:
    settings = RunSettings()
    settings.setmodule("crawler.settings", priority="project")
    expected = flat(deepcopy(settings))
    copied = settings.copy()
    assert flat(copied) == expected
    copied.set("RETRY_TIMES", 9, priority="cmdline")
    copied["EXTENSIONS_BASE"].set("own.Extension", 1, priority="cmdline")
    assert flat(settings) == expected != flat(copied)


def flat(settings: BaseSettings) -> dict[str, object]:
    """Return every value with its priority."""
    return {
        name: (flat(held.value) if isinstance(held.value, BaseSettings) else held.value, held.priority)
        for name, held in settings.attributes.items()
    }
