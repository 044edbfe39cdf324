"""Source: a site section that is watched. One TOML file each; the file's stem is the source's id."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crawler.config import FoldersConfig
from crawler.tomlfile import FileError, Strict, load

SHIPPED = Path(__file__).parent.parent / "spiders" / "sources"
SOURCE_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
UNITS = {"m": 60, "h": 3600, "d": 86400}  # seconds
TRACKING = re.compile(r"^(utm_\w+|from|spm|share\w*|isappinstalled|scene|clicktime|wfr|fbclid|gclid)$")


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return value


def _interval(value: object) -> object:
    match = re.fullmatch(r"(\d+)\s*([mhd])", value) if isinstance(value, str) else None
    if not match:
        raise ValueError('must be a number and a unit such as "30m", "2h" or "1d"')
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with http:// or https://")
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
Interval = Annotated[timedelta, BeforeValidator(_interval)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Selectors(Strict):
    """CSS of the site's pages. What stays empty is found by the heuristics of `crawler.extract`."""

    links: str | None = None  # elements of a list page that link to articles
    next: str | None = None  # link to the next list page
    title: str | None = None
    body: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    section: str | None = None
    next_page: str | None = None  # link to the next part of a multi-page article
    strip: str | None = None  # cut out of the body


class Source(Strict):
    """One source file. `id` is not a key: it is the file's stem."""

    id: str = ""
    name: str = Field(min_length=1)
    region: str | None = None  # short Chinese name of the province; none for a national source
    kind: Literal["portal", "department", "daily", "news", "industry", "ministry"]
    family: str  # module of spiders/, e.g. "listing"
    list_urls: tuple[WebAddress, ...] = Field(min_length=1)
    hosts: tuple[str, ...] = ()  # hosts that articles may lie on; by default those of list_urls
    twin_hosts: tuple[str, ...] = ()  # hosts that show the same articles under the same paths as hosts[0]
    article: Pattern  # searched in an address; a group `date` may hold YYYYMMDD or YYYY/MM/DD
    charset: str | None = None  # only where pages declare a wrong one
    enabled: bool = True
    verified: bool = False  # true once `sources check` met the live site
    every: Interval = timedelta(hours=1)
    pages: int = Field(3, ge=1, le=1000)  # list pages a run reads at the most, per address of list_urls
    max_age_days: int = Field(30, ge=1)  # older links are left alone where the link shows a date
    delay: float = Field(0.0, ge=0, le=600)  # seconds between requests, where more than the settings' is wanted
    selectors: Selectors = Selectors()
    evidence: tuple[str, ...] = ()  # what the file rests on
    notes: str = ""

    @model_validator(mode="after")
    def _id_from_stem(self) -> "Source":
        if self.id and not SOURCE_ID.fullmatch(self.id):
            raise ValueError("the file's name must be <region>_<body>[_<column>] in lower case, say gs_gansudaily.toml")
        return self

    @property
    def article_hosts(self) -> frozenset[str]:
        """Hosts that articles may lie on, twins included."""
        return frozenset(self._main_hosts) | frozenset(self.twin_hosts)

    @property
    def _main_hosts(self) -> tuple[str, ...]:
        return self.hosts or tuple(dict.fromkeys(urlsplit(url).netloc for url in self.list_urls))

    def is_article(self, url: str) -> bool:
        """Return whether the address is an article of this source."""
        return urlsplit(url).netloc in self.article_hosts and re.search(self.article, self.canonical(url)) is not None

    def canonical(self, url: str) -> str:
        """Return the one address of an article: twins, scheme, default port, fragment and tracking folded away."""
        parts = urlsplit(url)
        host = parts.netloc.lower().removesuffix(":80").removesuffix(":443")
        if host in self.twin_hosts:
            host = self._main_hosts[0]
        query = urlencode(
            [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.match(pair[0])]
        )
        return urlunsplit((urlsplit(self.list_urls[0]).scheme, host, parts.path or "/", query, ""))

    def date_in(self, url: str) -> date | None:
        """Return the day that the article's address names, if its pattern has a group `date`."""
        match = re.search(self.article, self.canonical(url))
        digits = re.sub(r"\D", "", match.groupdict().get("date") or "") if match else ""
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if len(digits) == 8 else None
        except ValueError:
            return None


@dataclass(slots=True)
class Catalogue:
    """The sources that load, and what is wrong with the others."""

    sources: dict[str, Source] = field(default_factory=dict)
    errors: list[FileError] = field(default_factory=list)


def load_source(path: Path) -> Source:
    """Return the source of one file, or raise FileError."""
    return load(path, Source, extra={"id": path.stem})


def load_sources(folders: Iterable[Path]) -> Catalogue:
    """Return the sources of all TOML files below the folders. A broken file does not stop the others."""
    catalogue = Catalogue()
    places: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            catalogue.errors.append(FileError(folder, None, "no such folder of sources"))
        for path in sorted(folder.rglob("*.toml")):
            if path.stem in places:
                message = f"two sources with the id '{path.stem}'; the other is {places[path.stem]}: rename one"
                catalogue.errors.append(FileError(path, None, message))
                continue
            places[path.stem] = path
            try:
                catalogue.sources[path.stem] = load_source(path)
            except FileError as error:
                catalogue.errors.append(error)
    return catalogue


def catalogue_of(config: FoldersConfig) -> Catalogue:
    """Return the sources of the user's folders and those that ship."""
    return load_sources(((SHIPPED,) if config.shipped else ()) + config.folders)
