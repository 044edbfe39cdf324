"""Topics: check the rules, try them out, and apply changed ones to what is stored."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli.common import moment, read_config
from crawler.errors import UsageError

LONGEST_PART = 100  # characters of a part of a query that are printed

app = typer.Typer(no_args_is_help=True, help=__doc__)

Input = Annotated[Path, typer.Option("--input", "-i", help="JSONL with id, title, text.", exists=True, dir_okay=False)]


def _folders() -> tuple[Path, ...]:
    from crawler.topics import SHIPPED

    config = read_config().topics
    return ((SHIPPED,) if config.shipped else ()) + config.folders


def _topics() -> Any:
    from crawler.topics import load_folders

    return load_folders(_folders())


def _records(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise UsageError(f"{file}:{number}: not JSON: {error.msg}") from None
            if not isinstance(record, dict):
                raise UsageError(f"{file}:{number}: not an object with id, title and text")
            yield record


def _stored(since: str) -> Iterator[dict[str, Any]]:
    from crawler.store import Selection, Store

    for row in Store(read_config().store.url).read_articles(Selection(since=moment(since))):
        yield {
            "id": row["id"],
            "title": row["title"],
            "text": row["body"],
            "source": row["source_name"],
            "section": row["section"],
            "source_id": row["source"],
            "docno": (row["document"] or {}).get("发文字号"),
        }


@app.command()
def check(
    since: Annotated[str, typer.Option(help="Look for parts that never fired in what was fetched since.")] = "90d",
) -> None:
    """Find errors of grammar, parts that can add nothing, and parts that never fired on stored articles."""
    from crawler.topics.check import check_topics

    texts = [(str(record["title"]), str(record["text"])) for record in _stored(since)]
    findings = check_topics(_folders(), texts)
    for finding in findings:
        print(finding)
    errors = sum(finding.kind == "error" for finding in findings)
    print(f"{errors} errors, {len(findings) - errors} warnings; tried on {len(texts)} stored articles")
    raise typer.Exit(2 if errors else 0)


@app.command("test")
def run_tests() -> None:
    """Try every topic on the examples in its file."""
    from crawler.topics.trial import run_examples

    outcomes = run_examples(_topics())
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        wanted = "should be flagged" if outcome.wanted else "should not be flagged"
        words = "、".join(outcome.words)
        print(f"{outcome.topic} example {outcome.number} {wanted}, score {outcome.score:.2f}: {outcome.text} [{words}]")
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} examples as they should be")
    raise typer.Exit(1 if failed else 0)


@app.command()
def match(file: Input) -> None:
    """Print the flags of each record of a JSONL file, with the words and where they stand."""
    from dataclasses import asdict

    import orjson

    from crawler.topics.trial import match_records

    for name, flags in match_records(_topics(), _records(file)):
        print(orjson.dumps({"id": name, "flags": [asdict(flag) for flag in flags]}).decode())


@app.command("eval")
def evaluate(file: Input) -> None:
    """Score the topics on records that also have "labels": precision, recall, F1, and every mistake with its words."""
    from crawler.topics.trial import evaluate as score

    scores = score(_topics(), list(_records(file)))
    for topic in scores:
        for mistake in topic.mistakes:
            print(f"{topic.topic} {mistake.kind}: {mistake.id}, score {mistake.score:.2f} [{'、'.join(mistake.words)}]")
    for topic in scores:
        print(f"{topic.topic:24} P {topic.precision:.3f}  R {topic.recall:.3f}  F1 {topic.f1:.3f}")
    print(f"macro F1 {sum(topic.f1 for topic in scores) / max(1, len(scores)):.3f}")


@app.command()
def backtest(
    topic: Annotated[str, typer.Argument(help="The topic's id.")],
    since: Annotated[str, typer.Option(help="A date or a span such as 30d.")] = "30d",
    against: Annotated[Path | None, typer.Option(help="A folder with the old version; without it, all hits.")] = None,
) -> None:
    """Show what a topic would have flagged of the stored articles, or what a change adds (+) and takes away (-)."""
    from crawler.topics import Topics, load_topics
    from crawler.topics.trial import backtest as compare

    old = load_topics(against) if against else Topics(())
    records = list(_stored(since))
    titles = {str(record["id"]): record["title"] for record in records}
    changes = [change for change in compare(_topics(), old, records) if change.topic == topic]
    for change in changes:
        words = "、".join(change.words)
        print(f"{change.sign} article {change.id} {change.score:.2f} {titles[change.id]} [{words}]")
    print(f"{len(records)} articles, {sum(c.sign == '+' for c in changes)} +, {sum(c.sign == '-' for c in changes)} -")


@app.command()
def suggest(
    topic: Annotated[str, typer.Argument(help="The label of the records that are about the topic.")],
    file: Input,
) -> None:
    """Propose words that tell the records labelled with a topic from the others."""
    from crawler.topics.suggest import suggest as propose

    marked: list[str] = []
    others: list[str] = []
    for record in _records(file):
        text = f"{record.get('title') or ''}\n{record.get('text') or ''}"
        (marked if topic in (record.get("labels") or ()) else others).append(text)
    if not marked:
        raise UsageError(f"{file}: no record is labelled '{topic}'")
    for word in propose(marked, others):
        print(f"{word.word}\t{word.marked} of {len(marked)}\t{word.others} of {len(others)}")


@app.command()
def explain(
    topic: Annotated[str, typer.Argument(help="The topic's id.")],
    text: Annotated[str, typer.Argument(help="The id of a stored article, or a text file: title, then body.")],
    every: Annotated[bool, typer.Option("--all", help="Also the parts that the text does not meet.")] = False,
) -> None:
    """Print how the score of a text comes about, part by part."""
    from crawler.topics import explain as told

    topics = _topics()
    if topic not in topics.rules:
        raise UsageError(f"no topic '{topic}'; known: {', '.join(topics.rules)}")
    title, body, fields = _text(text)
    found = told(topics, topic, title, body, **fields)
    verdict = "flagged" if found.flagged else f"not flagged{f': {found.stopped_by}' if found.stopped_by else ''}"
    print(f"{topic}: score {found.score:.2f}, threshold {found.threshold:.2f}: {verdict}")
    shown = list(found.parts if every else _met(found.parts))
    for part in shown:
        words = "、".join(dict.fromkeys(span.text for span in part.spans))
        mark = "+" if part.matched else " "
        note = f"  ({part.note})" if part.note else ""
        # The parts of a long one stand below it.
        text = part.text if len(part.text) <= LONGEST_PART else f"{part.text[:LONGEST_PART]}…"
        print(f"{mark} {part.points:6.2f}  {'  ' * part.depth}{text}{f'  [{words}]' if words else ''}{note}")
    if left := len(found.parts) - len(shown):
        print(f"{left} parts give nothing; --all shows them")
    for note in found.notes:
        print(note)


def _met(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield the parts that the text meets or that say why it does not; none of a part that fails."""
    failed = None
    for part in parts:
        if failed is not None and part.depth > failed:
            continue
        failed = None if part.matched or part.note or not part.depth else part.depth
        if failed is None:
            yield part


def _text(text: str) -> tuple[str, str, dict[str, str]]:
    path = Path(text)
    if path.is_file():
        title, _, body = path.read_text("utf-8").partition("\n")
        return title, body, {}
    for record in _stored("36500d") if text.isdigit() else ():
        if str(record["id"]) == text:
            fields = ("source", "section", "source_id", "docno")
            return record["title"], record["text"], {name: record[name] for name in fields if record[name]}
    raise UsageError(f"{text}: neither a file nor the id of a stored article")


@app.command()
def reflag(
    since: Annotated[str, typer.Option(help="Stories with an article fetched since.")] = "30d",
    alert: Annotated[bool, typer.Option("--alert", help="Queue alerts for stories that are new to a topic.")] = False,
) -> None:
    """Apply changed rules to stored stories, without a crawl; nobody is told twice."""
    from crawler.alerts import load_channels
    from crawler.run import routes_of
    from crawler.store import Store

    config = read_config()
    topics = _topics()
    routes = routes_of(topics, load_channels(config.alerts.channels_file)) if alert else {}
    store = Store(config.store.url)
    now = datetime.now(UTC)
    begin = moment(since) or now - timedelta(days=30)
    added = removed = 0
    for story_id in store.stories_since(begin):
        best: dict[str, tuple[int, Any]] = {}
        for article in store.story_members(story_id):
            docno = (article["document"] or {}).get("发文字号")
            fields = {"source": article["source_name"], "section": article["section"], "docno": docno}
            fields["source_id"] = article["source"]
            given = {name: value for name, value in fields.items() if value}
            for flag in topics.match_cleaned(article["title"], article["body"], **given):
                if flag.topic not in best or flag.score > best[flag.topic][1].score:
                    best[flag.topic] = (article["id"], flag)
        more, less = store.reflag_story(story_id, best, routes, now)
        added, removed = added + more, removed + less
    print(f"{added} flags added, {removed} taken away; alerts {'queued' if alert else 'not queued'}")
