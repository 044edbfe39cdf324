"""Alerts: outbox → route → render → split → deliver → ledger. Sends nothing that the store did not queue."""

from crawler.alerts.audience import Audience, load_audience
from crawler.alerts.channels import Channels, load_channels
from crawler.alerts.deliver import Delivery, deliver, heartbeats_due
from crawler.alerts.subscribers import load_subscribers

__all__ = [
    "Audience",
    "Channels",
    "Delivery",
    "deliver",
    "heartbeats_due",
    "load_audience",
    "load_channels",
    "load_subscribers",
]
