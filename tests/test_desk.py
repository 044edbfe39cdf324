"""The desk: articles go through a real process into the store, one after the other; its death costs what it held."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import pytest
from conftest import article

from crawler.config import Config
from crawler.desk.client import FEW, Desk
from crawler.desk.messages import Answer, DeskLost
from crawler.items import Article
from crawler.settings import ITEM_PIPELINES
from crawler.sources import Source
from crawler.store import Store

SOURCE = Source(
    id="gs_example",
    name="示例网",
    kind="news",
    family="listing",
    list_urls=("http://example.org/a/",),
    article=r"/a/\d+\.html$",
)
TEXT = "某县今日通报标准厂房建设进度，全部三栋厂房已经封顶，预计明年三月交付使用，首批入驻企业有十二家。"


def settings_of(store: Store) -> dict[str, Any]:
    return {
        "FENGXIANG_STORE": store.url,
        "FENGXIANG_CONFIG": Config(),
        "FENGXIANG_CHANNELS": {},
        "FENGXIANG_BACKFILL": False,
        "FENGXIANG_STEPS": sorted(ITEM_PIPELINES, key=lambda path: ITEM_PIPELINES[path]),
    }


def with_desk(test: Callable[[Desk, Store], Awaitable[None]]) -> Callable[[Store], None]:
    """Run an async test with a desk, which is closed after it."""

    @wraps(test)
    def run(store: Store) -> None:
        async def inside() -> None:
            desk = Desk()
            try:
                await test(desk, store)
            finally:
                await desk.close()

        asyncio.run(inside())

    del run.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for a fixture `desk`
    return run


async def used(desk: Desk, store: Store) -> int:
    """Have the desk take an article; return the id of its process."""
    await desk.take(settings_of(store), SOURCE, fetched(1, TEXT))
    assert desk.pid
    return desk.pid


def fetched(number: int, body: str) -> Article:
    return article(number, canonical_url="", content_hash="", body=body)


@with_desk
async def test_articles_are_taken_one_after_the_other_and_answers_say_what_became_of_each(
    desk: Desk, store: Store
) -> None:
    take = desk.take
    articles = [fetched(1, TEXT), fetched(2, TEXT + "（转载）"), fetched(1, TEXT), fetched(3, "另一则消息。" * 9)]
    answers: list[Answer] = await asyncio.gather(*(take(settings_of(store), SOURCE, one) for one in articles))
    assert [type(answer.error).__name__ for answer in answers] == ["NoneType", "NoneType", "Duplicate", "NoneType"]
    first, reprint, _, other = (answer.story_id for answer in answers)
    assert first == reprint != other
    assert [answer.counts["fengxiang/dedupe/reprint"] for answer in answers] == [0, 1, 0, 0]
    assert sum(answer.counts["fengxiang/store/saved"] for answer in answers) == 3
    assert store.totals()["articles"] == 3


@with_desk
async def test_few_articles_are_spared_the_process_unless_it_is_up(desk: Desk, store: Store) -> None:
    assert [desk.is_spared() for _ in range(FEW + 1)] == [True] * FEW + [False]
    started = Desk()
    await started.start(settings_of(store))
    assert not started.is_spared()
    pid = started.pid
    await started.take(settings_of(store), SOURCE, fetched(1, TEXT))
    assert started.pid == pid
    await started.close()


@with_desk
async def test_process_that_was_begun_before_the_run_takes_its_articles(desk: Desk, store: Store) -> None:
    desk.begin()
    pid = desk.pid
    assert not desk.is_spared()
    answer = await desk.take(settings_of(store), SOURCE, fetched(1, TEXT))
    assert (answer.error, desk.pid) == (None, pid)


@with_desk
async def test_process_that_was_begun_for_nothing_ends_with_the_run(desk: Desk, store: Store) -> None:
    desk.begin()
    assert desk.pid
    await desk.close()
    with pytest.raises(ProcessLookupError):
        os.kill(desk.pid, 0)
    assert store.totals()["articles"] == 0


@with_desk
async def test_ctrl_c_costs_no_article(desk: Desk, store: Store) -> None:
    pid = await used(desk, store)
    os.kill(pid, signal.SIGINT)
    answer = await desk.take(settings_of(store), SOURCE, fetched(2, "另一则消息。" * 9))
    assert (answer.error, desk.pid) == (None, pid)


@with_desk
async def test_death_costs_what_the_desk_held_and_the_next_article_gets_a_new_one(desk: Desk, store: Store) -> None:
    settings = settings_of(store)
    pid = await used(desk, store)
    os.kill(pid, signal.SIGSTOP)
    waiting = asyncio.create_task(desk.take(settings, SOURCE, fetched(2, "另一则消息。" * 9)))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    lost = await waiting
    assert isinstance(lost.error, DeskLost)
    assert "exit code -9" in str(lost.error)
    assert store.totals()["articles"] == 1
    again = await desk.take(settings, SOURCE, fetched(2, "另一则消息。" * 9))
    assert (again.error, desk.pid != pid) == (None, True)
    assert store.totals()["articles"] == 2


@with_desk
async def test_article_that_no_step_or_no_store_can_stand_is_told_from_trouble_of_ours(
    desk: Desk, store: Store
) -> None:
    settings = settings_of(store)
    broken, refused = fetched(1, TEXT), fetched(2, "另一则消息。" * 9)
    broken.title, refused.source = None, None  # type: ignore[assignment]
    answers = [await desk.take(settings, SOURCE, one) for one in (broken, refused, fetched(3, TEXT))]
    assert [type(answer.error).__name__ for answer in answers] == ["Unfit", "Unfit", "NoneType"]
    assert str(answers[0].error).startswith("TypeError: ")
    assert [record.levelname for record in answers[0].logged] == ["ERROR"]
    assert store.totals()["articles"] == 1


@with_desk
async def test_article_that_is_cleaned_for_too_long_is_set_aside(desk: Desk, store: Store) -> None:
    settings = settings_of(store) | {"FENGXIANG_CONFIG": Config(reader={"time_limit": 0.01})}  # type: ignore[arg-type]
    long = "產(chǎn)業(yè)轉(zhuǎn)移的消息。" * 20_000
    answers = [await desk.take(settings, SOURCE, one) for one in (fetched(1, long), fetched(2, TEXT))]
    assert [str(answer.error) for answer in answers] == ["TooLong: longer than 0.01 s", "None"]
    assert store.totals()["articles"] == 1


@with_desk
async def test_articles_that_wait_are_saved_together_and_one_that_cannot_be_costs_no_other(
    desk: Desk, store: Store
) -> None:
    settings = settings_of(store)
    await desk.take(settings, SOURCE, fetched(1, "第一则消息，与别的都不同。" * 9))
    assert desk.pid
    os.kill(desk.pid, signal.SIGSTOP)
    bodies = ["另一则消息，说的是别的事。" * 9, TEXT, TEXT + "（转载）", "第三则消息，也是别的事情。" * 9]
    waiting = [fetched(number, body) for number, body in enumerate(bodies, 2)]
    waiting[1].source = None  # type: ignore[assignment]
    asked = [asyncio.create_task(desk.take(settings, SOURCE, one)) for one in waiting]
    await asyncio.sleep(0)
    os.kill(desk.pid, signal.SIGCONT)
    answers = [await one for one in asked]
    assert [type(answer.error).__name__ for answer in answers] == ["NoneType", "Unfit", "NoneType", "NoneType"]
    assert [answer.counts["fengxiang/store/saved"] for answer in answers] == [1, 0, 1, 1]
    assert len({answer.story_id for answer in answers if not answer.error}) == 3
    assert store.totals()["articles"] == 4


@with_desk
async def test_store_that_cannot_be_written_is_an_error_of_the_article_with_its_remedy(
    desk: Desk, store: Store
) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE pages")
    answer = await desk.take(settings_of(store), SOURCE, fetched(1, TEXT))
    assert "no such table: pages" in str(answer.error)
    assert store.totals()["articles"] == 0
