"""All words of all topics in one automaton, and what it found in a text."""

from functools import cached_property

from crawler.topics.leaves import MAX_SPANS, Span
from crawler.topics.pattern import Pattern
from crawler.topics.reading import SENTENCE_END, Reading, fold

MAX_WINDOW = 20_000  # characters of one text in which one regular expression is tried
_ASCII = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class Terms:
    """Numbers for terms; the same term has the same number in every topic."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.edged: set[int] = set()  # terms that must not stand inside a longer ASCII word
        self._numbers: dict[tuple[str, bool], int] = {}

    def fold(self, text: str) -> str:
        """Return the text in the form in which texts are searched."""
        return fold(text)

    def add(self, text: str, *, whole: bool) -> int:
        """Return the number of a folded term."""
        whole = whole and (text[0] in _ASCII or text[-1] in _ASCII)
        number = self._numbers.setdefault((text, whole), len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
            if whole:
                self.edged.add(number)
        return number


class Automaton:
    """The compiled words."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    @cached_property
    def _searcher(self) -> object:
        from ahocorasick_rs import AhoCorasick, MatchKind

        return AhoCorasick(self.terms.texts, matchkind=MatchKind.Standard)

    def matches(self, text: str) -> list[tuple[int, int, int]]:
        """Return (term, start, end) of every word, in the order of their ends."""
        if not self.terms.texts:
            return []
        return self._searcher.find_matches_as_indexes(text, overlapping=True)  # type: ignore[attr-defined, no-any-return]

    def scan(self, reading: Reading) -> "Scanned":
        """Return where the words stand in a text."""
        return self.collect(reading, self.matches(reading.text))

    def collect(self, reading: Reading, matches: list[tuple[int, int, int]]) -> "Scanned":
        """Return the matches by term, without those inside longer ASCII words."""
        found: dict[int, list[Span]] = {}
        for term, start, end in matches:
            if term in found:
                if len(found[term]) < MAX_SPANS:  # a page that repeats a word for a megabyte must not slow a rule
                    found[term].append((start, end))
            else:
                found[term] = [(start, end)]
        for term in self.terms.edged.intersection(found):
            found[term] = [span for span in found[term] if _stands_alone(reading.text, *span)]
            if not found[term]:
                del found[term]
        return Scanned(reading, found)


def _stands_alone(text: str, start: int, end: int) -> bool:
    inside_left = start > 0 and text[start] in _ASCII and text[start - 1] in _ASCII
    inside_right = end < len(text) and text[end - 1] in _ASCII and text[end] in _ASCII
    return not (inside_left or inside_right)


class Scanned:
    """A text and where the terms stand in it; answers the questions of the nodes."""

    def __init__(self, reading: Reading, found: dict[int, list[Span]]) -> None:
        self.reading, self.found, self.present = reading, found, set(found)
        self._spans: dict[tuple[frozenset[int], str], tuple[Span, ...]] = {}
        self._worths: dict[int, float] = {}
        self._zoned = True

    def spans(self, terms: frozenset[int], scope: str) -> tuple[Span, ...]:
        """Return where the terms stand in the scope, in order."""
        known = self._spans.get((terms, scope))
        if known is None:
            known = self._spans[terms, scope] = self._looked_up(terms, scope)
        return known

    def _looked_up(self, terms: frozenset[int], scope: str) -> tuple[Span, ...]:
        first, last = self.reading.scopes[scope]
        present = terms & self.present if len(terms) > 1 else terms
        found = [span for term in present for span in self.found.get(term, ()) if first <= span[0] and span[1] <= last]
        return tuple(sorted(set(found))[:MAX_SPANS] if len(found) > 1 else found)

    def search(self, pattern: Pattern, anchors: frozenset[int], scope: str) -> tuple[Span, ...]:
        """Return where the pattern holds in the scope, looking only around its anchors."""
        first, last = self.reading.scopes[scope]
        spans: list[Span] = []
        tried, done = 0, first
        for start, end in self.spans(anchors, scope):
            left, right = max(done, start - pattern.width), min(last, end + pattern.width)
            if left >= right:
                continue
            tried += right - left
            if tried > MAX_WINDOW or len(spans) >= MAX_SPANS:
                break
            matches = pattern.regex.finditer(self.reading.text, left, right)
            spans += [match.span() for match in matches if match.end() > match.start()]
            done = max([end, *(span[1] for span in spans[-1:])])
        return tuple(spans[:MAX_SPANS])

    def points(self, spans: tuple[Span, ...]) -> float:
        """Return what the spans are worth: the best whole, the next half, then a quarter."""
        if len(spans) == 1:
            return self._worth(spans[0])
        worths, end = [], -1
        for span in spans:
            if span[0] >= end:  # words that overlap are one place
                worths.append(self._worth(span))
                end = span[1]
        worths.sort(reverse=True)
        return sum(worth * 0.5**rank for rank, worth in enumerate(worths[:20]))

    def _worth(self, span: Span) -> float:
        known = self._worths.get(span[0])
        if known is None:
            known = self._worths[span[0]] = self.reading.worth(span, zoned=self._zoned)
        return known

    def zoned(self, on: bool) -> None:
        """Switch the discount for link lists and the like; without it points are never lower."""
        if self._zoned is not on:
            self._zoned = on
            self._worths.clear()

    def same_sentence(self, a: Span, b: Span) -> bool:
        """Return whether no sentence and no field ends between the end of `a` and the start of `b`."""
        return not SENTENCE_END.search(self.reading.text, a[1], b[0])
