"""Which sources a run reads, when, and in which order."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from conftest import NOW

from crawler.dates import CST
from crawler.errors import UsageError
from crawler.run import Options, chosen
from crawler.schedule import Past, Schedule, longest_gap
from crawler.sources import Source
from crawler.store import Store

MIDNIGHT = datetime(2026, 11, 20, tzinfo=CST)
TEN_MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)


def source(name: str, **values: Any) -> Source:
    defaults = {"id": name, "name": name, "kind": "news", "family": "listing", "article": "/a/", "every": "1h"}
    return Source.model_validate(defaults | {"list_urls": [f"http://{name}.example.org/"]} | values)


def read_by_cron(
    watched: Source,
    length: timedelta,
    *,
    tick: timedelta = TEN_MINUTES,
    fails: Callable[[datetime], bool] | None = None,
) -> list[datetime]:
    """Return when a cron that starts us at each tick from a midnight in Beijing reads the source."""
    past: Past | None = None
    moments: list[datetime] = []
    for number in range(length // tick):
        now = MIDNIGHT + number * tick + timedelta(seconds=2)
        if Schedule({watched.id: watched}, {watched.id: past} if past else {}).is_due(watched, now):
            moments.append(now)
            failures = past.failures + 1 if past else 1
            past = Past(began=now, failures=failures if fails and fails(now) else 0)
    return moments


def clocks(moments: list[datetime]) -> list[str]:
    return [f"{moment:%d %H:%M}" for moment in moments]


@pytest.mark.parametrize("tick", [TEN_MINUTES, timedelta(minutes=30), HOUR])
@pytest.mark.parametrize("every", [HOUR, 2 * HOUR, DAY])
def test_source_is_read_as_often_as_it_says(every: timedelta, tick: timedelta) -> None:
    hours = every // HOUR
    for number in range(8):
        moments = read_by_cron(source(f"gs_{number}", every=f"{hours}h"), 8 * every, tick=tick)
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert set(gaps[1:]) == {every}
        assert timedelta() < gaps[0] <= every


def test_sources_do_not_all_come_at_once() -> None:
    """160 sources that begin in one run; a cron of ten minutes has six runs an hour for them."""
    load = Counter[datetime]()
    for number in range(160):
        load.update(read_by_cron(source(f"gs_{number}"), timedelta(hours=9)))
    runs = [count for moment, count in load.items() if moment > MIDNIGHT + HOUR]
    assert load[MIDNIGHT + timedelta(seconds=2)] == 160
    assert max(runs) <= 50
    assert min(runs) >= 10


def test_times_of_day_are_beijings() -> None:
    watched = source("gs_a", every="1h", at=["12:00", "07:30"])
    moments = read_by_cron(watched, 2 * DAY)
    assert clocks(moments[1:]) == ["20 07:30", "20 12:00", "21 07:30", "21 12:00"]
    assert longest_gap(watched) == timedelta(hours=19, minutes=30)


@pytest.mark.parametrize(
    ("window", "every", "a_night"),
    [
        ("01:00-06:00", "1h", {4, 5}),
        ("22:00-05:00", "3h", {2, 3}),
        ("01:00-06:00", "1d", {1}),
        ("03:00-03:30", "1h", {1}),
    ],
)
def test_window_is_kept_and_no_night_missed(window: str, every: str, a_night: set[int]) -> None:
    for number in range(8):
        watched = source(f"gs_{number}", window=window, every=every)
        moments = read_by_cron(watched, 6 * DAY)
        assert watched.window
        assert all(watched.window.holds(moment) for moment in moments)
        nights = Counter((moment - timedelta(hours=12)).date() for moment in moments)
        assert set(list(nights.values())[1:-1]) <= a_night
        assert len(nights) in {6, 7}
        assert max(later - earlier for earlier, later in pairwise(moments)) <= longest_gap(watched) + TEN_MINUTES


def test_window_that_was_slept_through_is_waited_for() -> None:
    watched = source("gs_a", window="01:00-06:00", every="1d")
    schedule = Schedule({"gs_a": watched}, {"gs_a": Past(began=MIDNIGHT + timedelta(hours=2))})
    noon = MIDNIGHT + timedelta(days=3, hours=12)
    assert not schedule.is_due(watched, noon)
    assert MIDNIGHT + timedelta(days=4, hours=1) <= schedule.due(watched, noon) <= MIDNIGHT + timedelta(days=4, hours=6)


def test_ill_source_is_given_rest_and_a_well_one_its_pace_again() -> None:
    ill = MIDNIGHT + timedelta(hours=10)
    moments = read_by_cron(source("gs_a", every="2h"), timedelta(hours=20), fails=lambda now: now < ill)
    rests = [later - earlier for earlier, later in pairwise(moments)]
    assert [rest // TEN_MINUTES for rest in rests[:6]] == [1, 1, 2, 4, 8, 12]
    assert set(rests[5:9]) == {2 * HOUR}
    assert set(rests[-3:]) == {2 * HOUR}


def test_ill_source_with_times_is_tried_between_them_and_at_them() -> None:
    moments = read_by_cron(source("gs_a", at=["07:30"]), 3 * DAY, fails=lambda _: True)
    assert clocks(moments[:6]) == ["20 00:00", "20 00:10", "20 00:20", "20 00:40", "20 01:20", "20 02:40"]
    assert {"20 07:30", "21 07:30", "22 07:30"} <= set(clocks(moments))
    assert len(moments) < 16


def test_ill_source_is_tried_in_its_window_only() -> None:
    watched = source("gs_a", window="01:00-02:00")
    moments = read_by_cron(watched, 3 * DAY, fails=lambda _: True)
    assert all(watched.window and watched.window.holds(moment) for moment in moments)
    assert {f"{moment:%d}" for moment in moments} == {"20", "21", "22"}


def test_clock_set_back_does_not_silence_a_source() -> None:
    watched = source("gs_a")
    assert Schedule({"gs_a": watched}, {"gs_a": Past(began=NOW + HOUR)}).is_due(watched, NOW)
    assert not Schedule({"gs_a": watched}, {"gs_a": Past(began=NOW - timedelta(minutes=5))}).is_due(watched, NOW)


def read(store: Store, name: str, began: datetime, outcome: str = "ok", **counts: int) -> None:
    run_id = store.begin_run({}, began)
    store.source_done(run_id, name, began, began, {"outcome": outcome, "reason": None, "counts": counts})


def test_past_is_what_the_store_keeps(store: Store) -> None:
    for minutes, outcome in ((50, "failed"), (40, "ok"), (30, "failed"), (20, "failed")):
        read(store, "gs_a", NOW - timedelta(minutes=minutes), outcome)
    read(store, "gs_b", NOW, "failed", wait=7200)
    read(store, "gs_c", NOW)
    assert store.pasts() == {
        "gs_a": Past(began=NOW - timedelta(minutes=20), failures=2),
        "gs_b": Past(began=NOW, failures=1, alone_until=NOW + 2 * HOUR),
        "gs_c": Past(began=NOW),
    }


def test_host_that_asked_to_be_left_alone_is_left_alone_by_all_its_sources(store: Store) -> None:
    """An ill source is tried in the next run, but not before its host's Retry-After."""
    sources = {name: source(name, list_urls=["http://one.example.org/"]) for name in ("gs_a", "gs_b")}
    read(store, "gs_a", NOW, "failed", wait=7200)
    assert chosen(sources, Options(), store, NOW + timedelta(minutes=110)) == []
    assert len(chosen(sources, Options(), store, NOW + timedelta(minutes=120))) == 2


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
