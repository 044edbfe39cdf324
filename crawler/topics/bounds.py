"""How many points a query can give at most, told from the words that stand in a text: most rules are done with that.

A bound is a pair for each term that can wake the query: points for one place of the term, and points however often it
stands, both in units of the best place in the text (title 2, lead 1.5).
"""

from crawler.topics.leaves import Regex, Words
from crawler.topics.nodes import And, Except, Near, Node, Not, Or, Weight

Bounds = dict[int, tuple[float, float]]


def bounds(node: Node) -> Bounds:
    """Return the bound of each term of which one must stand in a text; empty if the node can hold without any."""
    if isinstance(node, Words):
        return dict.fromkeys(node.terms, (1.0, 0.0))
    if isinstance(node, (Regex, Near)):
        return dict.fromkeys(min(node.required(), key=len, default=()), (0.0, 2.0))
    if isinstance(node, Weight):
        return {term: (each * node.factor, flat * node.factor) for term, (each, flat) in bounds(node.part).items()}
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
        for term, (each, flat) in found.items():
            before = total.get(term, (0.0, 0.0))
            total[term] = (before[0] + each, before[1] + flat)
    return total
