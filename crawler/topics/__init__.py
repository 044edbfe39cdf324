"""Topics: rules that say which stories somebody wants to hear about. Pure apart from reading the rule files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True, frozen=True)
class Evidence:
    """Words that matched: where, in the displayed (cleaned) text of the field."""

    field: str  # "title" or "body"
    start: int
    end: int
    text: str


@dataclass(slots=True, frozen=True)
class Flag:
    """A topic that a text belongs to."""

    topic: str  # id
    score: float
    evidence: tuple[Evidence, ...]


class Topics:
    """Compiled topics."""

    def match(self, title: str, body: str, **fields: str) -> list[Flag]:
        """Return the topics of a text; takes raw text and cleans it."""
        raise NotImplementedError


def load_topics(path: Path | None = None) -> Topics:
    """Return the topics of a folder, by default those that ship."""
    raise NotImplementedError
