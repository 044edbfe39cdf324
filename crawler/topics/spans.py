"""Arithmetic of spans: which words are the same words."""

from bisect import bisect_left

from crawler.topics.leaves import Hit, Span


def counted_once(hits: list[Hit]) -> list[Hit]:
    """Return the hits that stand on words of their own, best first; words that gave points already give no more."""
    taken: list[Span] = []
    counted = []
    for hit in sorted(hits, key=lambda hit: -hit.points):
        if hit.spans and all(overlaps(span, taken) for span in hit.spans):
            continue
        taken = merged([*taken, *hit.spans])
        counted.append(hit)
    return counted


def merged(spans: list[Span]) -> list[Span]:
    """Return the spans sorted, those that overlap made one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def overlaps(span: Span, taken: list[Span]) -> bool:
    """Return whether a span shares a character with one of the merged spans."""
    place = bisect_left(taken, (span[1], 0))
    return place > 0 and taken[place - 1][1] > span[0]
