"""Gazetteer: which province a text is about, and which way industry moves. Pure; reads no page and no network."""

from dataclasses import dataclass, field

from crawler.regions.chief import chief_province, weigh
from crawler.regions.direction import direction_of
from crawler.regions.gazetteer import province_of
from crawler.regions.names import AREAS, CORPS, PROVINCES, Province
from crawler.regions.reading import read
from crawler.text import clean_text

__all__ = ["AREAS", "CORPS", "PROVINCES", "Location", "Province", "locate", "province_of"]


@dataclass(slots=True, frozen=True)
class Location:
    """Where a text plays."""

    region: str | None = None  # chief province, short Chinese name such as 甘肃
    regions: dict[str, float] = field(default_factory=dict)  # weights, heaviest first
    direction: str | None = None  # "inbound" into the chief province, "outbound", "both"


def locate(title: str, body: str, *, cleaned: bool = False) -> Location:
    """Return the chief province of a text and the direction of industry transfer.

    Takes raw text and cleans it; `cleaned=True` says that crawler.text.clean has been applied to both already.
    """
    if not cleaned:
        title, body = clean_text(title or ""), clean_text(body)  # labelled records may have none
    reading = read(title, body)
    votes = weigh(reading)
    region = chief_province(reading, votes)
    return Location(region, votes.weights, direction_of(reading, votes.weights, region))
