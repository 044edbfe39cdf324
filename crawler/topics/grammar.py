"""The query language: text → nodes. Knows no files and evaluates nothing.

产业转移  "Tesla Model"      phrases; ASCII words with word boundaries, Chinese anywhere
AND OR NOT ( )              upper case; NEAR binds first, then NOT, AND, OR
a NEAR/20 b   a THEN/20 b   at most 20 characters apart in one sentence; THEN: in this order
转移 EXCEPT 转移支付        where a stands and does not lie in, or overlap, b
title: lead: body: source: section: docno:      before a phrase or a group
a≥2 (or >=2)    a^3    a^-2     at least two places; three times the points; subtracts
@东部省份                    any word of a named set
/从.{1,8}迁/                 bounded regular expression, see pattern.py
# …                          comment to the end of the line
"""

import difflib
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from crawler.topics.complaints import explained
from crawler.topics.errors import QueryError
from crawler.topics.leaves import Phrases, Place, Regex
from crawler.topics.nodes import And, Count, Except, Near, Node, Not, Or, Weight
from crawler.topics.pattern import PatternError, compile_pattern
from crawler.topics.sets import SetError

FIELDS = ("title", "lead", "body", "source", "section", "docno")
MAX_TERMS = 20_000
MAX_LENGTH = 20_000  # characters of one query
MAX_DEPTH = 40  # brackets
MAX_NESTING = 150  # parts in parts

GRAMMAR = r"""
start: or_
?or_: and_ (_OR and_)*
?and_: not_ (_AND not_)*
?not_: _NOT not_ -> negation | near
?near: postfix (NEAR postfix)*
?postfix: atom | postfix COUNT -> count | postfix WEIGHT -> weight
?atom: PHRASE -> phrase | WORD -> phrase | SET -> named | REGEX -> regex | FIELD atom -> field | _OPEN or_ _CLOSE
_OPEN: /[(（]/
_CLOSE: /[)）]/
_OR.3: /OR(?!\w)/
_AND.3: /AND(?!\w)/
_NOT.3: /NOT(?!\w)/
NEAR.3: /(NEAR|THEN)\/\d{1,4}|EXCEPT(?!\w)/
COUNT.2: /\s*(≥|>=)\s*\d{1,3}/
WEIGHT.2: /\s*\^\s*-?\d{1,3}(\.\d{1,3})?/
FIELD.2: /[A-Za-z_]+[:：]/
SET.2: /@[\w·]+/
REGEX.2: /\/(\\.|[^\/\\\n])+\//
PHRASE.2: /"[^"\n]+"|“[^”\n]+”|「[^」\n]+」/
WORD: /[^\s()（）"“”「」\/@^≥>=:：|&!#、，,;；]+/
COMMENT: /#[^\n]*/
%ignore /\s+/
%ignore COMMENT
"""


class Vocabulary(Protocol):
    """Where the words of all queries are collected for the one automaton."""

    def fold(self, text: str) -> str:
        """Return the text in the form in which texts are searched."""

    def add(self, text: str, *, whole: bool) -> int:
        """Return the number of a folded term; `whole`: not inside a longer ASCII word or number."""


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse_query(query: str, sets: Mapping[str, tuple[str, ...]], vocabulary: Vocabulary) -> Node:
    """Return the query as nodes. Raises QueryError with line and column, both from 1."""
    if len(query) > MAX_LENGTH:
        raise QueryError(1, 1, f"the query has {len(query)} characters; at most {MAX_LENGTH} are allowed")
    _check_depth(query)
    try:
        tree = _parser().parse(query)
    except UnexpectedInput as error:
        raise explained(error, query) from None
    return _Reader(query, sets, vocabulary).node(tree.children[0], "text")


def _check_depth(query: str) -> None:
    depth = 0
    for number, line in enumerate(query.splitlines(), 1):
        for column, char in enumerate(line, 1):
            depth += (char in "(（") - (char in ")）")
            if depth > MAX_DEPTH:
                raise QueryError(number, column, f"brackets are nested more than {MAX_DEPTH} deep")


class _Reader:
    """Tree → nodes. `scope` is the field that a part is bound to; "text" means title and body."""

    def __init__(self, query: str, sets: Mapping[str, tuple[str, ...]], vocabulary: Vocabulary) -> None:
        self.query, self.sets, self.vocabulary, self.terms = query, sets, vocabulary, 0
        self.depth = 0
        self.known: dict[str, frozenset[int]] = {}
        self.builders: dict[str, Callable[[Tree[Token], str], Node]] = {
            name: getattr(self, name)
            for name in ("near", "negation", "count", "weight", "phrase", "named", "regex", "field")
        }

    def node(self, tree: Tree[Token] | Token, scope: str) -> Node:
        tree = cast("Tree[Token]", tree)
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise QueryError(tree.meta.line, tree.meta.column, f"parts are nested more than {MAX_NESTING} deep")
        node = self.build(tree, scope)
        self.depth -= 1
        return node

    def build(self, tree: Tree[Token], scope: str) -> Node:
        if tree.data in ("or_", "and_"):
            parts = tuple(self.node(child, scope) for child in tree.children)
            if tree.data == "and_":
                return And(self.place(tree), parts)
            return Or.of(self.place(tree), parts)
        return self.builders[tree.data](tree, scope)

    def place(self, tree: Tree[Token]) -> Place:
        meta = tree.meta
        return Place(meta.line, meta.column, self.query[meta.start_pos : meta.end_pos])

    def near(self, tree: Tree[Token], scope: str) -> Node:
        first, *rest = tree.children
        left = self.spanned(first, scope)
        for operator, part in zip(rest[::2], rest[1::2], strict=True):
            right = self.spanned(part, scope)
            kind, _, gap = str(operator).partition("/")
            if kind == "EXCEPT":
                left = Except(self.place(tree), left, right)
            else:
                left = Near(self.place(tree), left, right, int(gap), kind == "THEN")
        return left

    def spanned(self, tree: Tree[Token] | Token, scope: str) -> Node:
        node = self.node(tree, scope)
        if isinstance(node, Not):
            raise QueryError(
                node.place.line, node.place.column, "NOT has no place to be near to; write (a NEAR/20 b) AND NOT c"
            )
        return node

    def negation(self, tree: Tree[Token], scope: str) -> Node:
        return Not(self.place(tree), self.node(tree.children[0], scope))

    def count(self, tree: Tree[Token], scope: str) -> Node:
        part, least = tree.children
        number = int(re.sub(r"\D", "", str(least)))
        return Count(self.place(tree), self.node(part, scope), max(1, number))

    def weight(self, tree: Tree[Token], scope: str) -> Node:
        part, factor = tree.children
        return Weight(self.place(tree), self.node(part, scope), float(str(factor).strip()[1:]))

    def phrase(self, tree: Tree[Token], scope: str) -> Node:
        token = cast("Token", tree.children[0])
        text = str(token) if token.type == "WORD" else str(token)[1:-1]
        if token.type == "WORD":
            self.check_word(token)
        return Phrases(self.place(tree), frozenset({self.term(text, token)}), scope)

    def check_word(self, token: Token) -> None:
        if token.upper() in ("AND", "OR", "NOT") or re.fullmatch(r"(?i)near|then|except", token):
            raise QueryError(
                token.line or 1,
                token.column or 1,
                f"write {token.upper()} in capitals between two parts (NEAR and THEN with a distance: NEAR/20), "
                f'or "{token}" in quotes for the word',
            )
        if token[0] in "-+!":
            raise QueryError(
                token.line or 1, token.column or 1, f"'{token[0]}' is no operator here; write NOT, AND or OR"
            )

    def named(self, tree: Tree[Token], scope: str) -> Node:
        token = cast("Token", tree.children[0])
        name = str(token)[1:]
        try:
            words = self.sets[name]
        except SetError as error:
            raise QueryError(token.line or 1, token.column or 1, str(error)) from None
        except KeyError:
            near = difflib.get_close_matches(name, self.sets, n=1, cutoff=0.4)
            known = ", ".join(f"@{known}" for known in self.sets) or "none"
            hint = f"did you mean @{near[0]}?" if near else f"known sets: {known}"
            raise QueryError(token.line or 1, token.column or 1, f"unknown set @{name}; {hint}") from None
        if name not in self.known:
            self.known[name] = frozenset(self.term(text, token) for text in words)
        return Phrases(self.place(tree), self.known[name], scope)

    def term(self, text: str, token: Token) -> int:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise QueryError(token.line or 1, token.column or 1, f"more than {MAX_TERMS} words in one query")
        folded = self.vocabulary.fold(text).strip()
        if not folded:
            raise QueryError(
                token.line or 1, token.column or 1, f"nothing is left of {text!r} when it is folded for matching"
            )
        return self.vocabulary.add(folded, whole=True)

    def regex(self, tree: Tree[Token], scope: str) -> Node:
        token = cast("Token", tree.children[0])
        try:
            pattern = compile_pattern(str(token)[1:-1], self.vocabulary.fold)
        except PatternError as error:
            raise QueryError(token.line or 1, (token.column or 1) + 1 + error.offset, str(error)) from None
        anchors = frozenset(self.vocabulary.add(anchor, whole=False) for anchor in sorted(pattern.anchors))
        return Regex(self.place(tree), pattern, anchors, scope)

    def field(self, tree: Tree[Token], scope: str) -> Node:
        token, part = cast("Token", tree.children[0]), tree.children[1]
        name = str(token)[:-1].lower()
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean {near[0]}:?" if near else f"known fields: {', '.join(f + ':' for f in FIELDS)}"
            raise QueryError(token.line or 1, token.column or 1, f"unknown field {token}; {hint}")
        if scope != "text":
            raise QueryError(token.line or 1, token.column or 1, f"{name}: inside {scope}: can never hold")
        return self.node(part, name)
