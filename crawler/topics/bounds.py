"""How many points a query can give at most, told from the words that stand in a text: most rules are done with that.

The bound of a term counts for each place where it stands, in units of the best place in the text (title 2, lead 1.5).
"""

from dataclasses import dataclass, replace

from crawler.topics.leaves import Phrases, Regex
from crawler.topics.nodes import And, Except, Near, Node, Not, Or, Weight

Groups = tuple[frozenset[int], ...]


@dataclass(slots=True, frozen=True)
class Bound:
    """What each of some terms can add, provided that one term of each group stands in the text as well."""

    terms: frozenset[int]
    points: float
    groups: Groups = ()


def bounds(node: Node) -> list[Bound]:
    """Return the bounds whose sum the node cannot pass; none if the node can hold without any term."""
    if isinstance(node, Phrases):
        return [Bound(node.terms, 1.0)]
    if isinstance(node, (Regex, Near)):  # one word can stand in many of their places, which together give less than two
        rarest, *others = sorted(node.required(), key=len) or [frozenset[int]()]
        return [Bound(rarest, 2.0, tuple(others))] if rarest else []
    if isinstance(node, Weight):
        return [replace(bound, points=bound.points * max(0.0, node.factor)) for bound in bounds(node.part)]
    if isinstance(node, And):
        return _weakest(node)
    if isinstance(node, Or):
        return _summed(node)
    if isinstance(node, Except):
        return bounds(node.left)
    return [] if isinstance(node, Not) else bounds(node.part)


def _weakest(node: And) -> list[Bound]:
    """Return the bounds of the part with the fewest terms, each of which waits for the other parts."""
    told = [(part, found) for part in node.parts if not isinstance(part, Not) and (found := bounds(part))]
    if not told:
        return []
    weakest, found = min(told, key=lambda each: sum(len(bound.terms) for bound in each[1]))
    others = tuple(group for part in node.parts if part is not weakest for group in part.required())
    return [replace(bound, groups=bound.groups + others) for bound in found]


def _summed(node: Or) -> list[Bound]:
    total: list[Bound] = []
    for part in node.parts:
        if isinstance(part, Weight) and part.factor < 0:
            continue
        found = bounds(part)
        if not found:
            return []
        total += found
    return total
