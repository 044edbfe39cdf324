"""The user's settings file, fengxiang.toml: its keys, their defaults and the commented file that `init` writes."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from crawler.tomlfile import FileError, Strict, load

FILE_NAME = "fengxiang.toml"
PREFIX = "FENGXIANG_"

TEMPLATE = """\
# Settings of Fengxiang. Every key is optional; what stands here commented out is the default.
# Relative paths start at this file's folder. An environment variable FENGXIANG_<TABLE>_<KEY>,
# say FENGXIANG_STORE_URL, overrides the key.

[store]
# url = "sqlite:///var/fengxiang.db"
# keep_bodies = ""           # say "400d": the text of older articles is emptied; what tells them from new ones stays
# keep_readings = "100d"     # when sources were read and what came of it; "": for ever

[crawl]
# Told to every site in the User-Agent, so that its operator can reach you: an address of a page or mailto:
# contact = ""
# delay = 3.0                # seconds between two requests to one host; a source may ask for more, never for less
# browser = ""               # path of a Chromium for sources that need one; else looked for, else Playwright's own
# browser_sandbox = true     # false only where a container around it is the wall, and grants it no namespaces
# monthly_sweep = true       # once a month a source is read past known articles: some are slipped in late
# concurrent_hosts = 8       # hosts read at the same time, each with one request at a time
# timeout = 30.0             # seconds that a page may take to arrive
# source_time_limit = 900    # seconds a source may take; the next run goes on where it stopped

[backfill]                   # `fengxiang run --since`: what a run reads of one source at the most
# pages = 100                # list pages with something new, of each list; see also --pages
# articles = 1000

[reader]                     # the processes that read pages
# workers = 2
# time_limit = 10.0          # seconds of processor time a page may take
# memory_limit = 512         # MiB a process may use

[sources]
# folders = []               # more folders with source files, beside those that ship
# shipped = true             # false: only your own folders

[topics]
# folders = []               # more folders with topic files, beside those that ship
# shipped = true

[alerts]
# channels_file = "channels.yaml"   # private: holds the secrets; see `fengxiang alerts test`
# subscribers_file = "subscribers.toml"   # who hears what, when; without it every channel hears of everything
# templates = ""             # a folder with your own markdown.j2, html.j2, text.j2
# archive_url = ""           # where everything can be read: told when alerts are only counted

[export]
# file = ""                  # say "out/articles.jsonl": rewritten after every run

[health]
# prometheus_file = ""       # say "var/fengxiang.prom": figures for Prometheus' node exporter, written by every run

[run]
# time_limit = 1800          # seconds a run may take
# lock_file = "var/run.lock"
# log_file = ""              # empty: standard error
"""


def _contact(value: str) -> str:
    if value and not value.startswith(("https://", "http://", "mailto:")):
        raise ValueError("must begin with https://, http:// or mailto:")
    return value


MaybePath = Annotated[Path | None, BeforeValidator(lambda value: value or None)]  # "" is none, not the current folder


def days(value: object) -> object:
    """Return the span that "400d" means, None for ""; ValueError for anything else."""
    if not value or isinstance(value, timedelta):
        return value or None
    match = re.fullmatch(r"([1-9]\d{0,4})\s*d", value) if isinstance(value, str) else None
    if not match:
        raise ValueError('must be a number of days such as "400d", or "" to keep all')
    return timedelta(days=int(match[1]))


class StoreConfig(Strict):
    """Where everything that was found is kept."""

    url: str = Field("sqlite:///var/fengxiang.db", repr=False)  # of SQLAlchemy; may hold a password
    keep_bodies: Annotated[timedelta | None, BeforeValidator(days)] = None  # after fetching; None: for ever
    keep_readings: Annotated[timedelta | None, BeforeValidator(days)] = timedelta(days=100)  # of sources


class CrawlConfig(Strict):
    """Manners towards the sites."""

    contact: Annotated[str, AfterValidator(_contact)] = ""
    delay: float = Field(3.0, ge=0, le=600)  # seconds
    concurrent_hosts: int = Field(8, ge=1, le=64)
    timeout: float = Field(30.0, gt=0, le=300)  # seconds that a page may take to arrive
    source_time_limit: int = Field(900, ge=10)  # seconds
    browser: str = ""  # path of a Chromium; empty: looked for
    browser_sandbox: bool = True
    monthly_sweep: bool = True


class BackfillConfig(Strict):
    """What `fengxiang run --since` reads of one source at the most."""

    pages: int = Field(100, ge=1, le=1000)  # list pages with something new, of each list
    articles: int = Field(1000, ge=1, le=100_000)


class ReaderConfig(Strict):
    """Limits of the processes that read pages."""

    workers: int = Field(2, ge=1, le=32)
    time_limit: float = Field(10.0, gt=0, le=300)  # seconds a page
    memory_limit: int = Field(512, ge=128)  # MiB a process


class FoldersConfig(Strict):
    """Folders of the user beside what ships."""

    folders: tuple[Path, ...] = ()
    shipped: bool = True


class AlertsConfig(Strict):
    """Where alerts go."""

    channels_file: Path = Path("channels.yaml")
    subscribers_file: Path = Path("subscribers.toml")
    templates: MaybePath = None
    archive_url: str = ""


class ExportConfig(Strict):
    """What is written after every run."""

    file: MaybePath = None


class HealthConfig(Strict):
    """What monitoring is given."""

    prometheus_file: MaybePath = None


class RunConfig(Strict):
    """One scheduled pass."""

    time_limit: int = Field(1800, ge=10)  # seconds
    lock_file: Path = Path("var/run.lock")
    log_file: MaybePath = None


class Config(Strict):
    """The whole settings file. Paths are absolute once `load_config` has read it."""

    store: StoreConfig = StoreConfig()
    crawl: CrawlConfig = CrawlConfig()
    backfill: BackfillConfig = BackfillConfig()
    reader: ReaderConfig = ReaderConfig()
    sources: FoldersConfig = FoldersConfig()
    topics: FoldersConfig = FoldersConfig()
    alerts: AlertsConfig = AlertsConfig()
    export: ExportConfig = ExportConfig()
    health: HealthConfig = HealthConfig()
    run: RunConfig = RunConfig()

    def digest(self) -> str:
        """Return a short hash that changes with any value."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Return the settings of the file with the environment laid over it; defaults where there is no file."""
    overrides = _overrides(path, environment)
    config = load(path, Config, extra=overrides) if path.exists() else Config.model_validate(overrides)
    return _absolute(config, path.resolve().parent)


def _overrides(path: Path, environment: Mapping[str, str]) -> dict[str, object]:
    """Return {table: {key: value}} of the variables FENGXIANG_<TABLE>_<KEY>; an unknown one is an error."""
    tables: dict[str, dict[str, object]] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name == PREFIX + "CONFIG":
            continue
        table, _, key = name.removeprefix(PREFIX).lower().partition("_")
        field = Config.model_fields.get(table)
        model = field.annotation if field else None
        if not (isinstance(model, type) and issubclass(model, Strict) and key in model.model_fields):
            raise FileError(path, None, f"environment variable {name} sets no known key; see `fengxiang init`")
        tables.setdefault(table, {})[key] = value.split(":") if key == "folders" else value
    return dict(tables)


def _absolute(config: Config, folder: Path) -> Config:
    sqlite, _, path = config.store.url.partition("sqlite:///")
    url = f"sqlite:///{folder / path}" if path and not sqlite else config.store.url
    return config.model_copy(
        update={
            "store": config.store.model_copy(update={"url": url}),
            "crawl": config.crawl.model_copy(
                update={"browser": config.crawl.browser and str(folder / config.crawl.browser)}
            ),
            "sources": _joined(config.sources, folder),
            "topics": _joined(config.topics, folder),
            "alerts": config.alerts.model_copy(
                update={
                    "channels_file": folder / config.alerts.channels_file,
                    "subscribers_file": folder / config.alerts.subscribers_file,
                    "templates": config.alerts.templates and folder / config.alerts.templates,
                }
            ),
            "export": ExportConfig(file=config.export.file and folder / config.export.file),
            "health": HealthConfig(
                prometheus_file=config.health.prometheus_file and folder / config.health.prometheus_file
            ),
            "run": config.run.model_copy(
                update={
                    "lock_file": folder / config.run.lock_file,
                    "log_file": config.run.log_file and folder / config.run.log_file,
                }
            ),
        }
    )


def _joined(config: FoldersConfig, folder: Path) -> FoldersConfig:
    return config.model_copy(update={"folders": tuple(folder / path for path in config.folders)})
