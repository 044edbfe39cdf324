"""Why a field is what it is, for people who write or mend a source. Reads what extraction noted."""

from selectolax.lexbor import LexborNode

from crawler.extract.article import Reading
from crawler.extract.model import Extracted


def explain(out: Extracted, reading: Reading) -> dict[str, object]:
    """Return field → what was taken and why, in words and figures."""
    head, found = reading.headline, reading.container
    return {
        "encoding": {"value": out.encoding, "doubt": out.encoding_doubt},
        "title": {
            "value": out.title,
            "why": "visible text that the title tag agrees with"
            if head.index >= 0
            else "metadata or title tag, nothing visible agrees",
            "element": _path(head.node),
            "score": round(head.score, 1),
        },
        "body": {
            "characters": len(out.body),
            "element": _path(found.node) if found is not None else None,
            "score": round(found.score, 1) if found is not None else 0.0,
            "lines_read": len(reading.content.lines),
            "lines_kept": len(reading.body),
        },
        "date": {"value": out.publish_time, "precision": out.precision, "why": reading.why.get("date")},
        "source": {"value": out.source, "why": reading.why.get("source")},
        "author": {"value": out.author, "why": reading.why.get("author")},
        "missing": out.missing,
        "refresh": out.refresh,
    }


def _path(node: LexborNode | None) -> str | None:
    """Return the element and the elements around it as a CSS path."""
    parts: list[str] = []
    while node is not None and node.tag not in {None, "-document"} and len(parts) < 5:
        attributes = node.attributes
        mark = f"#{attributes['id']}" if attributes.get("id") else ""
        mark = mark or "".join(f".{name}" for name in (attributes.get("class") or "").split()[:2])
        parts.append(f"{node.tag}{mark}")
        node = node.parent
    return " > ".join(reversed(parts)) or None
