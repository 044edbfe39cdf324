"""The text of a source file for what a list page was taken for."""

import json
import re
from urllib.parse import urlsplit

from crawler.lists.model import Guess
from crawler.regions import locate

OFFICE = re.compile(r"(?:委员会|委|厅|局|办公室)(?:[\W_]|网|$)")


def toml_of(found: Guess, today: str, *, private: bool = False) -> str:
    """Return the text; it says that nobody has looked at it yet."""
    lines = ["private = true"] if private else []
    lines.append(f"name = {json.dumps(found.name, ensure_ascii=False)}")
    region = locate(found.name, "").region
    lines += [f'region = "{region}"'] if region else []
    lines += [f'kind = "{_kind(found)}"', f'family = "{found.family}"', f"list_urls = [{json.dumps(found.list_url)}]"]
    lines += [f"hosts = {json.dumps(found.hosts)}"] if found.hosts else []
    quoted = json.dumps(found.article) if "'" in found.article else f"'{found.article}'"
    lines.append(f"article = {quoted}")
    lines += [f"example = {json.dumps(found.example)}"] if found.example else []
    lines += [f'charset = "{found.charset}"'] if found.charset else []
    lines += ["render = true"] if found.render else []
    lines += [f'evidence = ["made from its address on {today}, not looked at by anyone"]']
    if found.pager:
        lines += ["[options]", f"pager = {json.dumps(found.pager)}"]
        lines += [f"second = {found.second}"] if found.second != 2 else []
    return "\n".join(lines) + "\n"


def _kind(found: Guess) -> str:
    if found.family == "epaper":
        return "daily"
    if OFFICE.search(found.name):
        return "department"
    return "portal" if (urlsplit(found.list_url).hostname or "").endswith(".gov.cn") else "news"
