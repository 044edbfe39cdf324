"""Gazetteer: which province a text is about, and which way industry moves. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True, frozen=True)
class Location:
    """Where a text plays."""

    region: str | None = None  # chief province, short Chinese name such as 甘肃
    regions: dict[str, float] = field(default_factory=dict)  # weights
    direction: str | None = None  # "inbound", "outbound", "both"


def locate(title: str, body: str) -> Location:
    """Return the chief province of a text and the direction of industry transfer."""
    raise NotImplementedError
