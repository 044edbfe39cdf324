"""Source: a site section that is watched. One TOML file each; the file's stem is the source's id."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from crawler.config import FoldersConfig
from crawler.dates.clock import Window, parse_clock, parse_span, parse_window
from crawler.families import FAMILIES, Pattern
from crawler.tomlfile import FileError, Strict, line_of, load, read_text

SHIPPED = Path(__file__).parent.parent / "spiders" / "sources"
SOURCE_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
TRACKING = re.compile(r"^(utm_\w+|from|spm|share\w*|isappinstalled|scene|clicktime|wfr|fbclid|gclid)$")


def _times(value: object) -> object:
    if not isinstance(value, list) or not value:
        raise ValueError('must be a list of times such as ["07:30", "12:00"]')
    return tuple(sorted({parse_clock(str(clock)) for clock in value}))


def _window(value: object) -> object:
    return parse_window(str(value))


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a name or a password: source files and addresses are shown")
    return value


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower().removesuffix(":80").removesuffix(":443")


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    if value and value[0].startswith("*."):
        raise ValueError("must begin with a host without *: twins are told apart by it")
    return value


Interval = Annotated[timedelta, BeforeValidator(lambda value: parse_span(str(value)))]
WebAddress = Annotated[str, AfterValidator(_web_address)]


def _selector(value: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        LexborHTMLParser("<p></p>").css_first(value)
    except SelectolaxError:
        raise ValueError("is not a CSS selector") from None
    return value


Selector = Annotated[str, AfterValidator(_selector)]


class Selectors(Strict):
    """CSS of the site's pages. What stays empty is found by the heuristics of `crawler.extract`."""

    links: Selector | None = None  # elements of a list page that link to articles
    next: Selector | None = None  # link to the next list page
    title: Selector | None = None
    body: Selector | None = None
    date: Selector | None = None
    source: Selector | None = None
    author: Selector | None = None
    section: Selector | None = None
    next_page: Selector | None = None  # link to the next part of a multi-page article
    strip: Selector | None = None  # cut out of the body


class Source(Strict):
    """One source file. `id` is not a key: it is the file's stem."""

    id: str = ""
    name: str = Field(min_length=1)
    region: str | None = None  # short Chinese name of the province; none for a national source
    kind: Literal["portal", "department", "daily", "news", "industry", "ministry"]
    family: str  # module of spiders/, e.g. "listing"
    list_urls: tuple[WebAddress, ...] = Field(min_length=1)
    hosts: Annotated[tuple[str, ...], AfterValidator(_hosts)] = ()  # of articles, "*.site.cn" too; list_urls' if empty
    twin_hosts: tuple[str, ...] = ()  # hosts that show the same articles under the same paths as hosts[0]
    article: Pattern  # searched in an address; a group `date` may hold YYYYMMDD or YYYY/MM/DD
    example: WebAddress | None = None  # a real article's address, which the pattern must match
    charset: str | None = None  # only where pages declare a wrong one
    enabled: bool = True
    verified: bool = False  # true once somebody met the live site with it
    every: Interval = timedelta(hours=1)
    at: Annotated[tuple[time, ...], BeforeValidator(_times)] = ()  # Beijing time, instead of `every`
    window: Annotated[Window | None, BeforeValidator(_window)] = None  # hours of the day outside which it is not read
    pages: int = Field(3, ge=1, le=1000)  # list pages a run reads at the most, per address of list_urls
    max_age_days: int = Field(30, ge=1)  # older links are left alone where the link shows a date
    budget: int = Field(200, ge=1, le=10_000)  # articles a run reads at the most; the next run goes on
    delay: float = Field(0.0, ge=0, le=600)  # seconds between requests, where more than the settings' is wanted
    private: bool = False  # an intranet source: its hosts may lie at private addresses
    render: bool = False  # pages need JavaScript: they are read through a browser
    selectors: Selectors = Selectors()
    options: dict[str, object] | Strict = Field(
        default_factory=dict
    )  # of the family, see crawler.families; checked by `load_source`
    evidence: tuple[str, ...] = ()  # what the file rests on
    notes: str = ""

    @model_validator(mode="after")
    def _id_from_stem(self) -> "Source":
        if self.id and not SOURCE_ID.fullmatch(self.id):
            raise ValueError("the file's name must be <region>_<body>[_<column>] in lower case, say gs_gansudaily.toml")
        return self

    @field_validator("family")
    @classmethod
    def _family(cls, value: str) -> str:
        if value not in FAMILIES:
            near = difflib.get_close_matches(value, FAMILIES, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(FAMILIES)}"
            raise ValueError(f"no such family; {hint}")
        return value

    @field_validator("window")
    @classmethod
    def _holds_times(cls, value: Window | None, info: ValidationInfo) -> Window | None:
        for clock in info.data.get("at", ()):
            if value and not value.has(clock):
                raise ValueError(f"{clock:%H:%M} of key 'at' lies outside: nothing would be read then")
        return value

    @property
    def _own_hosts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_host(url) for url in self.list_urls))

    def is_own(self, url: str) -> bool:
        """Return whether the address lies on a host of this source, so that a list may go on there."""
        return self._names(url, (*self._own_hosts, *self.hosts, *self.twin_hosts))

    def may_hold(self, url: str) -> bool:
        """Return whether the address lies on a host that articles of this source may lie on."""
        return self._names(url, (*(self.hosts or self._own_hosts), *self.twin_hosts))

    def is_article(self, url: str) -> bool:
        """Return whether the address is an article of this source."""
        return self.may_hold(url) and re.search(self.article, self.canonical(url)) is not None

    @staticmethod
    def _names(url: str, hosts: tuple[str, ...]) -> bool:
        try:
            host = _host(url)
        except ValueError:  # no address at all, such as http://[1/
            return False
        return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in hosts)

    def canonical(self, url: str) -> str:
        """Return the one address of an article: twins, scheme, default port, fragment and tracking folded away."""
        parts = urlsplit(url)
        host = _host(url)
        if host in self.twin_hosts:
            host = (self.hosts or self._own_hosts)[0]
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
    source = load(path, Source, extra={"id": path.stem})
    if source.example and not source.is_article(source.example):
        known = source.may_hold(source.example)
        why = "'article' does not match it" if known else "'hosts', by default the hosts of list_urls, misses its host"
        message = f"key 'example': this real address would be left out, for key {why}"
        raise FileError(path, line_of(read_text(path), ["example"]), message)
    if {"every", "at"} <= source.model_fields_set:
        message = "key 'at': stands beside 'every'; a source is read at times of day or at a distance, take one out"
        raise FileError(path, line_of(read_text(path), ["at"]), message)
    return source.model_copy(update={"options": load(path, _options_of(source.family)).options})


@cache
def _options_of(family: str) -> type[Any]:
    """Return the model of a source file that looks at [options] alone."""
    options = FAMILIES[family]
    needed = any(field.is_required() for field in options.model_fields.values())
    default = ... if needed else options()
    return create_model("OptionsOf", __config__=ConfigDict(extra="ignore"), options=(options, default))


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
