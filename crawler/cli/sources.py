"""Sources: list them, or make a source file from the address of a list."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.common import read_config
from crawler.errors import UsageError

app = typer.Typer(help=__doc__)


@app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """List the sources and what is wrong with source files; `add` makes a new one."""
    if context.invoked_subcommand:
        return
    from crawler.sources import catalogue_of

    catalogue = catalogue_of(read_config().sources)
    for source in catalogue.sources.values():
        state = "on" if source.enabled else "off"
        checked = "verified" if source.verified else "not verified"
        print(f"{source.id}\t{state}\t{checked}\t{source.region or '全国'}\t{source.kind}\t{source.name}")
    for error in catalogue.errors:
        print(f"fengxiang: {error}", file=sys.stderr)
    raise typer.Exit(2 if catalogue.errors else 0)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The address of a page that lists articles.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The new file, <region>_<body>.toml.")] = None,
    private: Annotated[bool, typer.Option("--private", help="The site lies in your own network.")] = False,
) -> None:
    """Read a list once and write the source file that fits it; shows an article as it would be read."""
    from crawler.discover import discover
    from crawler.sources import SOURCE_ID

    if output and (output.exists() or not SOURCE_ID.fullmatch(output.stem)):
        reason = "is there already" if output.exists() else "must be named <region>_<body>.toml, say gs_fgw.toml"
        raise UsageError(f"{output}: {reason}")
    text, article = discover(read_config(), url, private=private)
    if article:
        first = article.body.partition("\n")[0]
        when = article.publish_time.isoformat(timespec="minutes") if article.publish_time else "no date"
        print(f"{when}  {article.title}\n  {first[:80]}", file=sys.stderr)
    if output:
        output.write_text(text, "utf-8")
        print(f"wrote {output}; look it over, name its region, then: fengxiang run --source {output.stem} --dry-run")
    else:
        print(text, end="")
