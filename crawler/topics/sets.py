"""Named sets: "@other" takes in another set, "-@other" takes its words out, @甘肃各地 comes from the gazetteer."""

from collections.abc import Iterator, Mapping

from crawler.topics.places import SUFFIX, places_of

MAX_DEPTH = 20


class SetError(ValueError):
    """A set is named that does not exist, or that contains itself."""


class Sets(Mapping[str, tuple[str, ...]]):
    """The sets that a topic may use, resolved when they are asked for: most topics use few. Raises SetError then."""

    def __init__(self, written: Mapping[str, tuple[str, ...]]) -> None:
        self._written = dict(written)
        self._resolved: dict[str, tuple[str, ...]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._words(name, ())

    def _words(self, name: str, above: tuple[str, ...]) -> tuple[str, ...]:
        if name not in self._resolved:
            if name in above:
                raise SetError(f"@{name} contains itself")
            if len(above) > MAX_DEPTH:
                raise SetError(f"@{name} lies more than {MAX_DEPTH} sets deep")
            written = self._written.get(name) or (places_of(name.removesuffix(SUFFIX)) if name.endswith(SUFFIX) else ())
            if not written:
                if above:
                    raise SetError(f"@{above[-1]} takes in @{name}, which is unknown")
                raise KeyError(name)
            self._resolved[name] = self._put_together(written, (*above, name))
        return self._resolved[name]

    def _put_together(self, written: tuple[str, ...], above: tuple[str, ...]) -> tuple[str, ...]:
        words: dict[str, None] = {}
        out: set[str] = set()
        for word in written:
            if word.startswith("-@"):
                out.update(self._words(word[2:], above))
            elif word.startswith("@"):
                words.update(dict.fromkeys(self._words(word[1:], above)))
            else:
                words[word] = None
        return tuple(word for word in words if word not in out)
