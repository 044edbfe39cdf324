"""Messages between our processes: pickles with their length before them, over the pipes of plain subprocesses."""

import asyncio
import pickle
import struct
import sys
from typing import Any

HEADER = struct.Struct("!Q")
# Deaf to Ctrl-C, which a terminal sends to all processes and the crawl process obeys; and without a look for garbage
# among the imports, which would cost a tenth of their time.
_BEGINNING = "import gc, signal; gc.disable(); signal.signal(signal.SIGINT, signal.SIG_IGN)"


def command(module: str, *arguments: str) -> list[str]:
    """Return the command of a process of ours: `main` of a module.

    Not the module as a script: the crawl process must find the classes that are pickled there.
    """
    return [sys.executable, "-P", "-c", f"{_BEGINNING}; from {module} import main; main()", *arguments]


def packed(message: object) -> bytes:
    """Return a message as it is sent."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(data)) + data


async def received(stream: asyncio.StreamReader) -> Any:
    """Return the next message; raise IncompleteReadError when the other process is gone."""
    (length,) = HEADER.unpack(await stream.readexactly(HEADER.size))
    return pickle.loads(await stream.readexactly(length))  # noqa: S301 (our own process)
