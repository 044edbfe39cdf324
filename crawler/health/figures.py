"""The figures of health: one report, from which table, JSON, daily line and Prometheus file are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.health.judge import health_of
from crawler.health.states import OURS
from crawler.schedule import Past, longest_gap
from crawler.sources import Source
from crawler.store import Store

DAY = timedelta(days=1)
SHOWN = timedelta(days=30)  # gaps that are shown
OVERDUE = 3  # times the longest gap of its schedule after which a source that nobody reads is overdue


@dataclass(slots=True, frozen=True)
class Report:
    """How everything fares. Each source is a dict of JSON values and datetimes, worst state first."""

    sources: list[dict[str, Any]]
    network: str  # state of our own
    gaps: list[dict[str, Any]]  # of the last 30 days
    quarantine: list[dict[str, Any]]
    last_run: datetime | None  # when the newest run that ended began
    last_exit_code: int  # its exit code
    messages: dict[tuple[str, str], int]  # by channel and state
    now: datetime

    def count(self, state: str) -> int:
        """Return how many sources are in a state."""
        return sum(row["state"] == state for row in self.sources)

    @property
    def checked(self) -> int:
        """Return how many sources were read within a day."""
        return sum(bool(row["last_read"]) and self.now - row["last_read"] <= DAY for row in self.sources)

    @property
    def late(self) -> int:
        """Return how many sources are silent beyond their own rhythm."""
        return sum(row["late"] for row in self.sources)

    @property
    def fresh_gaps(self) -> int:
        """Return how many gaps were found within a day."""
        return sum(self.now - gap["found_at"] <= DAY for gap in self.gaps)

    @property
    def line(self) -> str:
        """Return the day in one line."""
        more = [f"{count} {what}" for what, count in self._troubles() if count]
        late = f"{self.late} late against their own rhythm"
        return ", ".join([f"{self.checked} sources checked", late, f"{self.fresh_gaps} gaps", *more])

    def _troubles(self) -> list[tuple[str, int]]:
        overdue = sum(row["overdue"] for row in self.sources)
        return [("down", self.count("down")), ("suspect", self.count("suspect")), ("overdue", overdue)]

    @property
    def well(self) -> bool:
        """Return whether nothing is down and the job is running."""
        return self.network != "down" and not self.count("down") and not any(row["overdue"] for row in self.sources)


_WORST = ("down", "suspect", "quiet", "recovered", "ok", "new")


def report(store: Store, sources: Mapping[str, Source], now: datetime) -> Report:
    """Return how the sources that are on fare at a moment."""
    rows = store.health_rows()
    pasts = store.pasts()
    counts = {
        "articles_24h": store.article_counts(now),
        "quarantined": store.set_aside_counts("quarantined"),
        "missing": store.set_aside_counts("missing"),
    }
    found = []
    for source in sources.values():
        if source.enabled:
            row = _row(source, rows.get(source.id), pasts.get(source.id), now)
            found.append(row | {name: count.get(source.id, 0) for name, count in counts.items()})
    found.sort(key=lambda row: (_WORST.index(row["state"]), row["source"]))
    last = store.last_run()
    columns = ("source", "url", "reason", "attempts")
    return Report(
        sources=found,
        network=rows[OURS]["state"] if OURS in rows else "ok",
        gaps=[{name: value for name, value in gap.items() if name != "id"} for gap in store.gaps_since(now - SHOWN)],
        quarantine=[dict(zip(columns, page, strict=True)) for page in store.quarantine()],
        last_run=last["started_at"] if last else None,
        last_exit_code=last["exit_code"] if last else 0,
        messages=store.message_counts(),
        now=now,
    )


def _row(source: Source, kept: Any, past: Past | None, now: datetime) -> dict[str, Any]:
    health = health_of(kept, source.id, now)
    usual, limit = health.rhythm.usual, health.rhythm.limit
    return {
        "source": source.id,
        "name": source.name,
        "region": source.region,
        "state": health.state if kept is not None else "new",
        "since": health.since if kept is not None else None,
        "cause": health.cause,
        "status": health.status,
        "reason": health.reason,
        "failures": health.failures,
        "last_read": past and past.began,
        "last_new": health.last_new,
        "usual_gap_hours": usual and round(usual / timedelta(hours=1), 1),
        "late_after_hours": limit and round(limit / timedelta(hours=1), 1),
        "late": health.rhythm.is_late(health.last_new, now),
        "overdue": past is not None and now - past.began > OVERDUE * longest_gap(source) + timedelta(hours=1),
    }
