"""Planted secrets, looked for in every output, at every log level, while everything goes wrong: none is seen."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alerts_vendors import Reply
from hostile_texts import HostileDesk, open_hostile_desk

pytestmark = pytest.mark.slow  # `make test-slow`

SECRETS = {
    "DingTalk's token": "dingtoken0001",
    "DingTalk's secret": "SECabc123",
    "a webhook's path": "secrethook0001",
    "Telegram's token": "AAabcdefghijklmnopqrstuvwxyz12345678",
    "Bark's key": "barkdevicekey0001",
    "the mail password": "smtppassword0001",
    "the database's password": "pgpassword0001",
    "a proxy's password": "proxypassword0001",
    "a password in a list's address": "listpassword0001",
    "a cookie": "cookiesession0001",
}
DATABASE = "postgresql+psycopg://desk:pgpassword0001@127.0.0.1:9/fengxiang?connect_timeout=2"
# What a crawl by hand and a library of ours may log at DEBUG, and how a mistake of ours would end.
LOUD = """
import logging, sys
from pathlib import Path
from crawler.discreet import guard_logs
from crawler.alerts import load_channels
guard_logs()
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
channels = load_channels(Path("channels.yaml"))
print(repr(channels), [repr(channel) for channel in channels.values()])
from crawler.settings import read_config
print(repr(read_config()), read_config().store)
from apprise import Apprise
for name in channels:
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    from crawler.vendors.services import build
    service = build(channels[name].entry, "text")
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    sender = Apprise()
    sender.add(service)
    sender.notify(title="t", body="b")
    logging.getLogger("fengxiang").error("%s", channels[name].entry)
    try:
        raise ValueError(str(channels[name].entry))
    except ValueError:
        logging.getLogger("fengxiang").exception("sending to %s", channels[name].entry)
log = logging.getLogger("scrapy.core.engine")
log.debug("Crawled (200) <GET http://name:listpassword0001@example.org/> %s", {b"Cookie": [b"s=cookiesession0001"]})
log.debug("headers %r", {b"Authorization": b"Basic cookiesession0001"})
raise RuntimeError([channel.entry for channel in channels.values()])
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileDesk]:
    """A desk with an article to tell, whose vendors refuse and repeat all secrets in their answers."""
    with ExitStack() as stack:
        names = ("dingtalk", "webhook", "telegram", "bark")
        mail = "mailto://desk:smtppassword0001@127.0.0.1:9?from=fx@example.com&to=desk@example.com"
        opened = open_hostile_desk(stack, tmp_path_factory.mktemp("desk"), names, mail=mail)
        words = " ".join(list(SECRETS.values())[:6])  # what a vendor may know
        opened.vendors.refusal = Reply({"errcode": 310000, "errmsg": f"refused {words}", "description": words}, 400)
        yield opened


def outputs(desk: HostileDesk) -> Iterator[tuple[str, bytes]]:
    """Yield a name for each command with what it printed, and then each file that it left."""
    postgres, proxy = {"FENGXIANG_STORE_URL": DATABASE}, {"http_proxy": "http://desk:proxypassword0001@127.0.0.1:9"}
    log = {"FENGXIANG_RUN_LOG_FILE": str(desk.folder / "run.log")}
    scrapy = [sys.executable, "-m", "scrapy", "crawl", "gs_example", "-L", "DEBUG"]
    by_hand = {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    runs = [
        desk.fengxiang("run", "--all"),
        desk.fengxiang("run", "--all", **log),
        desk.fengxiang("run", **postgres),
        desk.start(scrapy, **by_hand),
        desk.start(scrapy, **by_hand, **postgres, **proxy),
        desk.start([sys.executable, "-c", LOUD], **postgres),
    ]
    commands = ("check", "doctor", "health", "health --json", "health --prometheus fengxiang.prom", "alerts ledger")
    runs += [desk.fengxiang(*line.split()) for line in (*commands, "alerts test bark", "db check", "db backup copy.db")]
    runs += [desk.fengxiang(*line.split(), **postgres) for line in ("check", "doctor", "db check", "export")]
    source = desk.folder / "sources" / "gs_example.toml"
    text = source.read_text("utf-8")
    source.write_text(text.replace("http://", "http://desk:listpassword0001@"), "utf-8")
    runs += [desk.fengxiang(*line.split()) for line in ("check", "sources", "run --all", "doctor")]
    source.write_text(text, "utf-8")
    for done in runs:
        yield " ".join(done.args[-4:])[-60:], (done.stdout + done.stderr).encode("utf-8", "surrogateescape")
    for path in sorted(desk.folder.rglob("*")):
        if path.is_file() and path.name not in {"channels.yaml", "vendors.pem"}:
            yield str(path.relative_to(desk.folder)), path.read_bytes()


def test_no_secret_is_seen(desk: HostileDesk) -> None:
    seen = []
    names = set()
    for name, content in outputs(desk):
        names.add(Path(name).name)
        for what, secret in SECRETS.items():
            at = content.find(secret.encode())
            if at >= 0:
                seen.append((what, name, content[max(0, at - 150) : at + 50].decode("utf-8", "replace")))
    assert seen == []
    assert {"fengxiang.db", "copy.db", "run.log", "fengxiang.prom", "articles.jsonl"} <= names
    assert desk.vendors.posts, "nothing was sent, so nothing could leak"
    ledger = desk.fengxiang("alerts", "ledger").stdout
    assert "***" in ledger


def test_address_of_a_list_holds_no_password(desk: HostileDesk) -> None:
    source = desk.folder / "sources" / "gs_other.toml"
    text = (desk.folder / "sources" / "gs_example.toml").read_text("utf-8")
    source.write_text(text.replace("http://", "http://desk:listpassword0001@"), "utf-8")
    done = desk.fengxiang("check")
    source.unlink()
    assert done.returncode == 2
    assert "must not hold a name or a password" in done.stderr
    assert "listpassword0001" not in done.stderr
