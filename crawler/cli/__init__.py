"""The command `fengxiang`: each command calls one function of the house and prints what it gave."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler import __version__
from crawler.cli import alerts, articles, db, health, job, sources, stories, topics
from crawler.cli.terminal import tame_terminal
from crawler.discreet import discreet, guard_logs
from crawler.errors import FengxiangError, UsageError

HELP = "Watch Chinese trade news and provincial policy: crawl, clean, flag, alert once, export."

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=HELP
)
for commands in (job.app, articles.app, health.app):
    app.add_typer(commands)
app.add_typer(sources.app, name="sources")
app.add_typer(alerts.app, name="alerts")
app.add_typer(stories.app, name="stories")
app.add_typer(topics.app, name="topics")
app.add_typer(db.app, name="db")


def main() -> None:
    """Run the command; errors of ours become one line on standard error and their exit code."""
    tame_terminal()
    guard_logs()
    try:
        app()
    except FengxiangError as error:
        print(f"fengxiang: {discreet(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `fengxiang export | head`
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        sys.exit(0)


@app.callback(invoke_without_command=True)
def _options(
    config: Annotated[Path | None, typer.Option("--config", "-c", help="The settings file.")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(f"fengxiang {__version__}")
        raise typer.Exit
    if config:
        if not config.is_file():
            raise UsageError(f"{config}: no such settings file; `fengxiang init` writes one")
        os.environ["FENGXIANG_CONFIG"] = str(config)  # where the settings module, which Scrapy imports by name, looks
