"""Whether a source file still fits its live site: robots, list, family, three articles. Keeps only the result."""

from crawler.check.findings import Finding, Seen
from crawler.check.report import html_report, lines, plain
from crawler.check.trial import Trial, check_sources

__all__ = ["Finding", "Seen", "Trial", "check_sources", "html_report", "lines", "plain"]
