"""The steps of cleaning, in the order they need."""

from dataclasses import dataclass, field

from crawler.text.annotations import strip_annotations
from crawler.text.script import is_traditional, to_simplified


@dataclass(slots=True, frozen=True)
class Cleaned:
    """A cleaned text, the form the page was written in and what was repaired, with counts."""

    text: str
    form: str = "simplified"  # "simplified", "traditional", "annotated"
    repairs: dict[str, int] = field(default_factory=dict)


def clean(text: str) -> Cleaned:
    """Return the text cleaned for display, with its form and repairs."""
    repairs: dict[str, int] = {}
    text, annotations = strip_annotations(text)
    form = "simplified"
    if annotations:
        repairs["annotation"] = annotations
        form = "annotated"
    elif is_traditional(text):
        form = "traditional"
    if form != "simplified":
        simplified = to_simplified(text)
        repairs["traditional"] = sum(a != b for a, b in zip(text, simplified, strict=False))
        text = simplified
    return Cleaned(text, form, repairs)


def clean_text(text: str) -> str:
    """Return the text cleaned for display."""
    return clean(text).text
