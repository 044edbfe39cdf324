"""`python -m crawler.cli` is `fengxiang`."""

from crawler.cli import main

main()
