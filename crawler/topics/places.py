"""Sets of place names from the gazetteer: @甘肃各地 is the province and all in it, @兰州各地 the prefecture."""

from collections import defaultdict
from functools import cache
from importlib.resources import files

from crawler.regions.gazetteer import ALIAS, FROM, SOFT, gazetteer

SUFFIX = "各地"


@cache
def places_of(name: str) -> tuple[str, ...]:
    """Return the names in a province or prefecture, given by its short name; () if there is none.

    Names that lie in several provinces, and bare county names that are common words, are left out.
    """
    code = _codes().get(name)
    if not code:
        return ()
    known = gazetteer().places
    inside = list(_words()[code])
    if len(code) == 2:
        province = gazetteer().by_code[code]
        inside += [word for word, (names, rank) in known.items() if names == (province,) and rank in (ALIAS, FROM)]
    sure = {word for word in inside if len(known[word][0]) == 1 and known[word][1] in (*range(ALIAS + 1), FROM, SOFT)}
    return tuple(word for word in dict.fromkeys(inside) if word in sure and len(word) > 1)


@cache
def _rows() -> list[tuple[str, str]]:
    """Return (code, name) pairs, the full and the short name of each place."""
    lines = (files("crawler.regions") / "places.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(code, word) for code, name, short in rows for word in (name, short)]


@cache
def _words() -> dict[str, list[str]]:
    """Return the names of all places by the two leading digits of their province and the four of their prefecture."""
    words: dict[str, list[str]] = defaultdict(list)
    for code, word in _rows():
        words[code[:2]].append(word)
        words[code[:4]].append(word)
    return words


@cache
def _codes() -> dict[str, str]:
    """Return the leading digits that the places of a province or prefecture share, by its short name."""
    codes: dict[str, str] = {}
    for code, word in _rows():
        if code.endswith("00"):
            codes.setdefault(word, code[:2] if code.endswith("0000") else code[:4])
    return codes
