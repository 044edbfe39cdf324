"""Pages are read right whatever header and meta say; what cannot be read cleanly is marked."""

import itertools

import pytest

from crawler.extract import extract_article, extract_list

SIMPLIFIED = "青川工业园承接东部装备企业整体搬迁"
TRADITIONAL = "青川工業園承接東部裝備企業整體搬遷"
PAGE = """<html><head>{meta}<title>{title}</title></head><body><h1>{title}</h1><div>2025-03-04 10:21</div>
<div class="text"><p>{first}</p><p>{second}</p></div></body></html>"""
TEXTS = {
    SIMPLIFIED: (
        "三月三日，江城市在青川工业园举行装备制造项目集中签约活动，六家东部企业与园区签订协议，总投资二十八亿元。",
        "园区负责人介绍，今年以来全市把承接产业转移作为一号工程，对接企业三百余家，首批设备六月底前安装完毕。",
    ),
    TRADITIONAL: (
        "三月三日，江城市在青川工業園舉行裝備製造項目集中簽約活動，六家東部企業與園區簽訂協議，總投資二十八億元。",
        "園區負責人介紹，今年以來全市把承接產業轉移作為一號工程，對接企業三百餘家，首批設備六月底前安裝完畢。",
    ),
}
REAL = [
    ("utf-8", SIMPLIFIED),
    ("utf-8-sig", SIMPLIFIED),
    ("gbk", SIMPLIFIED),
    ("gb18030", TRADITIONAL),
    ("big5", TRADITIONAL),
]
HEADERS = [None, "utf-8", "gb2312", "big5", "iso-8859-1"]
METAS = [None, "utf-8", "gbk", "big5"]


def page(title: str, meta: str | None, encoding: str) -> bytes:
    first, second = TEXTS[title]
    tag = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    return PAGE.format(meta=tag, title=title, first=first, second=second).encode(encoding)


@pytest.mark.parametrize(("real", "header", "meta"), list(itertools.product(REAL, HEADERS, METAS)))
def test_read_right_whatever_is_declared(real: tuple[str, str], header: str | None, meta: str | None) -> None:
    encoding, title = real
    found = extract_article(page(title, meta, encoding), "https://www.example.cn/a.html", encoding=header)
    assert found.title == title
    assert found.body == "\n".join(TEXTS[title])
    assert found.encoding[:2] == encoding[:2]
    assert not found.encoding_doubt


@pytest.mark.parametrize("header", [None, "gbk", "utf-8"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_broken_bytes_are_marked(encoding: str, header: str | None) -> None:
    data = page(SIMPLIFIED, None, encoding)
    at = data.index("设备".encode(encoding)) + 1
    found = extract_article(data[:at] + b"\xff\xff" + data[at + 1 :], "https://www.example.cn/a.html", encoding=header)
    assert found.title == SIMPLIFIED
    assert found.body.startswith(TEXTS[SIMPLIFIED][0])
    assert found.encoding_doubt


def test_mojibake_that_the_site_itself_stores_is_marked() -> None:
    data = page(SIMPLIFIED, None, "utf-8").decode("gb18030", "replace").encode()
    assert extract_article(data, "https://www.example.cn/a.html").encoding_doubt


def test_broken_bytes_behind_the_part_that_decides() -> None:
    data = page(SIMPLIFIED, None, "utf-8")
    filler = ("<p>" + TEXTS[SIMPLIFIED][1] + "</p>") * 400
    data = data.replace(b"</div></body>", filler.encode() + b"<p>\xe5\xff\xe5</p></div></body>")
    assert extract_article(data, "https://www.example.cn/a.html").encoding_doubt


def test_utf16_and_list_pages() -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        assert extract_article(page(SIMPLIFIED, None, encoding), "https://www.example.cn/a.html").title == SIMPLIFIED
    rows = "".join(f"<li><a href='/a/{n}.html'>{SIMPLIFIED}之{n}期</a></li>" for n in range(9))
    found = extract_list(f"<ul>{rows}</ul>".encode("gbk"), "https://www.example.cn/", encoding="utf-8")
    assert (found.encoding, len(found.links), found.links[3].title) == ("gb18030", 9, f"{SIMPLIFIED}之3期")
