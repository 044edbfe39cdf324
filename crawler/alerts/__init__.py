"""Alerts: outbox → render → deliver → ledger. Sends nothing that the store did not queue."""

from crawler.alerts.channels import Channels, load_channels
from crawler.alerts.deliver import Delivery, deliver

__all__ = ["Channels", "Delivery", "deliver", "load_channels"]
