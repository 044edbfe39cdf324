"""IRC: lines of a length that no server cuts, and a message that a real server passed on."""

from pathlib import Path

import pytest
from alerts_desk import NAMES, Clock, channels_of, save, warm
from alerts_irc import PASSWORD, Reader, irc_server

from crawler.alerts import deliver
from crawler.store import Store
from crawler.vendors.irc import lines


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("短", ["短"]),
        ("一行\r\n\n  \n二行\x0b三行\u2028四行", ["一行", "二行", "三行", "四行"]),
        ("园区，用地，用电", ["园区，用地，", "用电"]),
        ("承接产业转移示范区", ["承接产业转移", "示范区"]),  # no mark: between characters
        ("短，承接产业转移示范区", ["短，承接产业", "转移示范区"]),  # a mark too early to cut behind
        ("a" * 45, ["a" * 20, "a" * 20, "a" * 5]),
        ("😀" * 6, ["😀" * 5, "😀"]),
        ("坏\ud800字" * 4, ["坏\ud800字坏\ud800字坏\ud800", "字坏\ud800字"]),
    ],
)
def test_lines_fit_and_lose_nothing(text: str, wanted: list[str]) -> None:
    found = list(lines(text, 20))
    assert found == wanted
    assert all(len(line.encode("utf-8", "replace")) <= 20 for line in found)


def test_irc_is_sent_when_the_server_has_passed_it_on(store: Store, tmp_path: Path) -> None:
    with irc_server(tmp_path) as port, Reader(port, "reader", "#news") as reader:
        channels = channels_of(tmp_path, chat=f"irc://desk:{PASSWORD}@127.0.0.1:{port}/#news")
        warm(store, "chat")
        save(store, 1, ("chat",), title="某县召开会议\r\nQUIT :再见")
        assert deliver(store, channels, NAMES, clock=Clock()).sent["chat"] == 1
        reader.settle()
        assert reader.texts[0] == ("#news", "【风向·承接产业转移】某县召开会议 QUIT :再见")
        assert [text for _, text in reader.texts][-2:] == [
            "某县第1次会议提出「承接产业转移」。",
            "http://example.org/a/1.html",
        ]
    assert [row["detail"] for row in store.ledger() if row["event"] == "sent" and row["story_id"]] == [
        "accepted by IRC: PONG"
    ]
