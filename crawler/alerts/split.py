"""Messages of a size that the vendor takes whole: cut between items, never inside one, and numbered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crawler.vendors.table import Vendor

BETWEEN = {"markdown": "\n\n", "text": "\n\n", "html": "\n"}
_RESERVE = 120  # for what apprise writes around a text, beside the title


@dataclass(slots=True, frozen=True)
class Block:
    """What is never divided. `variants` say the same in fewer and fewer words, the full one first."""

    section: str  # the heading it stands under, rendered; "" for none
    variants: tuple[Callable[[], str], ...]
    alerts: tuple[int, ...] = ()


@dataclass(slots=True, frozen=True)
class Part:
    """One message: its title with part number, its text, and the alerts told in it."""

    title: str
    body: str
    alerts: tuple[int, ...]


def room(vendor: Vendor, title: str) -> int:
    """Return how much of the limit is left for the text. A title can appear twice: as a title and in the text."""
    return vendor.limit - 2 * vendor.size(title) - _RESERVE


def split(title: str, blocks: Sequence[Block], vendor: Vendor, *, tail: str = "") -> list[Part]:
    """Return the parts. Each begins with the heading of its first item; `tail` stands at the end of the last one.

    A block that is too long for a message of its own takes its first variant that fits, the last one in any case.
    """
    between = BETWEEN[vendor.format]
    free = room(vendor, numbered(title, 88, 88))
    gap = vendor.size(between)
    parts: list[tuple[list[str], list[int]]] = []
    lines: list[str] = []
    alerts: list[int] = []
    used, section = 0, ""
    for block in blocks:
        alone = free - (vendor.size(block.section) + gap if block.section else 0)
        text = _fitting(block, vendor, alone)
        heading = [block.section] if block.section and block.section != section else []
        added = [*heading, text]
        size = sum(vendor.size(line) + gap for line in added)
        if lines and used + size > free:
            parts.append((lines, alerts))
            lines, alerts, used = [], [], 0
            added = [block.section, text] if block.section else [text]
            size = sum(vendor.size(line) + gap for line in added)
        lines += added
        alerts += block.alerts
        used, section = used + size, block.section
    if tail and lines and used + vendor.size(tail) + gap > free:
        parts.append((lines, alerts))
        lines, alerts = [], []
    if tail or lines:
        parts.append(([*lines, tail] if tail else lines, alerts))
    return [
        Part(numbered(title, number, len(parts)), between.join(lines), tuple(alerts))
        for number, (lines, alerts) in enumerate(parts, 1)
    ]


def numbered(title: str, number: int, count: int) -> str:
    """Return the title with its part number, where there are several parts."""
    return f"{title}（{number}/{count}）" if count > 1 else title


def _fitting(block: Block, vendor: Vendor, free: int) -> str:
    text = ""
    for variant in block.variants:
        text = variant()
        if vendor.size(text) <= free:
            break
    return text
