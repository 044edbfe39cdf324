"""Health: how the sources fare, and whether everything that a run needs is in order."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.common import read_config

if TYPE_CHECKING:
    from crawler.health.figures import Report

app = typer.Typer()
SHOWN = 10  # quarantined pages in the table


@app.command()
def health(
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object.")] = False,
    line: Annotated[bool, typer.Option("--line", help="Only the day in one line.")] = False,
    prometheus: Annotated[Path | None, typer.Option(help="Also write the figures to this file.")] = None,
) -> None:
    """Show how each source fares against its own rhythm, gaps, and pages that could not be read.

    Exit codes: 0 all well; 1 a source or our own network is down, or nothing reads the sources any more.
    """
    from crawler.health.figures import report
    from crawler.sources import catalogue_of
    from crawler.store import shared_store

    config = read_config()
    found = report(shared_store(config.store.url), catalogue_of(config.sources).sources, datetime.now(UTC))
    if prometheus:
        from crawler.health.prometheus import write_metrics

        write_metrics(found, prometheus)
    if as_json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    elif line:
        print(found.line)
    else:
        _show(found)
    raise typer.Exit(0 if found.well else 1)


def _plain(found: "Report") -> dict[str, Any]:
    whole = {
        "line": found.line,
        "checked": found.checked,
        "late": found.late,
        "gaps_24h": found.fresh_gaps,
        "network": found.network,
        "last_run": found.last_run,
        "sources": found.sources,
        "gaps": found.gaps,
        "quarantine": found.quarantine,
    }
    plain: dict[str, Any] = json.loads(json.dumps(whole, default=lambda value: value.isoformat(timespec="seconds")))
    return plain


def _show(found: "Report") -> None:
    from crawler.health.causes import CAUSES

    print("source\tstate\tsince\tlast new\tusual gap\tlate after\tquarantined\tcause")
    for row in found.sources:
        cause = CAUSES[row["cause"]].label if row["cause"] else ""
        status = f"HTTP {row['status']}" if row["status"] else ""
        state = row["state"] + (" late" if row["late"] and row["state"] != "quiet" else "")
        state += " overdue" if row["overdue"] else ""
        cells = [row["source"], state, _when(row["since"]), _when(row["last_new"])]
        cells += [_hours(row["usual_gap_hours"]), _hours(row["late_after_hours"]), str(row["quarantined"])]
        print("\t".join([*cells, " ".join(filter(None, (cause, status, row["reason"])))]))
    for gap in found.gaps:
        print(f"gap\t{gap['source']}\t{_when(gap['found_at'])}\t{gap['after_url']} … {gap['before_url']}")
    for page in found.quarantine[:SHOWN]:
        print(f"quarantined\t{page['source']}\t{page['url']}\t{page['attempts']} tries\t{page['reason']}")
    if len(found.quarantine) > SHOWN:
        print(f"quarantined\t{len(found.quarantine) - SHOWN} more: see --json")
    if found.network != "ok":
        print(f"our own network: {found.network}", file=sys.stderr)
    print(found.line)


def _when(moment: datetime | None) -> str:
    from crawler.dates import CST

    return moment.astimezone(CST).strftime("%m-%d %H:%M") if moment else "-"


def _hours(hours: float | None) -> str:
    if hours is None:
        return "learning"
    return f"{hours / 24:.1f} d" if hours >= 48 else f"{hours:.1f} h"


@app.command()
def doctor() -> None:
    """Check settings, store, disk, clock, time zone and channels, and tell what is due; fetches and sends nothing.

    Exit codes: 0 nothing is broken, 1 something is, 2 the settings file cannot be read.
    """
    from crawler.health.doctor import examine
    from crawler.render.browser import NAMES
    from crawler.run import routes_of

    broken = False
    for finding in examine(read_config(), datetime.now(UTC), routes_of, NAMES):
        print(f"{finding.verdict}\t{finding.what}\t{finding.text}")
        broken |= finding.verdict == "fail"
    raise typer.Exit(int(broken))
