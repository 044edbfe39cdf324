"""Pages in, articles out."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.common import moment, read_config
from crawler.errors import UsageError

app = typer.Typer()


@app.command()
def extract(
    file: Annotated[Path, typer.Argument(help="A saved page.", exists=True, dir_okay=False)],
    url: Annotated[str, typer.Option(help="The address that it was saved from.")],
) -> None:
    """Print title, time, source, text and topics of a saved page as one JSON object."""
    from dataclasses import asdict

    import orjson

    from crawler.extract import extract_article
    from crawler.text import clean
    from crawler.topics import shared_topics

    config = read_config()
    found = extract_article(file.read_bytes(), url)
    title, body = clean(found.title), clean(found.body)
    topics = shared_topics(config.topics.folders, config.topics.shipped)
    record = asdict(found) | {
        "url": url,
        "title": title.text,
        "body": body.text,
        "source": found.source and clean(found.source).text,
        "author": found.author and clean(found.author).text,
        "section": found.section and clean(found.section).text,
        "text_form": body.form,
        "repairs": body.repairs,
        "topics": [asdict(flag) for flag in topics.match(title.text, body.text)],
    }
    sys.stdout.buffer.write(orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


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
    count = export_articles(Store(read_config().store.url), target, selection=selection, file_format=file_format)
    if target:
        print(f"{count} articles in {target}")
