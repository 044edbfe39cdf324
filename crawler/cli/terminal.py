"""Standard output and standard error that no text from the web can steer: titles are printed by many commands."""

import io
import sys
from typing import TextIO

from crawler.discreet import harmless


class Harmless(io.TextIOWrapper):
    """Writes control characters out; `buffer` takes bytes as they are, for exports."""

    def write(self, text: str, /) -> int:
        """Write text; return the number of characters given."""
        super().write(harmless(text))
        return len(text)


def tame_terminal() -> None:
    """Put harmless streams in the place of both. A display of ours that needs control sequences uses sys.__stderr__."""
    sys.stdout, sys.stderr = _tamed(sys.stdout), _tamed(sys.stderr)


def _tamed(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):  # there is none, or a test's own
        return stream
    stream.flush()
    options = {"encoding": stream.encoding, "errors": "backslashreplace", "line_buffering": stream.line_buffering}
    return Harmless(stream.buffer, write_through=True, **options)  # type: ignore[arg-type]
