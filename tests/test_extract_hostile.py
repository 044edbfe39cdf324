"""Hostile pages, each in a process of its own with limits of memory and time."""

import subprocess
import sys

import pytest

SECONDS, MEGABYTES = 10, 512
CASES = {
    "attributes": "b'<body><div ' + b' '.join(b'a%d=1' % n for n in range(40000)) + b'>' + TEXT + b'</div>'",
    "nested": "b'<div>' * 100000 + TEXT",
    "nested_inline": "b'<h1>' + b'<b>' * 100000 + TEXT",
    "links": "b''.join(b'<li><a href=/%d.html>%d</a></li>' % (n, n) for n in range(500000)) + TEXT",
    "long_links": "b''.join(b'<li><a href=/a/%d.html>' % n + WORD * 12 + b'</a></li>' for n in range(20000)) + TEXT",
    "same_link": "b'<div>' + b'<a href=/a.html>' * 20000 + TEXT",
    "same_links": "b'<div>' + (b'<a href=/a.html>' + WORD * 12 + b'</a> ') * 20000 + TEXT",
    "paragraphs": "TEXT * 40000",
    "line": "b'<p>' + WORD * 3400000 + b'</p>' + TEXT",
    "spaces": "b'<p>' + b' ' * 10000000 + b'</p><h1>' + b'\\t \\n' * 100000 + b'</h1>' + TEXT",
    "brackets": "b'<p>' + b'(' * 2000000 + b'</p><p>' + b'[' * 90 + b'</p>' + TEXT",
    "angles": "b'<' * 2000000 + TEXT",
    "early_end": "b'<html><body></body></html>' + TEXT",
    "nul": "TEXT.replace(b'p', b'p\\0', 1) + b'\\0' * 100000 + TEXT",
    "surrogates": "b'<title>&#xD800;&#xDFFF;&#0;</title><h1>&#xD800;</h1><p>&#xDC00;' + TEXT",
    "tables": "b'<table><tr><td>' * 20000 + TEXT",
    "bytes": "bytes(range(256)) * 40000",
    "empty": "b''",
    "digits": "b'<h1>t</h1><p>' + b'2024-01-' * 200000 + b'</p>' + TEXT",
}
SCRIPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from crawler.extract import extract_article, extract_list
WORD = "园".encode()
TEXT = "<p>三月三日，江城市举行集中签约活动，六家企业签订协议，总投资二十八亿元。</p>".encode()
page = {page}
for found in (extract_article(page, "https://www.example.cn/a.html"), extract_list(page, "https://www.example.cn/")):
    text = repr(found)
    text.encode()
    assert "\\0" not in text and "\\\\x00" not in text and "\\\\ud8" not in text
print("over")
"""


@pytest.mark.parametrize("page", CASES.values(), ids=CASES)
def test_is_over_within_limits(page: str) -> None:
    script = SCRIPT.format(limit=MEGABYTES << 20, seconds=SECONDS, page=page)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "over\n", done.stderr[-2000:]
