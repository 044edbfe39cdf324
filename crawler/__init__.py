"""What stands around a crawl: the knowledge, the store, the alerts, the command."""

__version__ = "0.1.0"
