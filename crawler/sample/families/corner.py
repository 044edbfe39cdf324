"""What the corners of the families have in common: a host whose pages are made once and then only handed out."""

from datetime import UTC, date, datetime, time
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from crawler.sample.families.texts import Planted
from crawler.sample.server import Page, Request

MISSING = Page(b"<html><head><title>404 Not Found</title></head></html>", status=404)
SOURCE = "示例政务网"


class Corner:
    """A host. Its pages by path and query; what it planted; which paths nobody has a reason to ask for."""

    name: str  # the host's first label; its source files begin with cn_<name>
    template = "plain"  # of its article pages

    def __init__(self, today: date) -> None:
        self.today = today
        self.pages: dict[str, Page] = {}
        self.planted: dict[str, list[Planted]] = {}  # source → articles that it must find
        self.traps: set[str] = set()

    @property
    def host(self) -> str:
        """Return the host as it stands in source files and pages."""
        return f"{self.name}.example"

    def put(self, path: str, text: str, content_type: str = "text/html", charset: str = "utf-8") -> None:
        """Make a page."""
        modified = datetime.combine(self.today, time(), UTC)
        self.pages[path] = Page(text.encode(charset), content_type, modified=modified)

    def trap(self, path: str) -> None:
        """Make an article page that no source may ask for."""
        self.put(path, "<html><head><title>陷阱</title></head><body><h1>不应读取</h1></body></html>")
        self.traps.add(path)

    def plant(self, source: str, articles: list[Planted]) -> None:
        """Make the articles' pages."""
        self.planted.setdefault(source, []).extend(articles)
        for article in articles:
            words = {
                "title": escape(article.title),
                "time": f"{article.published:%Y-%m-%d %H:%M}",
                "date": f"{article.published:%Y-%m-%d}",
                "source": SOURCE,
                "body": "\n".join(f"<p>　　{escape(text)}</p>" for text in article.paragraphs),
            }
            self.put(article.path, _template(self.template).substitute(words))

    def answer(self, request: Request) -> Page:
        """Return what the host answers."""
        return self.pages.get(request.path, MISSING)


def rows(articles: list[Planted], folder: str = "") -> str:
    """Return the rows of a list, with addresses relative to a folder where one is given."""
    lines = []
    for article in articles:
        address = "./" + article.path.removeprefix(folder) if folder else article.path
        lines.append(
            f'<li><a href="{address}" title="{article.title}">{article.title}</a><span>{article.day}</span></li>'
        )
    return "\n".join(lines)


def page(*parts: str) -> str:
    """Return a list page around some parts."""
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>列表</title></head>\n<body>\n'
        '<div class="nav"><a href="/">首页</a> <a href="/about/index.html">关于我们</a></div>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


@cache
def _template(name: str) -> Template:
    # $title_ would be another name: the templates write ${title} where a letter follows.
    return Template(files("crawler.sample.families").joinpath("pages", f"{name}.html").read_text("utf-8"))
