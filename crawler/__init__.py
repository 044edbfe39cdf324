"""What stands around a crawl: the knowledge, the store, the alerts, the command."""

from importlib.metadata import version

__version__ = version("fengxiang")
