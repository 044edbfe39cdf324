"""The figures as a text file for Prometheus' node exporter (text format 0.0.4). Written whole or not at all."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from crawler.errors import FengxiangError
from crawler.health.figures import Report


class MetricsError(FengxiangError):
    """The figures could not be written; all else was done."""


STATES = ("ok", "quiet", "suspect", "down", "recovered", "new")
Sample = tuple[dict[str, str], float]


def metrics(report: Report) -> str:
    """Return the figures of a report in Prometheus' text format."""
    rows = report.sources
    per_source = [({"source": row["source"]}, row) for row in rows]
    states = [
        ({"source": row["source"], "state": state}, float(row["state"] == state)) for row in rows for state in STATES
    ]
    blocks = [
        _gauge("source_state", "1 for the state that a source is in", states),
        _gauge("source_late", "1 if silent beyond its own rhythm", [(at, row["late"]) for at, row in per_source]),
        _gauge("source_failures", "Failed readings in a row", [(at, row["failures"]) for at, row in per_source]),
        _gauge("source_quarantined_pages", "Pages not readable", [(at, row["quarantined"]) for at, row in per_source]),
        _gauge("source_articles_24h", "Articles in a day", [(at, row["articles_24h"]) for at, row in per_source]),
        _gauge("source_last_read_seconds", "Unix time of the last reading", _times(per_source, "last_read")),
        _gauge("source_last_new_seconds", "Unix time of the newest article", _times(per_source, "last_new")),
        _gauge("sources_checked", "Sources read within a day", [({}, report.checked)]),
        _gauge("gaps_24h", "Gaps found within a day", [({}, report.fresh_gaps)]),
        _gauge("network_down", "1 if our own network is out", [({}, float(report.network == "down"))]),
        _gauge("last_run_seconds", "Unix time of the last run that had something to do", _at(report.last_run)),
        _gauge("last_run_exit_code", "How it ended", [({}, report.last_exit_code)]),
        _gauge("written_seconds", "Unix time at which these figures were written", _at(report.now)),
        _gauge(
            "messages",
            "Messages by channel and state",
            [({"channel": channel, "state": state}, count) for (channel, state), count in report.messages.items()],
        ),
    ]
    return "".join(blocks)


def write_metrics(report: Report, path: Path) -> None:
    """Put the figures into a file that is then moved into place: a reader never sees half of it."""
    draft = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(metrics(report), "utf-8")
        draft.replace(path)
    except OSError as error:
        raise MetricsError(f"{path}: cannot be written: {error.strerror}; see [health] prometheus_file") from None


def _times(per_source: Iterable[tuple[dict[str, str], dict[str, object]]], key: str) -> list[Sample]:
    return [(at, _unix(moment)) for at, row in per_source if isinstance(moment := row[key], datetime)]


def _at(moment: datetime | None) -> list[Sample]:
    return [({}, _unix(moment))]


def _unix(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def _gauge(name: str, text: str, samples: Sequence[Sample]) -> str:
    lines = [f"# HELP fengxiang_{name} {text}.", f"# TYPE fengxiang_{name} gauge"]
    for labels, value in samples:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        lines.append(f"fengxiang_{name}{{{inner}}} {float(value)!r}" if inner else f"fengxiang_{name} {float(value)!r}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
