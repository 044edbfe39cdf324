"""How many points a query can give at most, told from the words that stand in a text: most rules are done with that.

The bound of a term counts for each place where it stands, in units of the best place in the text (title 2, lead 1.5).
"""

from crawler.topics.leaves import Phrases, Regex
from crawler.topics.nodes import And, Except, Near, Node, Not, Or, Weight

Bounds = dict[int, float]


def bounds(node: Node) -> Bounds:
    """Return the bound of each term of which one must stand in a text; empty if the node can hold without any."""
    if isinstance(node, Phrases):
        return dict.fromkeys(node.terms, 1.0)
    if isinstance(node, (Regex, Near)):  # one word can stand in many of their places, which together give less than two
        return dict.fromkeys(min(node.required(), key=len, default=()), 2.0)
    if isinstance(node, Weight):
        return {term: points * node.factor for term, points in bounds(node.part).items()}
    if isinstance(node, And):
        told = [found for part in node.parts if not isinstance(part, Not) and (found := bounds(part))]
        return min(told, key=len, default={})
    if isinstance(node, Or):
        return _summed(node)
    if isinstance(node, Except):
        return bounds(node.left)
    return {} if isinstance(node, Not) else bounds(node.part)


def _summed(node: Or) -> Bounds:
    total: Bounds = {}
    for part in node.parts:
        if isinstance(part, Weight) and part.factor < 0:
            continue
        found = bounds(part)
        if not found:
            return {}
        for term, points in found.items():
            total[term] = total.get(term, 0.0) + points
    return total
