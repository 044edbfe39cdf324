"""Send what is queued, once: an alert leaves the outbox only when its channel accepted it."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.alerts.channels import Channels, SendError
from crawler.alerts.render import message, subject
from crawler.store import Store

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Delivery:
    """What one pass over the outbox did, per channel."""

    sent: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)


def deliver(store: Store, channels: Channels, topic_names: Mapping[str, str]) -> Delivery:
    """Send every alert that is due. A channel that fails is left alone for the rest of the pass and tried again later.

    A kill between sending and noting it doubles that one alert; nothing is ever lost.
    """
    delivery = Delivery()
    for alert in store.queued_alerts(datetime.now(UTC)):
        channel = alert["channel"]
        if delivery.failed[channel]:
            continue
        story = store.story_members(alert["story_id"])
        told = next((article for article in story if article["id"] == alert["article_id"]), story[0])
        name = topic_names.get(alert["topic"], alert["topic"])
        try:
            if channel not in channels:
                raise SendError(f"no channel '{channel}' in the channels file any more: add it again")
            channels.send(channel, subject(name, story), message(name, alert["evidence"], told, story))
        except SendError as error:
            store.alert_failed(alert["id"], str(error), datetime.now(UTC))
            logger.error("channel %s did not take the alert of story %s: %s", channel, alert["story_id"], error)
            delivery.failed[channel] += 1
        else:
            store.alert_sent(alert["id"], "", datetime.now(UTC))
            delivery.sent[channel] += 1
    return delivery
