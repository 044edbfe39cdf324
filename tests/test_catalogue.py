"""The sources that ship: they load, rest on evidence, cover every province and start."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest
from internet import online
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from crawler.config import Config
from crawler.loader import SourceLoader
from crawler.sample.server import Page, Server
from crawler.sources import SHIPPED, load_sources
from spiders.base import SourceSpider

CATALOGUE = load_sources([SHIPPED])
SOURCES = CATALOGUE.sources
SETTINGS = """\
[crawl]
delay = 0.0
concurrent_hosts = 32
[sources]
folders = ["sources"]
shipped = false
[topics]
shipped = false
"""
PROVINCES = [
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽",
    "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州",
    "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆",
]  # fmt: skip


def test_all_load_and_the_median_file_is_short() -> None:
    assert not CATALOGUE.errors
    assert len(SOURCES) >= 150
    assert median(len(path.read_text("utf-8").splitlines()) for path in SHIPPED.rglob("*.toml")) <= 20


def test_files_lie_in_the_folder_of_their_province() -> None:
    for path in SHIPPED.rglob("*.toml"):
        assert path.parent.name == path.stem.partition("_")[0]
    of_folder: dict[str, set[str | None]] = {}
    for source in SOURCES.values():
        of_folder.setdefault(source.id.partition("_")[0], set()).add(source.region)
    assert all(len(regions) == 1 for regions in of_folder.values())
    assert of_folder["cn"] == {None}


def test_every_province_has_portal_reform_commission_and_a_paper_or_news_site() -> None:
    kinds = Counter((source.region, source.kind) for source in SOURCES.values())
    for province in PROVINCES:
        assert kinds[province, "portal"], province
        assert kinds[province, "department"], province
        assert kinds[province, "daily"] + kinds[province, "news"], province


def test_no_file_claims_more_than_its_evidence() -> None:
    for source in SOURCES.values():
        assert source.evidence, source.id
        assert not source.verified, source.id
        assert source.enabled or source.notes, source.id


def test_every_source_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHARED_DATA", raising=False)  # of our tests; the settings know no such key
    from crawler.settings import configured

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    config = Config()
    settings.setdict(configured(config), priority="project")
    loader = SourceLoader(config)
    assert loader.list() == sorted(SOURCES)

    async def first_requests(spider: SourceSpider) -> list[Request]:
        return [request async for request in spider.start()]

    for name in loader.list():
        spidercls = loader.load(name)
        assert issubclass(spidercls, SourceSpider)
        requests = asyncio.run(first_requests(spidercls.from_crawler(Crawler(spidercls, settings))))
        assert len(requests) >= len(SOURCES[name].list_urls), name
        assert not [request.url for request in requests if "{" in request.url or "%7B" in request.url], name


def test_scrapy_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHARED_DATA", raising=False)
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"],
        cwd=Path(__file__).parents[1],
        text=True,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert listed.stdout.split() == sorted(SOURCES)


@pytest.mark.slow
def test_every_source_asks_for_its_list_across_a_socket(tmp_path: Path) -> None:
    """All that ship, those that are disabled too, in one run: their hosts answer 404 to whatever they are asked."""
    (tmp_path / "sources").mkdir()
    for path in SHIPPED.rglob("*.toml"):
        lines = path.read_text("utf-8").replace("https://", "http://").splitlines()
        kept = [line for line in lines if not line.startswith(("delay =", "enabled =", "render ="))]
        (tmp_path / "sources" / path.name).write_text("\n".join(kept), "utf-8")
    (tmp_path / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    asked: list[tuple[str, str]] = []
    server = Server(
        lambda _: Page(b"", status=404),
        lambda request, _: asked.append((request.headers["host"], request.path)),
    )
    server.start()
    try:
        done = online(tmp_path, server.port, "run", answers={"*": []})
    finally:
        server.stop()
    assert f"{len(SOURCES)} sources read" in done.stdout, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    hosts = Counter(host for host, path in asked if path != "/robots.txt")
    silent = {name for name, source in SOURCES.items() if not hosts[urlsplit(source.list_urls[0]).netloc]}
    assert len(SOURCES) >= 150
    assert not silent
