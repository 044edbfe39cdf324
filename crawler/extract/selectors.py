"""A source's own selectors and patterns: what they find, or an error that names the key."""

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawler.errors import UsageError


def select(tree: LexborHTMLParser, chosen: Mapping[str, str], key: str) -> list[LexborNode]:
    """Return what the selector named `key` finds; nothing when there is none."""
    css = chosen.get(key)
    if not css:
        return []
    try:
        return tree.css(css)
    except SelectolaxError as error:
        raise UsageError(f"selector {key} = {css!r} is not CSS that can be read") from error


def first(tree: LexborHTMLParser, chosen: Mapping[str, str], key: str) -> LexborNode | None:
    """Return the first element the selector named `key` finds."""
    return next(iter(select(tree, chosen, key)), None)


def compiled(article: str | None) -> re.Pattern[str] | None:
    """Return the pattern for addresses of articles."""
    try:
        return re.compile(article) if article is not None else None
    except re.error as error:
        raise UsageError(f"article = {article!r} is not a regular expression: {error}") from error


def check(chosen: Mapping[str, str], article: str | None = None) -> None:
    """Raise UsageError for the first selector or pattern that cannot be used."""
    tree = LexborHTMLParser("<p></p>")
    for key in chosen:
        select(tree, chosen, key)
    compiled(article)
