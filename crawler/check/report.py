"""Findings for people: lines for a terminal, a page for a browser. What the web said is never markup of ours."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from crawler.check.findings import Finding
from crawler.dates import CST

TEMPLATE = Path(__file__).parent / "report.html.j2"


def lines(finding: Finding) -> Iterator[str]:
    """Yield a finding in lines without control characters."""
    yield f"{finding.source}  {finding.verdict}  {finding.name}"
    yield f"  robots {finding.robots}; family {finding.family}; {finding.lists} list pages, {finding.links} links"
    for article in finding.articles:
        when = article.publish_time or "no date"
        origin = article.source_name or "no 来源"
        yield plain(f"  {when}  {article.length} characters  {origin}  {article.title}")
    yield from (plain(f"  ! {problem}") for problem in finding.problems)
    yield from (plain(f"  - {remark}") for remark in finding.remarks)


def plain(text: str) -> str:
    """Return the text without control characters, which a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def html_report(findings: Sequence[Finding], now: datetime) -> str:
    """Return a page of its own about all findings, the troubled first."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    ordered = sorted(findings, key=lambda finding: (finding.verdict == "ok", finding.source))
    counts = Counter(finding.verdict for finding in findings)
    return template.render(findings=ordered, counts=counts, now=now.astimezone(CST).strftime("%Y-%m-%d %H:%M"))
