"""What the user decided about alerts beside the channels: subscribers, templates, where the archive can be read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crawler.alerts.channels import Channel
from crawler.alerts.items import NOWHERE
from crawler.alerts.render import Templates
from crawler.alerts.subscribers import Subscribers, check_subscribers, load_subscribers
from crawler.config import AlertsConfig
from crawler.regions import AREAS, PROVINCES

REGIONS = [NOWHERE, *AREAS, *(province.name for province in PROVINCES)]


@dataclass(slots=True, frozen=True, kw_only=True)
class Audience:
    """Who hears what, and in which words. By default every channel hears of everything at once, in our words."""

    subscribers: Subscribers = field(default_factory=Subscribers)
    templates: Templates = field(default_factory=Templates, repr=False)
    archive_url: str = ""


def load_audience(
    config: AlertsConfig, channels: Mapping[str, Channel], *, topics: Iterable[str], sources: Iterable[str] | None
) -> Audience:
    """Return the audience; FileError names file, line and key of what is wrong, before anything is sent.

    topics and sources: the ids that exist; None where that is not known, since a source file is broken.
    """
    subscribers = load_subscribers(config.subscribers_file)
    known = {"channels": list(channels), "topics": list(topics), "regions": REGIONS}
    known |= {} if sources is None else {"sources": list(sources)}
    check_subscribers(config.subscribers_file, subscribers, known)
    return Audience(subscribers=subscribers, templates=Templates(config.templates), archive_url=config.archive_url)
