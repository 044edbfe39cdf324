"""Source files: what they say, their errors, and one address for each article."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import fengxiang

from crawler.sample.server import Page, Server
from crawler.sources import SHIPPED, load_source, load_sources
from crawler.tomlfile import FileError

MINIMAL = """\
name = "示例网"
kind = "news"
family = "listing"
list_urls = ["https://www.example.org/news/"]
article = '/news/(?P<date>\\d{8})/\\d+\\.shtml$'
"""


def written(folder: Path, text: str, name: str = "cn_example.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_shipped_sources_load_and_claim_nothing_unproven() -> None:
    catalogue = load_sources([SHIPPED])
    assert not catalogue.errors
    assert {"cn_cehome_hangye", "gs_gansudaily"} <= set(catalogue.sources)
    for source in catalogue.sources.values():
        assert source.evidence, source.id
        assert not source.verified, source.id


def test_addresses_of_one_article_are_one(tmp_path: Path) -> None:
    source = load_source(written(tmp_path, MINIMAL + 'twin_hosts = ["m.example.org"]\n'))
    one = "https://www.example.org/news/20261120/7.shtml"
    for url in (
        "http://www.example.org/news/20261120/7.shtml",
        "https://m.example.org/news/20261120/7.shtml",
        "https://WWW.example.org:443/news/20261120/7.shtml?utm_source=x&from=timeline#top",
    ):
        assert source.canonical(url) == one
    assert source.canonical(one + "?page=2") == one + "?page=2"
    assert source.is_article("https://m.example.org/news/20261120/7.shtml")
    assert not source.is_article("https://evil.example.net/news/20261120/7.shtml")
    assert not source.is_article("https://www.example.org.evil.net/news/20261120/7.shtml")
    assert not source.is_article("https://user@www.example.org/news/20261120/7.shtml")
    assert not source.is_article("https://[1/news/20261120/7.shtml")
    assert source.date_in(one) == date(2026, 11, 20)
    assert source.date_in("https://www.example.org/news/20261340/7.shtml") is None
    assert source.every == timedelta(hours=1)


def test_hosts_may_name_all_below_a_domain(tmp_path: Path) -> None:
    source = load_source(written(tmp_path, MINIMAL + 'hosts = ["www.example.org", "*.example.org"]\n'))
    assert source.is_article("http://finance.example.org/news/20261120/7.shtml")
    assert not source.is_article("http://example.org/news/20261120/7.shtml")
    assert not source.is_article("http://evilexample.org/news/20261120/7.shtml")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (MINIMAL + "familly = 1\n", 6, "unknown key 'familly'; did you mean 'family'?"),
        (MINIMAL.replace("(?P<date>", "(?P<date"), 5, "key 'article': is not a regular expression"),
        (MINIMAL + 'every = "hourly"\n', 6, 'key \'every\': must be a number and a unit such as "30m", "2h" or "1d"'),
        (MINIMAL + 'at = "07:30"\n', 6, "key 'at': must be a list of times such as"),
        (
            MINIMAL + 'at = ["07:30", "25:00"]\n',
            6,
            "key 'at': no such time of day; the last is 23:59; got ",
        ),
        (MINIMAL + 'window = "1-6"\n', 6, "key 'window': write a time as 08:00; got '1-6'"),
        (MINIMAL + 'window = "06:00-06:00"\n', 6, "key 'window': begins when it ends"),
        (
            MINIMAL + 'window = "22:00-06:00"\nat = ["05:30", "06:00"]\n',
            6,
            "key 'window': 06:00 of key 'at' lies outside: nothing would be read then",
        ),
        (MINIMAL + 'every = "2h"\nat = ["07:30"]\n', 7, "key 'at': stands beside 'every'"),
        (MINIMAL.replace("https://www", "ftp://www"), 4, "key '0' in [list_urls]: must be an address that begins with"),
        (MINIMAL + '[selectors]\ntitel = "h1"\n', 7, "unknown key 'titel' in [selectors]; did you mean 'title'?"),
        (MINIMAL.replace('name = "示例网"\n', ""), None, "key 'name' is missing"),
        (MINIMAL.replace('"listing"', '"listng"'), 3, "key 'family': no such family; did you mean 'listing'?"),
        (MINIMAL.replace('"listing"', '"html"'), 3, "key 'family': no such family; known: api, epaper,"),
        (MINIMAL + 'hosts = ["*.example.org"]\n', 6, "key 'hosts': must begin with a host without *"),
        (MINIMAL + '[selectors]\ntitle = "h1["\n', 7, "key 'title' in [selectors]: is not a CSS selector"),
        (MINIMAL + '[options]\npagr = "x"\n', 7, "unknown key 'pagr' in [options]; did you mean 'pager'?"),
        (MINIMAL + '[options]\npager = "p2"\n', 7, "key 'pager' in [options]: must hold {n}"),
        (MINIMAL.replace('"listing"', '"api"'), None, "key 'options' is missing"),
        (MINIMAL.replace('"listing"', '"api"') + "[options]\n", 6, "key 'items' is missing in [options]"),
        (
            MINIMAL + 'example = "https://www.example.org/about.html"\n',
            6,
            "key 'example': this real address would be left out, for key 'article' does not match it",
        ),
        (
            MINIMAL + 'example = "https://news.example.org/news/20261120/7.shtml"\n',
            6,
            "key 'example': this real address would be left out, for key 'hosts'",
        ),
    ],
)
def test_broken_source(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FileError) as caught:
        load_source(path)
    assert str(caught.value).startswith(f"{path}:{line}: {message}" if line else f"{path}: {message}")


def test_broken_and_doubled_files_do_not_stop_the_others(tmp_path: Path) -> None:
    written(tmp_path, MINIMAL)
    written(tmp_path, "name = ", "cn_broken.toml")
    (tmp_path / "more").mkdir()
    written(tmp_path / "more", MINIMAL)
    catalogue = load_sources([tmp_path, tmp_path / "absent"])
    assert list(catalogue.sources) == ["cn_example"]
    said = "\n".join(map(str, catalogue.errors))
    for part in ("cn_broken.toml:1: not valid TOML", "two sources with the id 'cn_example'", "no such folder"):
        assert part in said


def test_a_run_names_every_bad_source_and_reads_the_others(tmp_path: Path) -> None:
    body = "南塬市今日公布标准厂房招租结果，共有五十家企业入围，出租面积合计一千平方米，合同另行签订。"
    html = f"<h1>南塬市公布标准厂房招租结果</h1><p>2026年3月20日 09:30</p><p>{body}</p>"
    listed = "<ul><li><a href='/news/20260320/7.shtml'>南塬市公布标准厂房招租结果</a></li></ul>"
    server = Server(lambda request: Page((listed if request.path == "/l/" else html).encode()), lambda *_: None)
    server.start()
    own = MINIMAL.replace("https://www.example.org/news/", f"http://{server.address}/l/")
    good = own + "private = true\nmax_age_days = 100000\n"
    files = {
        "cn_good": good,
        "cn_key": good + "pagse = 2\n",
        "cn_family": good.replace('"listing"', '"trss"'),
        "cn_pattern": good.replace("(?P<date>", "(?P<date"),
        "more/cn_good": good,
        "cn_nothing": good.replace("/news/(?P", "/zixun/(?P"),
    }
    (tmp_path / "sources" / "more").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "sources" / f"{name}.toml").write_text(text, "utf-8")
    settings = '[crawl]\ndelay = 0.0\n[sources]\nfolders = ["sources"]\nshipped = false\n[topics]\nshipped = false\n'
    (tmp_path / "fengxiang.toml").write_text(settings, "utf-8")
    try:
        done = fengxiang("run", cwd=tmp_path)
    finally:
        server.stop()
    assert done.returncode == 1
    assert "2 sources read, 1 new articles" in done.stdout, done.stdout + done.stderr
    for said in (
        "cn_key.toml:8: unknown key 'pagse'; did you mean 'pages'?",
        "cn_family.toml:3: key 'family': no such family; did you mean 'trs'?",
        "cn_pattern.toml:5: key 'article': is not a regular expression",
        "cn_good.toml: two sources with the id 'cn_good'; the other is ",
        "/l/: no article links; was the site redesigned?",
    ):
        assert said in done.stderr, done.stderr
