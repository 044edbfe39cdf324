"""Regular expressions from strangers' hands: a subset whose cost has a ceiling that is known before it runs.

Refused: `*`, `+`, open `{n,}`, back-references, look-around, a variable repeat inside a repeat. Every pattern must hold
a fixed character, which the automaton finds first; the pattern then runs only around the places found.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

MAX_WIDTH = 120  # characters that a match may span
MAX_PATHS = 1000  # ways in which a pattern may be tried from one place
MAX_CHOICE = 40  # characters of a class that is still looked for as such
MAX_LENGTH = 500  # characters of a pattern
SPECIAL = set(r"\.[](){}?*+|^$")
CLASSES = {"d": "0-9", "s": r"\s", "w": r"0-9a-z_"}


@dataclass(slots=True, frozen=True)
class Piece:
    """A part of a pattern: its Python source and its bounds."""

    source: str
    width: int = 0
    paths: int = 1
    anchors: frozenset[str] | None = None  # one of these stands in every match
    literal: bool = False  # exactly the characters of its only anchor
    first: str = ""  # the character with which every match begins, if it is fixed


@dataclass(slots=True, frozen=True)
class Pattern:
    """A compiled pattern with its widest match and the words of which one stands in every match."""

    regex: re.Pattern[str]
    width: int
    anchors: frozenset[str]


class PatternError(ValueError):
    """The pattern is refused; `offset` counts from its first character."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def compile_pattern(source: str, fold: Callable[[str], str]) -> Pattern:
    """Return the pattern, with its fixed characters folded like the texts. Raises PatternError."""
    if len(source) > MAX_LENGTH:
        raise PatternError(0, f"has {len(source)} characters; at most {MAX_LENGTH} are allowed")
    reader = _Reader(source, fold)
    piece = reader.alternatives()
    if reader.at < len(source):
        raise PatternError(reader.at, "')' without '('")
    if not piece.anchors:
        raise PatternError(0, "a regular expression needs a fixed character in every alternative")
    return Pattern(_compiled(piece.source), piece.width, piece.anchors)


def _ways(choices: list[Piece]) -> int:
    """Return in how many ways one place can go on: the choices that begin alike, and all that have no fixed begin."""
    alike: dict[str, int] = {}
    for choice in choices:
        alike[choice.first] = alike.get(choice.first, 0) + choice.paths
    return alike.pop("", 0) + max(alike.values(), default=0)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


class _Reader:
    def __init__(self, source: str, fold: Callable[[str], str]) -> None:
        self.source, self.fold, self.at, self.depth = source, fold, 0, 0

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise PatternError(self.at, "the regular expression ends too early")
        self.at += 1
        return char

    def alternatives(self) -> Piece:
        choices = [self.sequence()]
        while self.peek() == "|":
            self.take()
            choices.append(self.sequence())
        if len(choices) == 1:
            return choices[0]
        every = [choice.anchors for choice in choices]
        anchors = frozenset[str]().union(*(a for a in every if a)) if all(every) else None
        source = "(?:" + "|".join(choice.source for choice in choices) + ")"
        return self.bounded(Piece(source, max(c.width for c in choices), _ways(choices), anchors))

    def sequence(self) -> Piece:
        whole, run, found = Piece(""), "", []
        while (char := self.peek()) and char not in "|)":
            piece = self.repeated()
            if piece.literal and piece.anchors:
                run += next(iter(piece.anchors))
            else:
                found += [frozenset({run})] if run else []
                found += [piece.anchors] if piece.anchors else []
                run = ""
            whole = replace(
                whole,
                source=whole.source + piece.source,
                width=whole.width + piece.width,
                paths=whole.paths * piece.paths,
                first=whole.first if whole.width else piece.first,
            )
        found += [frozenset({run})] if run else []
        # The rarest anchor keeps the pattern asleep longest; long words are rare words.
        best = max(found, key=lambda words: min(map(len, words)) - len(words) / 100, default=None)
        return self.bounded(replace(whole, anchors=best))

    def repeated(self) -> Piece:
        start = self.at
        piece = self.atom()
        least, most = self.bounds()
        if (least, most) == (1, 1):
            return piece
        if most > 1 and piece.paths > 1:
            raise PatternError(start, "a choice inside a repeat is refused: it can be tried in too many ways")
        repeat = "?" if (least, most) == (0, 1) else f"{{{least},{most}}}"
        return self.bounded(
            Piece(
                f"(?:{piece.source}){repeat}",
                piece.width * most,
                piece.paths * (most - least + 1),
                piece.anchors if least else None,
            )
        )

    def bounds(self) -> tuple[int, int]:
        char = self.peek()
        if char and char in "*+":
            raise PatternError(self.at, f"'{char}' has no end; write a bound such as {{0,20}}")
        if char == "?":
            self.take()
            return 0, 1
        if char != "{":
            return 1, 1
        form = re.compile(r"\{(\d{0,3})(,?)(\d{0,3})\}").match(self.source, self.at)
        if not form or not (form[3] or (form[1] and not form[2])):
            raise PatternError(self.at, "write a repeat as {n}, {m,n} or {,n}")
        self.at = form.end()
        least = int(form[1] or 0)
        most = int(form[3]) if form[2] else least
        if least > most or not most:
            raise PatternError(form.start(), f"no text repeats from {least} to {most} times")
        return least, most

    def atom(self) -> Piece:
        start, char = self.at, self.take()
        if char == "(":
            return self.group(start)
        if char == "[":
            return self.character_class(start)
        if char == ".":
            return Piece(r"[^\n]", 1)
        if char == "\\":
            return self.escape()
        if char in SPECIAL:
            raise PatternError(start, f"'{char}' stands here without sense; write \\{char} for the character itself")
        return self.letter(char)

    def letter(self, char: str) -> Piece:
        folded = self.fold(char)
        return Piece(
            re.escape(folded), len(folded), 1, frozenset({folded}) if folded else None, bool(folded), folded[:1]
        )

    def escape(self) -> Piece:
        char = self.take()
        if char in CLASSES:
            return Piece(f"[{CLASSES[char]}]", 1)
        if char.isalnum():
            raise PatternError(self.at - 2, rf"\{char} is not known here; known: \d \w \s and escaped signs")
        return self.letter(char)

    def group(self, start: int) -> Piece:
        self.depth += 1
        if self.depth > 10:
            raise PatternError(start, "groups are nested too deep")
        if self.source.startswith("?", self.at):
            if not self.source.startswith("?:", self.at):
                raise PatternError(start, "only (…) and (?:…) are known")
            self.at += 2
        piece = self.alternatives()
        if self.peek() != ")":
            raise PatternError(start, "'(' is never closed")
        self.take()
        self.depth -= 1
        return replace(piece, source=f"(?:{piece.source})", literal=False)

    def character_class(self, start: int) -> Piece:
        negated = self.peek() == "^" and bool(self.take())
        body, chars = "", ""
        while (char := self.peek()) != "]" or not body:
            if not char or char == "\n":
                raise PatternError(start, "'[' is never closed")
            self.take()
            if char == "\\":
                known = self.take()
                body += CLASSES.get(known) or re.escape(known)
                chars += "-"  # a range or a known class: too many characters to wait for
            else:
                body += "-" if char == "-" else re.escape(self.fold(char))
                chars += self.fold(char)
        self.take()
        source = f"[{'^' if negated else ''}{body}]"
        try:
            re.compile(source)
        except re.error as error:
            raise PatternError(start, f"this character class is broken: {error}") from None
        few = not negated and "-" not in chars and 0 < len(chars) <= MAX_CHOICE
        return Piece(source, 1, anchors=frozenset(chars) if few else None)

    def bounded(self, piece: Piece) -> Piece:
        if piece.width > MAX_WIDTH:
            raise PatternError(self.at, f"can match {piece.width} characters; at most {MAX_WIDTH} are allowed")
        if piece.paths > MAX_PATHS:
            raise PatternError(self.at, f"can be tried in {piece.paths} ways; at most {MAX_PATHS} are allowed")
        return piece
