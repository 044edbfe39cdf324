"""Sources: list them, check them against their live sites, or make a source file from the address of a list."""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.common import read_config
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.discover import Discovery
    from crawler.sources import Source

app = typer.Typer(help=__doc__)
FIXTURES = Path("fixtures")


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    due: Annotated[bool, typer.Option("--due", help="When each is read next, in this order.")] = False,
) -> None:
    """List the sources and what is wrong with source files; `add` makes a new one."""
    if context.invoked_subcommand:
        return
    from crawler.sources import catalogue_of

    config = read_config()
    catalogue = catalogue_of(config.sources)
    if due:
        _show_due(config.store.url, catalogue.sources, datetime.now(UTC))
    for source in () if due else catalogue.sources.values():
        state = "on" if source.enabled else "off"
        checked = "verified" if source.verified else "not verified"
        print(f"{source.id}\t{state}\t{checked}\t{source.region or '全国'}\t{source.kind}\t{source.name}")
    for error in catalogue.errors:
        print(f"fengxiang: {error}", file=sys.stderr)
    raise typer.Exit(2 if catalogue.errors else 0)


def _show_due(store_url: str, sources: Mapping[str, "Source"], now: datetime) -> None:
    from crawler.dates import CST
    from crawler.schedule import Schedule
    from crawler.store import Store

    store = Store(store_url)
    pasts = store.pasts()
    store.close()
    schedule = Schedule(sources, pasts)
    on = [source for source in sources.values() if source.enabled]
    for moment, name in sorted((max(now, schedule.due(source, now)), source.id) for source in on):
        past = pasts.get(name)
        last = f"{past.began.astimezone(CST):%m-%d %H:%M}" if past else "-"
        failures = f"{past.failures} failures in a row" if past and past.failures else ""
        print(f"{moment.astimezone(CST):%m-%d %H:%M}\t{name}\tlast {last}\t{failures}".rstrip())


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The address of a page that lists articles.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The new file, <region>_<body>.toml.")] = None,
    private: Annotated[bool, typer.Option("--private", help="The site lies in your own network.")] = False,
    render: Annotated[bool, typer.Option("--render", help="Read it through a browser: scripts make the list.")] = False,
) -> None:
    """Read a list and write the source file that fits it; shows ten articles as a run would store them.

    Exit codes: 0 a file that finds articles, 1 none, or one that finds no article, 2 usage or configuration.
    """
    from crawler.discover import discover
    from crawler.sources import SOURCE_ID

    if output and (output.exists() or not SOURCE_ID.fullmatch(output.stem)):
        reason = "is there already" if output.exists() else "must be named <region>_<body>.toml, say gs_fgw.toml"
        raise UsageError(f"{output}: {reason}")
    source_id = output.stem if output else "cn_new"
    found = discover(read_config(), url, source_id=source_id, private=private, render=render)
    print("\n".join(first_look(found)), file=sys.stderr)
    if output:
        output.write_text(found.text, "utf-8")
        print(f"wrote {output}; look it over, put in its region, then: fengxiang run --source {source_id} --dry-run")
    else:
        print(found.text, end="")
    raise typer.Exit(int(not found.articles))


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


@app.command()
def fixture(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="ID URL", help="A source and its article.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where fixtures lie; by default fixtures/ID.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Read saved pages again: of a folder, or all.")] = False,
) -> None:
    """Save an article's page with what is read from it, as a test; `--check [DIR]` reads all saved pages again.

    Exit codes: 0 all as expected, 1 a field came out differently or the page did not come, 2 usage or configuration.
    """
    from crawler.check import plain
    from crawler.fixtures import check_fixtures, save_fixture
    from crawler.run import named
    from crawler.sources import catalogue_of

    names = arguments or []
    if len(names) > 1 if check else len(names) != 2:
        raise UsageError("say: fengxiang sources fixture ID URL, or: fengxiang sources fixture --check [DIR]")
    config = read_config()
    sources = catalogue_of(config.sources).sources
    if not check:
        source = named(sources, names[0])
        file = save_fixture(config, source, names[1], folder or FIXTURES / source.id)
        print(f"wrote {file}; look at what it expects, correct it where the page says otherwise")
        return
    failed = 0
    for file, differences in check_fixtures(config, sources, Path(names[0]) if names else folder or FIXTURES):
        failed += bool(differences)
        print(f"{'differs' if differences else 'ok'}  {file}")
        print("".join(f"  ! {plain(line)}\n" for line in differences), end="")
    raise typer.Exit(int(failed > 0))


def first_look(found: "Discovery") -> Iterator[str]:
    """Yield what a new source file finds, in lines without control characters."""
    from crawler.check import plain
    from crawler.dates import CST

    finding = found.finding
    assert finding
    pager = "no further page was found: a run reads what is on the first"
    if found.turned or finding.family in {"feed", "sitemap"}:
        pager = "further pages were found" if found.turned else "all on one page"
    yield f"family {finding.family}; {finding.lists} list pages, {finding.links} links; {pager}"
    for article in found.articles:
        when = article.publish_time.astimezone(CST).isoformat(timespec="minutes") if article.publish_time else "no date"
        first = article.body.partition("\n")[0]
        yield plain(f"{when}  {article.title}")
        yield plain(f"  {first[:80]}")
    yield from (plain(f"! {problem}") for problem in finding.problems)
