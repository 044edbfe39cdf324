"""Pagers that stand only in a script: createPageHTML(134, 0, "index", "html") and its kin.

They name the number of pages, the page shown and the list's file. TRS counts from 0, so that page 2 is index_1.html;
Kaipuyun counts from 1 and names the pager's element first. Either way the next page is the one shown and one more.
`var countPage = 134` says the number alone; it is TRS's.
"""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from spiders.base.lists import Turn

CALL = r"\bcreatePage(?:HTML)?\s*\(\s*(?:[\"'][a-z_][\w-]*[\"']\s*,\s*)?[\"']?"
PAGER = {
    "pages": rf"(?:{CALL}|\bcountPage\s*=\s*[\"']?)(\d{{1,6}})\b",
    "shown": rf"{CALL}\d+[\"']?\s*,\s*[\"']?(\d{{1,6}})\b",
    "name": rf"{CALL}[^)]{{0,200}}?[\"']([\w-]+)[\"']\s*,\s*[\"']\w+[\"']",
    "suffix": rf"{CALL}[^)]{{0,200}}?[\"'][\w-]+[\"']\s*,\s*[\"'](\w+)[\"']",
}


def next_page(facts: dict[str, str], turn: Turn) -> tuple[str, int] | None:
    """Return the template and the number of the page behind a page with these facts; None if it is the last.

    Without a script there are no facts, and nothing to tell: look before you ask.
    """
    if turn.number >= int(facts["pages"]):
        return None
    own = PurePosixPath(urlsplit(turn.first).path.rpartition("/")[2])  # empty where the list is a folder
    name, suffix = facts.get("name", own.stem or "index"), facts.get("suffix", own.suffix[1:] or "html")
    return f"{name}_{{n}}.{suffix}", int(facts.get("shown", turn.number - 1)) + 1
