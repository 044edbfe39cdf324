"""The nodes of a query: each says where it holds in a scanned text and how many points it gives.

A hit is points and spans. Points of a list of spans: the best counts whole, the next half, the next a quarter, so that
one word repeated never gives more than twice its worth. OR adds the points of its parts, AND gives its weakest part's.
"""

from bisect import bisect_left
from dataclasses import dataclass

from crawler.topics.leaves import MAX_SPANS, Hit, Place, Regex, Scan, Span, Words


@dataclass(slots=True, frozen=True)
class And:
    """All parts hold."""

    place: Place
    parts: tuple["Node", ...]

    def evaluate(self, scan: Scan) -> Hit | None:
        """Return the hit of the weakest part, or None where a part does not hold."""
        hits = []
        for part in self.parts:
            hit = part.evaluate(scan)
            if hit is None:
                return None
            hits.append(hit)
        said = [hit for hit in hits if hit.spans]  # a NOT that holds shows nothing and weighs nothing
        points = min((hit.points for hit in said), default=0.0)
        return Hit(points, tuple(span for hit in said for span in hit.spans))

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return [group for part in self.parts for group in part.required()]


@dataclass(slots=True, frozen=True)
class Or:
    """At least one part holds."""

    place: Place
    parts: tuple["Node", ...]

    def evaluate(self, scan: Scan) -> Hit | None:
        """Return the sum of the parts that hold, or None where none does, or only parts that subtract."""
        hits = [hit for part in self.parts if (hit := part.evaluate(scan)) is not None]
        if not hits or all(hit.points < 0 for hit in hits):
            return None
        return Hit(sum(hit.points for hit in hits), tuple(s for hit in hits if hit.points > 0 for s in hit.spans))

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        union: frozenset[int] = frozenset()
        for part in self.parts:
            if isinstance(part, Weight) and part.factor < 0:
                continue
            groups = part.required()
            if not groups:
                return []
            union |= min(groups, key=len)
        return [union]


@dataclass(slots=True, frozen=True)
class Not:
    """The part does not hold."""

    place: Place
    part: "Node"

    def evaluate(self, scan: Scan) -> Hit | None:
        """Return an empty hit, or None where the part holds."""
        return None if self.part.evaluate(scan) else Hit(0.0, ())

    def required(self) -> list[frozenset[int]]:
        """Return nothing: it is absence that counts."""
        return []


@dataclass(slots=True, frozen=True)
class Near:
    """Both parts, at most `gap` characters apart, in one field; the left one first if `ordered`."""

    place: Place
    left: "Node"
    right: "Node"
    gap: int
    ordered: bool

    def evaluate(self, scan: Scan) -> Hit | None:
        """Return the hit, whose spans reach from one part to the other, or None."""
        left = self.left.evaluate(scan)
        right = self.right.evaluate(scan) if left else None
        if not left or not right:
            return None
        spans = self._pairs(scan, left.spans, right.spans)
        if not self.ordered:
            spans |= self._pairs(scan, right.spans, left.spans)
        ordered = sorted(spans)[:MAX_SPANS]
        return Hit(scan.points(ordered), tuple(ordered)) if ordered else None

    def _pairs(self, scan: Scan, first: tuple[Span, ...], second: tuple[Span, ...]) -> set[Span]:
        later = sorted(second)
        found = set()
        for span in first:
            place = bisect_left(later, (span[1], 0))
            if place < len(later) and later[place][0] - span[1] <= self.gap and scan.same_field(span, later[place]):
                found.add((span[0], later[place][1]))
        return found

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return self.left.required() + self.right.required()


@dataclass(slots=True, frozen=True)
class Except:
    """The left part where it does not overlap the right one."""

    place: Place
    left: "Node"
    right: "Node"

    def evaluate(self, scan: Scan) -> Hit | None:
        """Return the hit with the places that are left, or None."""
        left = self.left.evaluate(scan)
        right = self.right.evaluate(scan) if left else None
        if not left or not right:
            return left
        spans = [a for a in left.spans if not any(a[0] < b[1] and b[0] < a[1] for b in right.spans)]
        return Hit(scan.points(spans), tuple(spans)) if spans else None

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return self.left.required()


@dataclass(slots=True, frozen=True)
class Count:
    """The part holds in at least `least` places."""

    place: Place
    part: "Node"
    least: int

    def evaluate(self, scan: Scan) -> Hit | None:
        """Return the hit of the part, or None where it holds in too few places."""
        hit = self.part.evaluate(scan)
        if hit is None:
            return None
        places, end = 0, -1
        for start, stop in sorted(hit.spans):
            if start >= end:
                places, end = places + 1, stop
        return hit if places >= self.least else None

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return self.part.required()


@dataclass(slots=True, frozen=True)
class Weight:
    """The part, whose points are multiplied; a negative factor subtracts."""

    place: Place
    part: "Node"
    factor: float

    def evaluate(self, scan: Scan) -> Hit | None:
        """Return the weighted hit, or None where the part does not hold."""
        hit = self.part.evaluate(scan)
        return hit and Hit(hit.points * self.factor, hit.spans)

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return self.part.required()


Node = Words | Regex | And | Or | Not | Near | Except | Count | Weight


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node."""
    if isinstance(node, (And, Or)):
        return node.parts
    if isinstance(node, (Near, Except)):
        return node.left, node.right
    if isinstance(node, (Not, Count, Weight)):
        return (node.part,)
    return ()
