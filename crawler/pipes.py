"""Messages between our processes: pickles with their length before them, over the pipes of plain subprocesses."""

import asyncio
import pickle
import struct
from typing import Any

HEADER = struct.Struct("!Q")
# How a process of ours begins: deaf to Ctrl-C, which a terminal sends to all of them and the crawl process obeys; and
# without a look for garbage among its imports, which would cost a tenth of their time.
BEGINNING = "import gc, signal; gc.disable(); signal.signal(signal.SIGINT, signal.SIG_IGN)"


def packed(message: object) -> bytes:
    """Return a message as it is sent."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(data)) + data


async def received(stream: asyncio.StreamReader) -> Any:
    """Return the next message; raise IncompleteReadError when the other process is gone."""
    (length,) = HEADER.unpack(await stream.readexactly(HEADER.size))
    return pickle.loads(await stream.readexactly(length))  # noqa: S301 (our own process)
