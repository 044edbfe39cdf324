"""Topic files: TOML → Topic. The only module of the room that reads files."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, Field, RootModel

from crawler.tomlfile import FileError, Strict, load, read_text
from crawler.topics.errors import TopicError
from crawler.topics.model import Example, Topic
from crawler.topics.sets import Sets

SHIPPED = Path(__file__).parents[2] / "pipelines" / "topics"
SETS = "sets.toml"  # named sets shared by the topics of a folder
MAX_BYTES = 512_000

M = TypeVar("M", bound=BaseModel)
Names = tuple[Annotated[str, Field(min_length=1, max_length=100)], ...]


class Examples(Strict):
    """Texts of the author; a first line that is followed by another is the title."""

    hit: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()


class TopicFile(Strict):
    """The keys of a topic file."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    query: Annotated[str, Field(min_length=1)]
    description: str = ""
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    region: Names = Field(default=(), validation_alias=AliasChoices("region", "regions"))
    direction: Literal["inbound", "outbound", "both"] | None = None
    sources: Names = ()
    document_types: Names = ()
    channels: Names = ()
    audiences: Names = ()
    sets: dict[str, Names] = Field(default_factory=dict)
    examples: Examples = Examples()


class SetsFile(RootModel[dict[str, Names]]):
    """The sets of a folder: name = [words], see sets.py."""


def topic_files(folder: Path) -> list[Path]:
    """Return the topic files of a folder in order of their names."""
    if not folder.is_dir():
        raise FileError(folder, None, "no such folder of topics")
    return sorted(path for path in folder.glob("*.toml") if path.name != SETS)


def read_folder(folder: Path, shared: dict[str, tuple[str, ...]]) -> list[Topic]:
    """Return the topics of a folder. `shared` holds the sets known so far; those of the folder are added to it."""
    read_shared(folder, shared)
    return [read_topic(path, shared) for path in topic_files(folder)]


def read_shared(folder: Path, shared: dict[str, tuple[str, ...]]) -> None:
    """Add the sets of a folder to those known so far."""
    if (folder / SETS).is_file():
        shared.update(_load(folder / SETS, SetsFile).root)


def read_topic(path: Path, shared: dict[str, tuple[str, ...]]) -> Topic:
    """Return one topic, with the sets that its query may name."""
    file = _load(path, TopicFile)
    line, column = _place_of_query(read_text(path))
    return Topic(
        id=path.stem,
        name=file.name,
        query=file.query,
        path=path,
        description=file.description,
        threshold=file.threshold,
        regions=file.region,
        direction=file.direction,
        sources=file.sources,
        document_types=file.document_types,
        channels=file.channels,
        audiences=file.audiences,
        examples=tuple(_examples(file.examples.hit, hit=True)) + tuple(_examples(file.examples.miss, hit=False)),
        sets=Sets({**shared, **file.sets}),
        query_line=line,
        query_column=column,
    )


def _load(path: Path, model: type[M]) -> M:
    if path.stat().st_size > MAX_BYTES:
        raise FileError(path, None, f"larger than {MAX_BYTES} bytes; split the topic")
    bare = re.search(r"^[ \t]*([^\x00-\x7f\s=\"'#\[]+)[ \t]*=", read_text(path), re.MULTILINE)
    try:
        return load(path, model)
    except FileError as error:
        # TOML's own complaint, "Invalid statement", tells nobody what to do about a Chinese name.
        if bare and "Invalid statement" in str(error):
            line = bare.string.count("\n", 0, bare.start(1)) + 1
            raise TopicError(path, line, 1, f'write the Chinese name in quotes: "{bare[1]}" =', key=bare[1]) from None
        raise


def _place_of_query(text: str) -> tuple[int, int]:
    found = re.search(r"""^[ \t]*query[ \t]*=[ \t]*(\"{3}|'{3}|["'])(\r?\n)?""", text, re.MULTILINE)
    if not found:
        return 1, 1
    before = text[: found.end()]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _examples(texts: Iterable[str], *, hit: bool) -> Iterable[Example]:
    for text in texts:
        first, _, rest = text.strip().partition("\n")
        yield Example(first if rest else "", rest or first, hit)
