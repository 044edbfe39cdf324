"""From items to the texts of messages: sandboxed Jinja templates, one file a format, which a user can replace.

Templates get values that are harmless already, so that none of them has to remember to escape.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.alerts.items import Item, neutral_url
from crawler.alerts.neutral import neutral
from crawler.alerts.quotes import Piece
from crawler.tomlfile import FileError, read_text

SHIPPED = Path(__file__).parent / "templates"
FORMATS = ("markdown", "html", "text")
MACROS = {"item": 1, "section": 1, "more": 2, "line": 1}  # with their number of arguments
_MISTAKES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)  # that an expression can make
SAMPLE = Item(
    alerts=(1,),
    title="某市出台承接产业转移实施方案",
    topics="承接产业转移",
    region="甘肃",
    place="甘肃（承接）",
    publisher="示例日报",
    when=datetime(2026, 11, 25, 9, 2, tzinfo=UTC).strftime("%Y-%m-%d %H:%M"),
    url="https://example.org/a?b=1&c=2",
    quotes=((Piece("方案提出，"), Piece("承接产业转移", marked=True), Piece("项目优先供地。")),),
    added=("补助上限提高到五百万元。",),
    reprints=5,
    urgent=True,
)


class Templates:
    """The macros of each format: the user's where the folder has a file of the format's name, else those that ship.

    Raises FileError, with file and line, for a template that does not render.
    """

    def __init__(self, folder: Path | None = None) -> None:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        self._macros: dict[str, dict[str, Any]] = {}
        for form in FORMATS:
            self._macros[form] = self._load(SHIPPED / f"{form}.j2")
            own = folder / f"{form}.j2" if folder else None
            if own and own.is_file():
                self._macros[form] |= self._load(own)
                self._try(own, form)
        if folder and not folder.is_dir():
            raise FileError(folder, None, "no such folder; it may hold " + ", ".join(f"{form}.j2" for form in FORMATS))

    def item(self, item: Item, form: str, *, titled: bool = True) -> str:
        """Return one item. `titled` is false where the message's own title says the same."""
        values = item.neutralised(form)
        return self._call(form, "item", values if titled else values | {"title": ""})

    def section(self, name: str, form: str) -> str:
        """Return the heading of a group, such as 承接产业转移 · 甘肃."""
        return self._call(form, "section", neutral(name, form))

    def more(self, count: int, link: str, form: str) -> str:
        """Return the line that tells of alerts that are only counted."""
        return self._call(form, "more", count, neutral_url(link, form))

    def line(self, text: str, form: str) -> str:
        """Return one line of our own."""
        return self._call(form, "line", neutral(text, form))

    def _call(self, form: str, macro: str, *values: Any) -> str:
        return str(self._macros[form][macro](*values)).strip()

    def _load(self, path: Path) -> dict[str, Any]:
        from jinja2 import TemplateError, TemplateSyntaxError

        try:
            template = self._environment.from_string(read_text(path))
        except TemplateSyntaxError as error:
            raise FileError(path, error.lineno, f"template: {error.message}") from None
        try:
            module = template.module
        except (TemplateError, *_MISTAKES) as error:
            raise FileError(path, _line(error, template), f"template does not render: {error}") from None
        found = {name: getattr(module, name) for name in MACROS if hasattr(module, name)}
        for name, macro in found.items():
            if len(macro.arguments) != MACROS[name]:
                raise FileError(path, None, f"macro '{name}' takes {MACROS[name]} argument(s)")
        return found

    def _try(self, path: Path, form: str) -> None:
        """Render an example with everything, and one with nothing that can be missing."""
        from jinja2 import TemplateError

        bare = replace(SAMPLE, quotes=(), added=(), reprints=0, url="", urgent=False, place="")
        try:
            for item in (SAMPLE, bare):
                self.item(item, form)
                self.item(item, form, titled=False)
            self.section(SAMPLE.topics, form)
            self.more(14, SAMPLE.url, form)
            self.line(SAMPLE.title, form)
        except (TemplateError, *_MISTAKES) as error:
            template = self._environment.from_string(read_text(path))
            raise FileError(path, _line(error, template), f"template does not render: {error}") from None


def _line(error: Exception, template: Any) -> int | None:
    """Return the template's line that an error came from; a traceback has the lines of the code made of it."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return found
