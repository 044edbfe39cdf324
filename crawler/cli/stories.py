"""Stories: what is one, and your say in it."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from crawler.cli.common import read_config
from crawler.errors import UsageError

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command("show")
def show(story: Annotated[int, typer.Argument(help="The story's id.")]) -> None:
    """Print a story: who published first, who reprinted, why each was joined and what it adds."""
    from crawler.dates import CST
    from crawler.store import Store

    store = Store(read_config().store.url)
    members = store.story_members(story)
    if not members:
        raise UsageError(f"no story {story}")
    named = dict.fromkeys(member["source_name"] for member in members if member["source_name"])
    print(f"story {story}: {members[0]['title']}\n来源: {'、'.join(named) or 'not named'}")
    for number, member in enumerate(members):
        when = (member["publish_time"] or member["fetched_at"]).astimezone(CST).strftime("%Y-%m-%d %H:%M")
        role = "first published" if number == 0 else "reprint"
        why = (
            f"{member['joined_because']}, {member['similarity'] or 1:.2f}"
            if member["joined_because"]
            else "first stored"
        )
        print(f"  article {member['id']}  {when}  {member['source']}  {role} ({why})\n    {member['url']}")
        differs = member["differs"] or {}
        for before, after in differs.get("figures", ()):
            print(f"    other figure: {before} → {after}")
        for sentence in differs.get("added", ()):
            print(f"    adds: {sentence}")


@app.command("split")
def split(
    article: Annotated[int, typer.Argument(help="The id of an article that tells another story.")],
) -> None:
    """Take an article out of its story; no later article brings them together again."""
    from crawler.store import Store

    print(f"article {article} is now story {Store(read_config().store.url).split_story(article, datetime.now(UTC))}")


@app.command("merge")
def merge(
    one: Annotated[int, typer.Argument(help="A story's id.")], two: Annotated[int, typer.Argument(help="The other's.")]
) -> None:
    """Make two stories one. Alerts that were sent for either are not sent again."""
    from crawler.store import Store

    print(f"both are now story {Store(read_config().store.url).merge_stories(one, two, datetime.now(UTC))}")
