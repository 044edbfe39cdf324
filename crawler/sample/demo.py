"""`fengxiang demo`: the main job on the sample web, with a real mail server and a real webhook, twice."""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from crawler.alerts.items import place_of
from crawler.dates import CST
from crawler.sample.sinks import SmtpSink, WebhookSink
from crawler.sample.web import SampleWeb
from crawler.sources import SHIPPED
from crawler.store import Store

SOURCES = ("cn/cn_cehome_hangye.toml", "gs/gs_gansudaily.toml")
SHOWN, LONGEST_SHOWN = 6, 12  # words of a story shown, and characters of one
ARTICLE = re.compile(r"/news/\d{8}/|/system/")
CONFIG = """\
[crawl]
delay = 0.0
[sources]
folders = ["sources"]
shipped = false
[export]
file = "articles.jsonl"
"""
CHANNELS = """\
version: 1
urls:
  - mailto://127.0.0.1:{mail}?from=fengxiang@example.com&to=desk@example.com:
      tag: mail
  - json://{hook}:
      tag: chat
"""


def write_configuration(folder: Path, web: SampleWeb, mail: SmtpSink, hook: WebhookSink) -> Path:
    """Write settings, channels and the two sources, pointed at the sample web; return the settings file."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        text = "private = true\n" + web.localise((SHIPPED / name).read_text("utf-8"))
        (folder / "sources" / Path(name).name).write_text(text, "utf-8")
    channels = CHANNELS.format(mail=mail.port, hook=hook.url.removeprefix("http://"))
    (folder / "channels.yaml").write_text(channels, "utf-8")
    settings = folder / "fengxiang.toml"
    settings.write_text(CONFIG, "utf-8")
    return settings


def run_demo(folder: Path | None) -> int:
    """Run the demo, print a summary, and return the exit code."""
    began = datetime.now(UTC)
    folder = (folder or Path(tempfile.mkdtemp(prefix="fengxiang-demo-"))).resolve()
    with SampleWeb(datetime.now(CST).date()) as web, SmtpSink() as mail, WebhookSink() as hook:
        settings = write_configuration(folder, web, mail, hook)
        print(
            f"风向 Fengxiang demo: the sample web imitates 铁甲工程机械网 and 每日甘肃网; everything is in {folder}\n"
        )
        first = _run(settings, "first run")
        asked, told = len(web.requests), len(mail.messages) + len(hook.messages)
        second = _run(settings, "second run")
        pages = Counter(_kind(hit.path) for hit in web.requests[:asked])
        again = Counter(_kind(hit.path) for hit in web.requests[asked:])
        told_again = len(mail.messages) + len(hook.messages) - told
        store = Store(f"sqlite:///{folder / 'var' / 'fengxiang.db'}")
        _summarise(store, began)
        totals = store.totals()
        store.close()
        print(f"read     {pages['list']} list pages, {pages['article']} article pages of {len(SOURCES)} sources")
        print(f"stored   {totals['articles']} articles, {totals['stories']} stories, {totals['flagged']} flagged")
        print(
            f"alerts   {len(mail.messages)} e-mail, {len(hook.messages)} webhook message: a backlog comes as a digest"
        )
        print(f"again    {again['list']} list pages, {again['article']} article pages, {told_again} alerts")
        print(f"JSONL    {folder / 'articles.jsonl'}")
    return 1 if first or second or again["article"] or told_again else 0


def _run(settings: Path, label: str) -> int:
    command = [sys.executable, "-P", "-m", "crawler.cli", "--config", str(settings), "run", "--all"]
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    print(f"{label}: {done.stdout.strip()} (exit code {done.returncode})")
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    return done.returncode


def _kind(path: str) -> str:
    if path == "/robots.txt":
        return "robots"
    return "article" if ARTICLE.match(path) else "list"


def _summarise(store: Store, began: datetime) -> None:
    print("\nflagged stories")
    for story_id in store.flagged_stories(began):
        members = store.story_members(story_id)
        first = members[0]
        when = first["publish_time"].astimezone(CST).strftime("%m-%d %H:%M") if first["publish_time"] else "时间不详"
        reprints = f"，另有 {len(members) - 1} 家转载" if len(members) > 1 else ""
        print(f"  {when}  {place_of(first) or '全国'}  {first['title']}{reprints}")
        for topic in store.story_views([story_id])[story_id].topics:
            found = dict.fromkeys(span["text"] for span in topic["evidence"] if len(span["text"]) <= LONGEST_SHOWN)
            print(f"               {topic['topic']} {topic['score']:.2f}: {'、'.join(list(found)[:SHOWN])}")
    print()
