"""What is said to the author of a query that cannot be read: where it broke, and what was probably meant."""

import re
from typing import cast

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from crawler.topics.errors import QueryError

WRONG_SIGNS = {
    "|": "write OR",
    "&": "write AND",
    "!": "write NOT",
    "、": "write OR between words, or put the phrase in quotes",
    "，": "write OR between words, or put the phrase in quotes",
    ",": "write OR between words, or put the phrase in quotes",
    "；": "write OR between words, or put the phrase in quotes",
    ";": "write OR between words, or put the phrase in quotes",
    '"': "the quotation mark is never closed on this line",
    "“": "the quotation mark is never closed on this line",
    "「": "the quotation mark is never closed on this line",
    "/": "a regular expression stands between two slashes on one line",
    "^": "a weight is a number after ^, such as ^2 or ^-1.5",
    "@": "a set is @ and its name",
    "≥": "a count is a number after ≥, such as ≥2",
    ">": "a count is written ≥2 or >=2",
}


def explained(error: UnexpectedInput, query: str) -> QueryError:
    """Return the parser's error in the author's terms."""
    line, column = error.line, error.column
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        last = query.rstrip().splitlines() or [""]
        opened = len(re.findall("[(（]", query)) > len(re.findall("[)）]", query))
        hint = "a bracket is never closed" if opened else "a phrase is missing at the end"
        return QueryError(
            len(last), len(last[-1]) + 1, f"the query ends too early: {hint}" if query.strip() else "the query is empty"
        )
    if isinstance(error, UnexpectedCharacters):
        position = error.pos_in_stream or 0
        sign = query[position : position + 1]
        return QueryError(
            line, column, f"'{sign}' is not understood here; {WRONG_SIGNS.get(sign, 'put the phrase in quotes')}"
        )
    wrong = cast("UnexpectedToken", error)
    return QueryError(line, column, _misplaced(wrong.token, wrong.accepts or wrong.expected))


def _misplaced(token: Token, accepted: set[str]) -> str:
    if "WORD" not in accepted and token.type in ("WORD", "PHRASE", "SET", "REGEX", "FIELD", "_OPEN", "_NOT"):
        return f"'{token}' follows without an operator; write AND, OR or NEAR/20 before it, or quote the whole phrase"
    if token.type == "_CLOSE":
        return "')' closes nothing" if "WORD" not in accepted else "a phrase is missing before ')'"
    return f"a phrase is missing before '{str(token).strip()}'"
