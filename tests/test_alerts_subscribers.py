"""Who hears what and when: rules, quiet hours, briefs and quotas, across midnight, restarts and a clock set back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alerts_desk import NAMES, Clock, audience_of, channels_of, save, warm
from conftest import fengxiang

from crawler.alerts import Channels, deliver
from crawler.alerts.subscribers import TEMPLATE
from crawler.config import AlertsConfig
from crawler.dates import CST
from crawler.store import Store
from crawler.tomlfile import FileError

OFFICE = '[[subscriber]]\nname = "招商处"\nchannels = ["chat"]\n'


def at(clock: str, day: int = 20) -> datetime:
    """Return a moment of November 2026 in Beijing; the 20th is a Friday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=CST).astimezone(UTC)


class Desk:
    """Plans messages and has all of them taken at once, without any server."""

    def __init__(self, store: Store, folder: Path, text: str, now: datetime) -> None:
        self.store = store
        self.channels: Channels = channels_of(folder, chat="json://127.0.0.1:1/a", desk="json://127.0.0.1:1/b")
        warm(store, "chat", "desk")
        self.audience = audience_of(folder, text, archive_url="https://archive.example.org/")
        self.clock = Clock(now)
        self.number = 0

    def find(self, *channels: str, **values: Any) -> int:
        self.number += 1
        return save(self.store, self.number, channels or ("chat",), now=self.clock.now, **values)

    def run(self, now: datetime | None = None) -> list[Any]:
        """Return the messages of one run."""
        if now:
            self.clock.now = now
        deliver(self.store, self.channels, NAMES, audience=self.audience, clock=self.clock, budget=0)
        messages = self.store.due_messages(self.clock.now)
        for message in messages:
            self.store.message_sent(message["id"], "", self.clock.now)
        return messages

    def titles(self, now: datetime | None = None) -> list[str]:
        return [f"{message['channel']} {message['title']}" for message in self.run(now)]


def test_rules_select_by_topic_region_source_and_urgency(store: Store, tmp_path: Path) -> None:
    text = f"""
[urgent]
topics = ["transfer"]
score = 0.9
{OFFICE}
[[subscriber.rule]]
topics = ["transfer"]
regions = ["西部"]
[[subscriber.rule]]
sources = ["cn_example"]
[[subscriber]]
name = "值班"
channels = ["desk"]
[[subscriber.rule]]
urgency = "urgent"
[[subscriber.rule]]
regions = ["全国"]
"""
    desk = Desk(store, tmp_path, text, at("10:00"))
    for values in (
        {"region": "甘肃"},  # chat
        {"region": "江苏"},  # nobody
        {"region": "江苏", "source": "cn_example"},  # chat
        {"region": "江苏", "score": 0.95},  # desk
        {"region": None},  # desk
        {"region": "甘肃", "topics": ("market",)},  # nobody
        {"region": "江苏", "topics": ("market",), "score": 0.99},  # nobody: the topic is never urgent
    ):
        desk.find("chat", "desk", **values)
    told = {(message["channel"], message["title"].partition("召开")[2]) for message in desk.run()}
    assert told == {("chat", "第1次会议"), ("chat", "第3次会议"), ("desk", "第4次会议"), ("desk", "第5次会议")}
    why = {row["detail"] for row in store.ledger() if row["event"] == "unwanted"}
    assert why == {"no rule of 招商处 wants it", "no rule of 值班 wants it"}


def test_several_rules_and_subscribers_tell_once_and_soonest(store: Store, tmp_path: Path) -> None:
    weekly = '[[subscriber.rule]]\ncadence = "weekly"\n'
    text = OFFICE + weekly + '[[subscriber]]\nname = "处长"\nchannels = ["chat"]\n[[subscriber.rule]]\n' + weekly
    desk = Desk(store, tmp_path, text, at("10:00"))
    desk.find()
    assert len(desk.run()) == 1
    assert [row["detail"] for row in store.ledger() if row["event"] == "routed"] == ["for 处长, now, due 11-20 10:00"]
    assert desk.titles(at("08:00", 23)) == []


def test_channel_without_a_subscriber_hears_nothing(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path, OFFICE, at("10:00"))
    desk.find("desk")
    assert desk.run() == []
    assert store.ledger(channel="desk")[-1]["detail"] == "no subscriber on this channel wants it"


def test_quiet_hours_hold_and_drop_nothing_and_urgent_passes(store: Store, tmp_path: Path) -> None:
    text = f'[urgent]\nscore = 0.9\n{OFFICE}quiet_hours = "22:00-07:30"\n'
    desk = Desk(store, tmp_path, text, at("21:59"))
    desk.find()
    assert len(desk.run()) == 1
    for clock, day in (("22:00", 20), ("23:59", 20), ("00:01", 21), ("07:29", 21)):
        desk.clock.now = at(clock, day)
        desk.find()
        assert desk.run() == []
    desk.find(score=0.95)
    assert [title[:9] for title in desk.titles()] == ["chat 【紧急】"]
    assert desk.titles(at("07:30", 21)) == ["chat 【风向】静默时段的消息 11-21：4 条"]
    assert desk.titles(at("07:31", 21)) == []


BRIEF = OFFICE + '[[subscriber.rule]]\ncadence = "morning"\n'


def test_morning_brief_across_midnight_restart_and_a_clock_set_back(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path, BRIEF, at("09:00"))
    told: list[str] = []
    stories = 0
    moment = at("09:00")
    set_back = False
    while moment < at("12:00", 24):
        desk.clock.now = moment
        desk.find()
        stories += 1
        told += [message["body"] for message in desk.run()]
        if moment >= at("08:30", 22) and not set_back:
            set_back, moment = True, moment - timedelta(hours=1)
        else:
            moment += timedelta(minutes=25)
    items = "\n".join(told)
    assert len(told) == 4  # 21st, 22nd, 23rd, 24th; what came since waits for the 25th
    waiting = store.alert_counts().get("queued", 0)
    assert sum(items.count(f"某县召开第{number}次会议\n") for number in range(1, stories + 1)) == stories - waiting
    assert all(items.count(f"某县召开第{number}次会议\n") <= 1 for number in range(1, stories + 1))
    desk.run(at("08:00", 25))
    assert store.alert_counts() == {"sent": stories}


def test_missed_brief_is_made_good_and_an_empty_one_is_not_sent(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path, BRIEF, at("09:00"))
    desk.find()
    assert desk.titles(at("11:00", 21)) == ["chat 【风向】晨报 11-21：1 条"]  # the machine was off at 08:00
    desk.find()
    assert desk.titles(at("11:01", 21)) == []
    assert desk.titles(at("08:00", 22)) == ["chat 【风向】晨报 11-22：1 条"]
    assert desk.titles(at("08:00", 23)) == []


def test_heartbeat_says_once_a_day_that_there_is_nothing(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path, OFFICE + 'heartbeat = true\n[[subscriber.rule]]\ncadence = "morning"\n', at("09:00"))
    desk.run()
    for clock, day in (("07:59", 21), ("08:01", 21), ("07:30", 21), ("08:02", 21), ("23:59", 21)):
        desk.clock.now = at(clock, day)
        assert len(desk.run()) == (clock == "08:01"), (clock, day)
    desk.find()
    assert desk.titles(at("08:00", 22)) == ["chat 【风向】晨报 11-22：1 条"]
    assert desk.titles(at("08:05", 22)) == []


def test_weekly_brief_comes_on_its_day(store: Store, tmp_path: Path) -> None:
    desk = Desk(
        store, tmp_path, OFFICE + 'weekly = "wed 09:30"\n[[subscriber.rule]]\ncadence = "weekly"\n', at("09:00")
    )
    desk.find()
    assert [desk.titles(at("10:00", day)) for day in (21, 24)] == [[], []]
    assert desk.titles(at("09:30", 25)) == ["chat 【风向】周报 11-25：1 条"]


def test_quota_counts_the_rest_with_a_link_and_urgent_passes(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path, f"[urgent]\nscore = 0.9\n{OFFICE}quota = 3\n", at("10:00"))
    for _ in range(17):
        desk.find()
    assert desk.titles() == [
        "chat 【承接产业转移】某县召开第1次会议",
        "chat 【承接产业转移】某县召开第2次会议",
        "chat 【承接产业转移】某县召开第3次会议",
        "chat 【风向】已达每日上限，另有 14 条",
    ]
    desk.find()
    desk.find(score=0.95)
    assert [title[:9] for title in desk.titles(at("11:00"))] == ["chat 【紧急】"]
    (message,) = desk.run(at("08:00", 21))
    assert message["body"] == "另有 1 条，见 https://archive.example.org/"
    desk.find()
    assert len(desk.run(at("09:00", 21))) == 1
    assert store.alert_counts() == {"sent": 5, "counted": 15}


def test_old_articles_are_told_together_next_morning(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path, "", at("10:00"))
    for days in (4, 30, 400):
        desk.find(publish_time=desk.clock.now - timedelta(days=days))
    desk.find()
    assert len(desk.run()) == 1
    assert desk.titles(at("08:00", 21)) == ["chat 【风向】旧文 11-21：3 条"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (OFFICE.replace("chat", "chatt"), 3, "key 'channels': nothing is called 'chatt'; did you mean 'chat'?"),
        (OFFICE + OFFICE, 5, "key 'name': two subscribers '招商处'"),
        (OFFICE + '[[subscriber.rule]]\n[[subscriber.rule]]\ntopics = ["tranfer"]\n', 6, "key 'topics': nothing is"),
        (
            OFFICE + '[[subscriber.rule]]\nregions = ["甘肃省"]\n',
            5,
            "key 'regions': nothing is called '甘肃省'; did you",
        ),
        (OFFICE + '[[subscriber.rule]]\nsources = ["gs_nothing"]\n', 5, "key 'sources': nothing is called"),
        (OFFICE + 'quiet_hours = "08:00-08:00"\n', 4, "key 'quiet_hours' in [subscriber.0]: begins when it ends"),
        (OFFICE + 'quiet_hours = "22:00"\n', 4, "key 'quiet_hours' in [subscriber.0]: write hours as 22:00-07:30"),
        (OFFICE + 'quiet_hours = "22:00-25:00"\n', 4, "key 'quiet_hours' in [subscriber.0]: no such time of day"),
        (OFFICE + 'weekly = "someday 08:00"\n', 4, "key 'weekly' in [subscriber.0]: begins with one of mon, tue"),
        (OFFICE + "quota = 0\n", 4, "key 'quota' in [subscriber.0]: Input should be greater than or equal to 1"),
        (OFFICE + '[[subscriber.rule]]\ncadence = "daily"\n', 5, "key 'cadence' in [subscriber.0.rule.0]: Input"),
        ('[[subscriber]]\nname = "a"\n', 1, "key 'channels' is missing"),
        ('[urgent]\ntopics = ["x"]\n', 2, "key 'topics': nothing is called 'x'"),
    ],
)
def test_mistake_is_named_with_file_line_and_key(tmp_path: Path, text: str, line: int, message: str) -> None:
    from crawler.alerts import load_audience

    path = tmp_path / "subscribers.toml"
    path.write_text(text, "utf-8")
    channels = channels_of(tmp_path, chat="json://127.0.0.1:1/a")
    with pytest.raises(FileError) as caught:
        load_audience(AlertsConfig(subscribers_file=path), channels, topics=list(NAMES), sources=["gs_example"])
    assert str(caught.value).startswith(f"{path}:{line}: {message}")


def test_check_and_run_refuse_before_anything_happens(tmp_path: Path) -> None:
    (tmp_path / "subscribers.toml").write_text(OFFICE, "utf-8")
    for command in ("check", "run"):
        done = fengxiang(command, cwd=tmp_path)
        assert done.returncode == 2
        assert "subscribers.toml:3: key 'channels': nothing is called 'chat'; known: none" in done.stderr
    (tmp_path / "subscribers.toml").unlink()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "text.j2").write_text("{% macro item(item) %}{{ item.x }}{% endmacro %}", "utf-8")
    (tmp_path / "fengxiang.toml").write_text('[alerts]\ntemplates = "own"\n', "utf-8")
    done = fengxiang("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "own/text.j2:1: template does not render: " in done.stderr


def test_template_file_says_what_holds_anyway(tmp_path: Path) -> None:
    path = tmp_path / "subscribers.toml"
    path.write_text(TEMPLATE, "utf-8")
    from crawler.alerts.subscribers import Subscribers, load_subscribers

    assert load_subscribers(path) == Subscribers()
    path.write_text("\n".join(line.removeprefix("# ") for line in TEMPLATE.splitlines()[2:]), "utf-8")
    (subscriber,) = load_subscribers(path).subscriber
    assert (subscriber.name, subscriber.rule[0].regions) == ("招商处", ("甘肃", "西部"))
