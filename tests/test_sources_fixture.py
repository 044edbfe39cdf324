"""Pages saved as tests: named safely, fetched with manners, read again without a network."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase, digits

import pytest
from conftest import fengxiang

from crawler.fixtures import LONGEST_NAME, name_of
from crawler.sample.server import Page, Request, Server

PAGE = """<html><head><meta charset="utf-8"><title>南塬市公布标准厂房招租结果</title></head><body>
<h1>南塬市公布标准厂房招租结果</h1><div>2026年3月20日 09:30　来源：南塬日报　作者：本报记者</div>
<div class="content"><p>南塬市今日公布标准厂房招租结果，共有五十家企业入围。出租面积合计一千平方米。</p>
<p>入围企业应当在三十日内签订合同，逾期视为放弃。由后一名递补。</p></div></body></html>"""
SETTINGS = '[crawl]\ndelay = 0.0\n[sources]\nfolders = ["sources"]\nshipped = false\n'


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    def answer(request: Request) -> Page:
        if not request.path.startswith("/a/"):
            return Page(b"", status=404)
        return Page(b"", status=500) if request.path == "/a/500" else Page(PAGE.encode(), "text/html; charset=utf-8")

    server = Server(answer, lambda request, _: asked.append(request.path))
    server.start()
    yield f"http://{server.address}", asked
    server.stop()


def desk(folder: Path, address: str) -> None:
    (folder / "sources").mkdir()
    (folder / "fengxiang.toml").write_text(SETTINGS, "utf-8")
    text = f'name = "南塬"\nkind = "news"\nfamily = "listing"\nlist_urls = ["{address}/l/"]\nprivate = true\n'
    (folder / "sources" / "cn_nanyuan.toml").write_text(text + "article = '/a/'\n", "utf-8")


def test_a_page_is_saved_and_read_again(tmp_path: Path, site: tuple[str, list[str]]) -> None:
    address, asked = site
    desk(tmp_path, address)
    done = fengxiang("sources", "fixture", "cn_nanyuan", f"{address}/a/../../../etc/passwd?x=/../y", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert asked[0] == "/robots.txt"
    assert len(asked) == 2
    folder = tmp_path / "fixtures" / "cn_nanyuan"
    assert {path.suffix for path in folder.iterdir()} == {".html", ".json"}
    assert {path.parent for path in tmp_path.rglob("*passwd*")} == {folder}
    [file] = folder.glob("*.json")
    assert file.with_suffix(".html").read_text("utf-8") == PAGE
    record = json.loads(file.read_text("utf-8"))
    expected = record["expected"]
    assert expected["title"] == "南塬市公布标准厂房招租结果"
    assert expected["publish_time"] == "2026-03-20T09:30:00+08:00"
    assert expected["source"] == "南塬日报"
    assert expected["first_sentence"] == "南塬市今日公布标准厂房招租结果，共有五十家企业入围。"
    assert expected["last_sentence"] == "由后一名递补。"
    before = len(asked)
    again = fengxiang("sources", "fixture", "--check", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert len(asked) == before
    expected |= {"title": "甲", "last_sentence": "乙", "titel": "丙"}
    file.write_text(json.dumps(record), "utf-8")
    (folder / "broken.json").write_text("{", "utf-8")
    changed = fengxiang("sources", "fixture", "--check", "fixtures", cwd=tmp_path)
    assert changed.returncode == 1
    assert "! title: expected '甲', got '南塬市公布标准厂房招租结果'" in changed.stdout
    assert "! last_sentence: expected '乙', got '由后一名递补。'" in changed.stdout
    assert "! titel: no such field; known: title," in changed.stdout
    assert "broken.html cannot be read" in changed.stdout or "broken.json" in changed.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["cn_nanyaun", "@/a/1"], 2, "no source 'cn_nanyaun'; did you mean 'cn_nanyuan'?"),
        (["cn_nanyuan", "@/about"], 2, "no article of 'cn_nanyuan', by its keys 'article' and 'hosts'"),
        (["cn_nanyuan", "http://other.example/a/1"], 2, "no article of 'cn_nanyuan'"),
        (["cn_nanyuan", "file:///a/passwd"], 2, "no article of 'cn_nanyuan'"),
        (["cn_nanyuan"], 2, "say: fengxiang sources fixture ID URL"),
        (["--check"], 2, "fixtures: no fixtures"),
        pytest.param(["cn_nanyuan", "@/a/500"], 1, "HTTP 500", marks=pytest.mark.slow),
    ],
)
def test_what_cannot_be_saved_is_told(
    tmp_path: Path, site: tuple[str, list[str]], arguments: list[str], code: int, said: str
) -> None:
    address, _ = site
    desk(tmp_path, address)
    done = fengxiang("sources", "fixture", *(part.replace("@", address) for part in arguments), cwd=tmp_path)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert not (tmp_path / "fixtures").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/a/../../etc/passwd", "/a/%2e%2e/%2e%2e/x", "/..\\..\\x", "/C:\\x", "//etc/passwd", "/a\x00.html",
        "/~/.ssh", "/con", "/NUL", "/com1.html", "/a.", "/a ", "/-rf", "/.hidden", "/" + "长" * 900, "/" + "a" * 5000,
        "/", "", "/a?x=../../y", "/a:b*?\"<>|", "/\ud800", "/\u202egpj.exe", "/a\nb", "/.", "/..",
    ],
)  # fmt: skip
def test_no_address_names_anything_but_a_file_in_the_folder(path: str) -> None:
    name = name_of(f"http://a.example{path}")
    assert set(name) <= set(ascii_lowercase + digits + "-")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*-[0-9a-f]{10}", name)
    assert len(name) <= LONGEST_NAME + 11
    assert name.split("-")[0] == name.split(".")[0].split("-")[0]
    assert name != name_of(f"http://a.example{path}/x")
