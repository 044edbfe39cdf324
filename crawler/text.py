"""Clean Chinese text. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True, frozen=True)
class Cleaned:
    """A cleaned text, the form the page was written in and what was repaired, with counts."""

    text: str
    form: str = "simplified"  # "simplified", "traditional", "annotated"
    repairs: dict[str, int] = field(default_factory=dict)


def clean(text: str) -> Cleaned:
    """Return the text cleaned for display, with its form and repairs."""
    raise NotImplementedError


def clean_text(text: str) -> str:
    """Return the text cleaned for display."""
    return clean(text).text


def canonical(text: str) -> tuple[str, list[int] | None]:
    """Return the form used for matching and fingerprints, and for each of its characters the index in `text`.

    None in place of the indices means that they are 0, 1, 2 …
    """
    raise NotImplementedError
