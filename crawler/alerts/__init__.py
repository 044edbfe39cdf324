"""Alerts: outbox → route → render → split → deliver → ledger. Sends nothing that the store did not queue."""

from crawler.alerts.audience import Audience, load_audience
from crawler.alerts.channels import Channels, load_channels
from crawler.alerts.deliver import Delivery, deliver

__all__ = ["Audience", "Channels", "Delivery", "deliver", "load_audience", "load_channels"]
