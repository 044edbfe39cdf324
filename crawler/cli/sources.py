"""Sources: list them, check them against their live sites, or make a source file from the address of a list."""

import sys
from datetime import UTC, datetime
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


@app.command()
def check(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="The sources to meet.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are enabled.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write a page about it, say report.html.")] = None,
) -> None:
    """Meet the live sites: robots.txt, a page of each list, three articles. Marks nothing as seen, alerts nobody.

    Exit codes: 0 all well, 1 a source has problems, 2 usage or configuration.
    """
    from crawler.check import check_sources, html_report, lines
    from crawler.run import Options, chosen
    from crawler.sources import catalogue_of
    from crawler.store import Store

    if bool(sources) == everything:
        raise UsageError("name the sources to check, or say --all")
    config = read_config()
    catalogue = catalogue_of(config.sources)
    for error in catalogue.errors:
        print(f"fengxiang: {error}", file=sys.stderr)
    store = Store(config.store.url)
    now = datetime.now(UTC)
    options = Options(sources=tuple(sources or ()), everything=True)
    findings = check_sources(config, chosen(catalogue.sources, options, store, now))
    for finding in findings:
        store.source_checked(finding.source, finding.at, finding.verdict, finding.record())
        print("\n".join(lines(finding)))
    store.close()
    if report:
        report.write_text(html_report(findings, now), "utf-8")
        print(f"wrote {report}")
    raise typer.Exit(int(any(finding.verdict != "ok" for finding in findings) or bool(catalogue.errors)))


@app.command()
def retry(
    names: Annotated[
        list[str], typer.Argument(metavar="ID|ADDRESS…", help="Sources, or articles that were set aside.")
    ],
) -> None:
    """Let the next run ask again for pages that gave no article, also for those that are no longer asked for.

    Exit codes: 0, 2 nothing of that name was set aside.
    """
    from crawler.store import Store

    store = Store(read_config().store.url)
    count = store.try_again(names, datetime.now(UTC))
    store.close()
    if not count:
        raise UsageError(f"nothing was set aside for {', '.join(names)}; see `fengxiang health --json`")
    print(f"{count} pages are asked for again when their sources are read next")


@app.command()
def checks() -> None:
    """List the last check of each source: day, verdict and the first problem."""
    from crawler.dates import CST
    from crawler.store import Store

    store = Store(read_config().store.url)
    for row in store.last_checks():
        problem = next(iter(row["report"]["problems"]), "")
        print(f"{row['source']}\t{row['checked_at'].astimezone(CST):%Y-%m-%d}\t{row['verdict']}\t{problem}")
    store.close()
