"""A real IRC server: what arrives in a room, word for word, and that nothing it refuses counts as delivered."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alerts_desk import NAMES, Clock, channels_of, save, warm
from alerts_irc import PASSWORD, Reader, irc_server
from sqlalchemy import select
from test_alerts_refusals import sent

from crawler.alerts import deliver
from crawler.store import Store
from crawler.store.schema import messages
from crawler.vendors.irc import LINE

pytestmark = pytest.mark.slow
TRICKS = (
    "某县召开第{}次会议\r\nQUIT :再见\r\nJOIN #other\nPRIVMSG #moderated :假的 @all desk: \x01ACTION 笑\x01 \x0304红"
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with irc_server(tmp_path_factory.mktemp("irc")) as given:
        yield given


@pytest.fixture
def reader(port: int) -> Iterator[Reader]:
    with Reader(port, "reader", "#news", "#outside", "#moderated", "#keyed key00001") as sitting:
        yield sitting


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def said(store: Store, channel: str) -> list[str]:
    """Return the lines that a reader of a channel should have seen, as its messages stand in the store."""
    with store.reading() as connection:
        rows = connection.execute(select(messages).where(messages.c.channel == channel, messages.c.title != "旧")).all()
    whole = "\n".join(f"{row.title}\n{row.body}" for row in rows)
    return [line for line in whole.splitlines() if line.strip()]


def test_several_parts_arrive_word_for_word_and_command_nothing(
    store: Store, tmp_path: Path, port: int, reader: Reader
) -> None:
    channels = channels_of(tmp_path, chat=f"irc://desk:{PASSWORD}@127.0.0.1:{port}/#news")
    warm(store, "chat")
    for number in range(6):
        body = (
            f"某县第{number}次会议提出承接产业转移，"
            + "配套园区、用地、用电和物流的办法另行公布，" * 6
            + "请各单位执行。"
        )
        url = f"http://example.org/{number}/" + "%E6%96%87" * 60
        save(store, number, ("chat",), title=TRICKS.format(number), body=body, url=url)
    clock = Clock()
    for _ in range(20):
        delivery = deliver(store, channels, NAMES, clock=clock, patience=0)
        assert not delivery.failed
        clock.pass_(minutes=1)
    reader.settle()
    wanted = said(store, "chat")
    sent_rows = [row for row in store.ledger() if row["event"] == "sent" and row["story_id"]]
    assert len(sent_rows) == 6
    assert {row["detail"] for row in sent_rows} == {"accepted by IRC: PONG"}
    # Several parts, and a line that IRC has to be given in pieces.
    assert sum("/" in line and line.endswith("）") for line in wanted) > 1
    assert max(len(line.encode()) for line in wanted) > LINE
    assert "".join(text for _, text in reader.texts) == "".join(wanted)
    assert {target for target, _ in reader.texts} == {"#news"}
    assert reader.commands() <= {"JOIN", "PRIVMSG", "QUIT"}
    for _, text in reader.texts:
        assert not set(text) & {"@", "\x01", "\x03"}


# the address behind the server's, whether it is delivered, and what the ledger says
REFUSED = {
    "no password": ("desk@{}/#news", "ERROR"),
    "wrong password": ("desk:wrong@{}/#news", "ERROR"),
    "invited only": (f"desk:{PASSWORD}@{{}}/#invited", "473 #invited Cannot join channel (+i)"),
    "moderated": (f"desk:{PASSWORD}@{{}}/#moderated", "404 #moderated Cannot send to channel"),
    "key": (f"desk:{PASSWORD}@{{}}/#keyed", "475 #keyed Cannot join channel (+k)"),
    "wrong key": (f"desk:{PASSWORD}@{{}}/#keyed:key00002", "475 #keyed Cannot join channel (+k)"),
    "not joined": (f"desk:{PASSWORD}@{{}}/#news?join=no", "404 #news Cannot send to channel"),
    "nobody": (f"desk:{PASSWORD}@{{}}/@nobody", "401 nobody No such nick or channel name"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_real_server_refuses_is_not_delivered(
    kind: str, port: int, reader: Reader, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, words = REFUSED[kind]
    outcome = sent("irc://" + address.format(f"127.0.0.1:{port}"), stack, monkeypatch)
    assert (outcome["accepted"], outcome["reached"]) == (False, [])
    assert words in outcome["words"], outcome
    reader.settle()
    assert reader.texts == []


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("desk:{password}@{host}/#news", "#news"),
        ("desk:{password}@{host}/#keyed:key00001", "#keyed"),
        ("desk:{password}@{host}/#outside?join=no", "#outside"),
        ("desk:{password}@{host}/@reader", "reader"),
        ("reader:{password}@{host}/#news", "#news"),  # the nick is taken: another one is made of it
    ],
)
def test_what_a_real_server_takes_was_read(
    address: str, target: str, port: int, reader: Reader, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "irc://" + address.format(password=PASSWORD, host=f"127.0.0.1:{port}")
    outcome = sent(url, stack, monkeypatch)
    assert (outcome["accepted"], outcome["words"], len(outcome["reached"])) == (True, "PONG", 1)
    reader.settle()
    assert reader.texts == [(target, "题"), (target, "正文")]


def test_a_server_that_lets_us_wait_has_the_whole_text_before_it_counts(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = stack.enter_context(irc_server(tmp_path, penalty=-1))
    reader = stack.enter_context(Reader(port, "reader", "#news"))
    text = [f"第{number}行" for number in range(16)]
    outcome = sent(f"irc://desk:{PASSWORD}@127.0.0.1:{port}/#news", stack, monkeypatch, body="\n".join(text))
    reader.settle()
    assert outcome["accepted"]
    assert [line for _, line in reader.texts] == ["题", *text]


def test_apprise_alone_takes_a_refusal_for_a_delivery(
    port: int, reader: Reader, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why `crawler.vendors.irc` is there: when this fails, apprise has learned to wait."""
    monkeypatch.setattr("crawler.vendors.irc.watch_irc", lambda _witness: None)
    url = f"irc://desk:{PASSWORD}@127.0.0.1:{port}/#moderated"
    assert sent(url, stack, monkeypatch)["accepted"]
    reader.settle()
    assert reader.texts == []
