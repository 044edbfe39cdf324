"""Rows that a list page's scripts hold as HTML: written by document.write, or kept as CDATA records. Runs no script."""

import re

WRITE = re.compile(rb"\bdocument\.write(?:ln)?\s*\(")
TOKEN = re.compile(rb""""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|[()]""", re.DOTALL)
NAME = re.compile(rb"[\w$]")
ESCAPED = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
OPEN, CLOSE = re.compile(rb"<script\b", re.IGNORECASE), re.compile(rb"</script", re.IGNORECASE)
CDATA, CDATA_END = b"<![CDATA[", b"]]>"


def unfolded(html: bytes) -> bytes:
    """Return the page (UTF-8) with the HTML that its scripts hold behind them, where it would have come to stand."""
    if b"document.write" not in html and CDATA not in html:
        return html
    parts: list[bytes] = []
    at = 0
    while (opening := OPEN.search(html, at)) and (closing := CLOSE.search(html, opening.end())):
        script = html[opening.end() : closing.start()]
        end = html.find(b">", closing.end()) + 1 or len(html)
        rows = b"".join(_written(script)) + b"".join(_records(script))
        parts += [html[at:end], rows] if b"<a" in rows.lower() else [html[at:end]]
        at = end
    return b"".join([*parts, html[at:]])


def _written(script: bytes) -> list[bytes]:
    """Return the strings of each call of document.write; a call that also writes what stands in variables is left out.

    Half an address would be taken for a whole one.
    """
    found = []
    at = 0
    while call := WRITE.search(script, at):
        depth, at, pieces, known = 1, call.end(), [], True
        while depth and (token := TOKEN.search(script, at)):
            known = known and not NAME.search(script, at, token.start())
            at = token.end()
            depth += {b"(": 1, b")": -1}.get(token[0], 0)
            pieces.append(ESCAPED.sub(_plain, token[1] or token[2] or b""))
        found += pieces if known else []
    return found


def _plain(escape: re.Match[bytes]) -> bytes:
    if code := escape[1] or escape[2]:
        return chr(int(code, 16)).encode("utf-8", "replace")
    return b" " if escape[3] in b"nrt" else escape[3]


def _records(script: bytes) -> list[bytes]:
    rows = []
    for piece in script.split(b"<record>")[1:]:
        start = piece.find(CDATA)
        end = piece.find(CDATA_END, start)
        if 0 <= start < end:
            rows.append(b"<div>%s</div>" % piece[start + len(CDATA) : end])
    return rows
