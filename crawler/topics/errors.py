"""What can be wrong with a topic file. Every message names file, line, column and the remedy."""

from pathlib import Path

from crawler.tomlfile import FileError


class TopicError(FileError):
    """A topic file is broken."""

    def __init__(self, path: Path, line: int, column: int, message: str, *, key: str = "query") -> None:
        super().__init__(path, None, "")
        self.args = (f"{path}:{line}:{column}: {key}: {message}",)
        self.path, self.line, self.column, self.key = path, line, column, key


class QueryError(Exception):
    """A query is broken at a line and column of its own text; the file's place is added by the reader of the file."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.line, self.column, self.message = line, column, message
