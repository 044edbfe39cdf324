"""What it costs to know all sources that ship: `scrapy list` beside a Scrapy that knows none.

    python benchmarks/catalogue.py

Prints seconds of processor time (the best of five starts) and their ratio; then how many sources there are and how long
the median file is.
"""

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

from crawler.sources import SHIPPED, load_sources

HERE = Path(__file__).parents[1]


def seconds(*command: str) -> float:
    """Return the processor time of a command, the best of five."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def main() -> None:
    """Print the figures."""
    ours, bare = seconds("-m", "scrapy", "list"), seconds("-c", "import scrapy.cmdline")
    print(f"scrapy list {ours:5.2f} s, import of Scrapy {bare:5.2f} s, ratio {ours / bare:.2f}")
    catalogue = load_sources([SHIPPED])
    lines = median(len(path.read_text("utf-8").splitlines()) for path in SHIPPED.rglob("*.toml"))
    print(f"{len(catalogue.sources)} sources load, {len(catalogue.errors)} do not; the median file has {lines:g} lines")


if __name__ == "__main__":
    main()
