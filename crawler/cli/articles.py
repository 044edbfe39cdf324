"""Pages in, articles out."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.common import moment, read_config
from crawler.errors import UsageError

app = typer.Typer()


NAMES = ("source", "author", "section")
PAGES = {".html", ".htm", ".shtml", ".shtm", ".xhtml"}


@app.command()
def extract(
    paths: Annotated[list[str], typer.Argument(help="Saved pages, folders of them, or - for standard input.")],
    url: Annotated[str, typer.Option(help="The address that the page was saved from; makes its links whole.")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Say why this container, this date, this title.")] = False,
) -> None:
    """Print title, time, source, text and topics of saved pages: JSONL, one object a page."""
    import orjson

    from crawler.export import escaped

    indent = orjson.OPT_INDENT_2 if explain or sys.stdout.isatty() else 0
    for path, html in _pages(paths):
        record = {"file": path} | (_why(html, url) if explain else _read(html, url))
        sys.stdout.buffer.write(escaped(orjson.dumps(record, option=indent | orjson.OPT_APPEND_NEWLINE)))


def _pages(paths: list[str]) -> Iterator[tuple[str, bytes]]:
    for name in paths:
        path = Path(name)
        if name == "-":
            yield name, sys.stdin.buffer.read()
        elif path.is_dir():
            for page in sorted(path.rglob("*")):
                if page.suffix.lower() in PAGES:
                    yield str(page), page.read_bytes()
        elif path.is_file():
            yield name, path.read_bytes()
        else:
            raise UsageError(f"{name}: no such file or folder")


def _why(html: bytes, url: str) -> dict[str, object]:
    from crawler.extract import explain

    return explain(html, url)


def _read(html: bytes, url: str) -> dict[str, object]:
    from dataclasses import asdict

    from crawler.extract import extract_article
    from crawler.text import clean
    from crawler.topics import shared_topics

    config = read_config().topics
    found = extract_article(html, url)
    title, body = clean(found.title), clean(found.body)
    names = {name: clean(value).text for name in NAMES if (value := getattr(found, name))}
    topics = shared_topics(config.folders, config.shipped)
    return {
        "url": url,
        **asdict(found),
        "title": title.text,
        "body": body.text,
        **names,
        "text_form": body.form,
        "repairs": body.repairs,
        "topics": [asdict(flag) for flag in topics.match_cleaned(title.text, body.text)],
    }


@app.command()
def export(
    since: Annotated[str | None, typer.Option(help="Fetched at or after: 2026-11-01 or a span such as 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="Fetched before.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only stories flagged with this topic.")] = None,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    region: Annotated[str | None, typer.Option(help="Only articles about this province, such as 甘肃.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="The file; - for standard output.")] = "-",
    file_format: Annotated[str, typer.Option("--format", help="jsonl, jsonl.gz or csv.")] = "jsonl",
) -> None:
    """Hand stored articles out as JSONL or CSV."""
    from crawler.export import FORMATS, export_articles
    from crawler.store import Selection, Store

    if file_format not in FORMATS:
        raise UsageError(f"--format {file_format}: one of {', '.join(FORMATS)}")
    target = None if output == "-" else Path(output)
    if target is None and file_format == "jsonl.gz":
        raise UsageError("--format jsonl.gz needs a file: -o FILE")
    selection = Selection(since=moment(since), until=moment(until), topic=topic, source=source, region=region)
    store = Store(read_config().store.url)
    store.require_soundness()
    count = export_articles(store, target, selection=selection, file_format=file_format)
    if target:
        print(f"{count} articles in {target}")
