"""What the sites of the sample web have in common: a site answers a path with marked-up text."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Protocol

from crawler.sample.texts import SampleArticle


@dataclass(slots=True, frozen=True)
class Markup:
    """A page before it is encoded; real host names stand in it."""

    text: str
    modified: datetime
    charset: str = "utf-8"
    content_type: str = "text/html"


class Site(Protocol):
    """A site: it may own several hosts."""

    name: str
    hosts: tuple[str, ...]
    articles: list[SampleArticle]  # newest first
    changed: datetime  # when the lists last changed

    def urls(self, article: SampleArticle) -> tuple[str, ...]:
        """Return the real addresses of an article, its own first."""

    def page(self, host: str, path: str) -> Markup | None:
        """Return what a path answers, or None when there is no such page."""


@cache
def _template(name: str) -> Template:
    return Template(files("crawler.sample").joinpath("pages", f"{name}.html").read_text("utf-8"))


def fill(name: str, **words: object) -> str:
    """Return the template pages/<name>.html with its words set in."""
    return _template(name).substitute(words)


def robots(text: str, modified: datetime) -> Markup:
    """Return a robots.txt."""
    return Markup(text, modified, content_type="text/plain")


def paragraphs(texts: tuple[str, ...], template: str) -> str:
    """Return paragraphs, each set into `template` at its {}."""
    return "\n".join(template.format(escape(text, quote=False)) for text in texts)
