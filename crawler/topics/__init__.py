"""Topics: rules that say which stories somebody wants to hear about. Pure apart from reading the rule files."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from crawler.garbage import uncollected
from crawler.topics.engine import Topics
from crawler.topics.errors import TopicError
from crawler.topics.explain import explain
from crawler.topics.files import SHIPPED, read_folder
from crawler.topics.model import Evidence, Example, Explanation, Flag, Part, Topic

__all__ = [
    "SHIPPED",
    "Evidence",
    "Example",
    "Explanation",
    "Flag",
    "Part",
    "Topic",
    "TopicError",
    "Topics",
    "explain",
    "load_folders",
    "load_topics",
    "shared_topics",
]


@cache
def shared_topics(folders: tuple[Path, ...], shipped: bool) -> Topics:
    """Return this process's topics of the user's folders and, if wanted, those that ship; compiled once."""
    return load_folders(((SHIPPED,) if shipped else ()) + folders)


def load_topics(path: Path | None = None) -> Topics:
    """Return the topics of a folder, by default those that ship. Raises TopicError or FileError."""
    return load_folders([path or SHIPPED])


def load_folders(folders: Iterable[Path]) -> Topics:
    """Return the topics of several folders; a later folder replaces topics and sets of the same name."""
    sets: dict[str, tuple[str, ...]] = {}
    topics: dict[str, Topic] = {}
    with uncollected():
        for folder in folders:
            topics |= {topic.id: topic for topic in read_folder(Path(folder), sets)}
        return Topics(topics.values())
