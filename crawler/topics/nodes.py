"""The nodes of a query: each says where it holds in a scanned text and how many points it gives.

A hit is points and spans. Points of a list of spans: the best counts whole, the next half, the next a quarter, so that
one word repeated never gives more than twice its worth. OR adds the points of its parts, but the same words count once,
for the part that gives most; AND gives its weakest part's.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from crawler.topics.leaves import MAX_SPANS, Hit, Phrases, Place, Regex, Scan, Span
from crawler.topics.spans import counted_once, merged, overlaps


@dataclass(slots=True, frozen=True)
class And:
    """All parts hold."""

    place: Place
    parts: tuple["Node", ...]

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the hit of the weakest part, or None where a part does not hold."""
        hits = []
        for part in self.parts:
            hit = part.evaluate(scan, weigh=weigh)
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
    """At least one part holds. Most parts of most texts lack a word they need and are not looked at."""

    place: Place
    parts: tuple["Node", ...]
    waking: frozenset[int]  # the terms of which one must stand before a part can hold
    woken: dict[int, list[int]]  # term: the parts it wakes
    gates: tuple[tuple[frozenset[int], ...], ...]  # what else each part requires
    always: tuple[int, ...]  # parts that require nothing

    @classmethod
    def of(cls, place: Place, parts: tuple["Node", ...]) -> "Or":
        """Return the node with what wakes its parts."""
        woken: dict[int, list[int]] = defaultdict(list)
        gates, always = [], []
        for number, part in enumerate(parts):
            groups = sorted(part.required(), key=len)
            gates.append(tuple(groups[1:]))
            if not groups:
                always.append(number)
            for term in groups[0] if groups else ():
                woken[term].append(number)
        return cls(place, parts, frozenset(woken), dict(woken), tuple(gates), tuple(always))

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the sum of the parts that hold, or None where none does or only such as subtract."""
        hits = [hit for part in self._awake(scan.present) if (hit := part.evaluate(scan, weigh=weigh)) is not None]
        for_it = [hit for hit in hits if hit.points >= 0]
        if not for_it:
            return None
        if not weigh:
            return Hit(0.0, tuple(span for hit in for_it for span in hit.spans))
        if len(hits) == 1:
            return hits[0]
        counted = counted_once(for_it)
        points = sum(hit.points for hit in counted) + sum(hit.points for hit in hits if hit.points < 0)
        return Hit(points, tuple(span for hit in counted for span in hit.spans))

    def _awake(self, present: set[int]) -> list["Node"]:
        numbers = {number for term in self.waking & present for number in self.woken[term]}
        awake = []
        for number in sorted(numbers.union(self.always)):
            for group in self.gates[number]:
                if group.isdisjoint(present):
                    break
            else:
                awake.append(self.parts[number])
        return awake

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

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:  # noqa: ARG002 absence weighs nothing
        """Return an empty hit, or None where the part holds."""
        return None if self.part.evaluate(scan, weigh=False) else Hit(0.0, ())

    def required(self) -> list[frozenset[int]]:
        """Return nothing: it is absence that counts."""
        return []


@dataclass(slots=True, frozen=True)
class Near:
    """Both parts, at most `gap` characters apart, in one sentence; the left one first if `ordered`."""

    place: Place
    left: "Node"
    right: "Node"
    gap: int
    ordered: bool

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the hit, whose spans reach from one part to the other, or None."""
        left = self.left.evaluate(scan, weigh=False)
        right = self.right.evaluate(scan, weigh=False) if left else None
        if not left or not right:
            return None
        spans = self._pairs(scan, left.spans, right.spans)
        if not self.ordered:
            spans |= self._pairs(scan, right.spans, left.spans)
        ordered = tuple(sorted(spans)[:MAX_SPANS])
        return Hit(scan.points(ordered) if weigh else 0.0, ordered) if ordered else None

    def _pairs(self, scan: Scan, first: tuple[Span, ...], second: tuple[Span, ...]) -> set[Span]:
        later = sorted(second)
        found = set()
        for span in first:
            place = bisect_left(later, (span[1], 0))
            if place < len(later) and later[place][0] - span[1] <= self.gap and scan.same_sentence(span, later[place]):
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

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the hit with the places that are left, or None."""
        left = self.left.evaluate(scan, weigh=False)
        right = self.right.evaluate(scan, weigh=False) if left else None
        if not left:
            return None
        if not right:
            return Hit(scan.points(left.spans), left.spans) if weigh else left
        barred = merged(list(right.spans))
        spans = tuple(span for span in left.spans if not overlaps(span, barred))
        return Hit(scan.points(spans) if weigh else 0.0, spans) if spans else None

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return self.left.required()


@dataclass(slots=True, frozen=True)
class Count:
    """The part holds in at least `least` places."""

    place: Place
    part: "Node"
    least: int

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the hit of the part, or None where it holds in too few places."""
        hit = self.part.evaluate(scan, weigh=weigh)
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
    """The part, whose points are multiplied. A negative factor is taken off once, however often the part holds."""

    place: Place
    part: "Node"
    factor: float

    def evaluate(self, scan: Scan, *, weigh: bool = True) -> Hit | None:
        """Return the weighted hit, or None where the part does not hold."""
        hit = self.part.evaluate(scan, weigh=weigh and self.factor >= 0)
        return hit and Hit(hit.points * self.factor if self.factor >= 0 else self.factor, hit.spans)

    def required(self) -> list[frozenset[int]]:
        """Return sets of terms, of each of which one must stand in the text for the node to hold."""
        return self.part.required()


Node = Phrases | Regex | And | Or | Not | Near | Except | Count | Weight


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node."""
    if isinstance(node, (And, Or)):
        return node.parts
    if isinstance(node, (Near, Except)):
        return node.left, node.right
    if isinstance(node, (Not, Count, Weight)):
        return (node.part,)
    return ()
