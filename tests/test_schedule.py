"""Which sources a run reads, and in which order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import NOW

from crawler.errors import UsageError
from crawler.run import Options, chosen, is_due
from crawler.sources import Source
from crawler.store import Store


def source(name: str, **values: Any) -> Source:
    defaults = {"id": name, "name": name, "kind": "news", "family": "listing", "article": "/a/", "every": "1h"}
    return Source.model_validate(defaults | {"list_urls": [f"http://{name}.example.org/"]} | values)


@pytest.mark.parametrize(
    ("minutes", "outcome", "due"),
    [
        (59, "ok", True),  # cron is never a full hour apart
        (58, "ok", False),
        (10, "failed", True),
        (-60, "ok", True),  # the clock was set back
    ],
)
def test_source_is_due(minutes: int, outcome: str, due: bool) -> None:
    last = (NOW - timedelta(minutes=minutes), outcome)
    assert is_due(source("gs_a"), last, NOW) is due
    assert is_due(source("gs_a"), None, NOW)


def read(store: Store, name: str, began: datetime) -> None:
    run_id = store.begin_run({}, began)
    store.source_done(run_id, name, began, began, {"outcome": "ok", "reason": None, "counts": {}})


def test_those_that_waited_longest_come_first(store: Store) -> None:
    sources = {name: source(name) for name in ("gs_a", "gs_b", "gs_c", "gs_d")}
    for name, hours in (("gs_a", 2), ("gs_b", 5), ("gs_d", 0)):
        read(store, name, NOW - timedelta(hours=hours))
    assert [s.id for s in chosen(sources, Options(), store, NOW)] == ["gs_c", "gs_b", "gs_a"]


def test_named_sources_are_read_due_or_not(store: Store) -> None:
    sources = {"gs_a": source("gs_a", enabled=False), "hn_b": source("hn_b", region="湖南", kind="daily")}
    read(store, "hn_b", NOW)
    assert [s.id for s in chosen(sources, Options(sources=("hn_b", "gs_a", "hn_b")), store, NOW)] == ["hn_b", "gs_a"]
    assert chosen(sources, Options(), store, NOW) == []
    everything = Options(everything=True, region="湖南", kind="daily")
    assert [s.id for s in chosen(sources, everything, store, NOW)] == ["hn_b"]
    with pytest.raises(UsageError, match="did you mean 'hn_b'"):
        chosen(sources, Options(sources=("hn_bb",)), store, NOW)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(region="湖男"), "no source of region '湖男'; did you mean '湖南'?"),
        (Options(kind="dayly"), "no source of kind 'dayly'; did you mean 'daily'?"),
        (Options(kind="x"), "no source of kind 'x'; daily"),
    ],
)
def test_a_region_or_kind_that_no_source_has_is_an_error(store: Store, options: Options, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen({"hn_b": source("hn_b", region="湖南", kind="daily")}, options, store, NOW)
    assert str(caught.value) == said
