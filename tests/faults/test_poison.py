"""Articles that can never be read or stored: retried three times over runs, set aside, shown, tried on demand."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import fengxiang
from hostile_wire import STUCK, Ask, Crowd, Host, Wire, tangled_page, well
from test_hostile_servers import SETTINGS, desk

pytestmark = pytest.mark.slow  # `make test-slow`

RETRIES = 3
TRIES = 1 + RETRIES
# The first article holds the reader up for ever; the second is refused by the store: no article may have its title.
REFUSING = """CREATE TRIGGER poison BEFORE INSERT ON articles WHEN NEW.url LIKE '%/a/1.html'
BEGIN SELECT RAISE(ABORT, 'no such article'); END"""
QUICK = f"{SETTINGS}[reader]\ntime_limit = 1.0\n"


async def manners(ask: Ask, wire: Wire) -> None:
    if ask.path == "/a/0.html":
        await wire.answer(tangled_page("0"))
    else:
        await well(ask, wire, articles=6)


class Poisoned:
    """A user's folder with such a source."""

    def __init__(self, folder: Path, crowd: Crowd) -> None:
        self.folder = folder
        self.host = crowd.hosts["poison"]

    def asked(self, number: int) -> int:
        return sum(path == f"/a/{number}.html" for _, path in self.host.asked)

    def run(self) -> int:
        return fengxiang("run", "--all", cwd=self.folder).returncode

    def sql(self, text: str) -> None:
        with closing(sqlite3.connect(self.folder / "var" / "fengxiang.db")) as store, store:
            store.execute(text)

    def wait(self) -> None:
        """Let the time pass after which a page is tried again."""
        self.sql("UPDATE pages SET next_try = '2026-01-01 00:00:00.000000' WHERE next_try IS NOT NULL")

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(fengxiang("health", "--json", cwd=self.folder).stdout)
        return found


def test_poison_is_retried_three_times_then_set_aside_shown_and_tried_on_demand(tmp_path: Path) -> None:
    with desk(tmp_path, {"poison": Host(manners)}, STUCK, QUICK) as crowd:
        it = Poisoned(tmp_path, crowd)
        fengxiang("check", cwd=tmp_path)
        it.sql(REFUSING)
        codes = []
        for _ in range(TRIES):
            codes.append(it.run())
            it.wait()
        assert codes == [1] * TRIES  # a step of ours failed: that is said every time
        assert it.run() == 0  # now they are left alone
        assert [it.asked(number) for number in range(3)] == [TRIES, TRIES, 1]
        quarantine = {page["url"][-9:]: page for page in it.health()["quarantine"]}
        assert quarantine["/a/0.html"]["reason"] == "reading took longer than 1 s"
        assert "no such article" in quarantine["/a/1.html"]["reason"]
        assert {(page["source"], page["attempts"]) for page in quarantine.values()} == {("cn_poison", TRIES)}
        table = fengxiang("health", cwd=tmp_path).stdout
        assert f"quarantined\tcn_poison\t{it.host.url}/a/0.html\t{TRIES} tries\treading took longer" in table
        it.sql("DROP TRIGGER poison")
        again = fengxiang("sources", "retry", f"{it.host.url}/a/1.html", cwd=tmp_path)
        assert (again.returncode, again.stdout[:2]) == (0, "1 ")
        assert it.run() == 0
        assert [it.asked(number) for number in range(3)] == [TRIES, TRIES + 1, 1]
        assert [page["url"][-9:] for page in it.health()["quarantine"]] == ["/a/0.html"]
        assert fengxiang("sources", "retry", "cn_other", cwd=tmp_path).returncode == 2
