"""The progress lines on a real terminal."""

import os
import pty
import subprocess
import sys

SCRIPT = """
import asyncio, logging
from types import SimpleNamespace
from crawler.progress import Progress

async def main():
    with Progress() as progress:
        progress.begin("示例日报", SimpleNamespace(stats=None))
        await asyncio.sleep(0.3)
        logging.warning("a line of the log")
        progress.end("示例日报")
    logging.warning("a line behind it")

logging.basicConfig(format="%(message)s")
asyncio.run(main())
"""


def test_log_lines_stand_above_the_bars() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stderr=theirs, env=os.environ | {"TERM": "xterm"}) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0, shown.decode()
    assert "示例日报" in shown.decode()
    before = shown.partition(b"a line of the log")[0]
    assert before.endswith((b"\n", b"\x1b[2K")), before[-80:]
    assert shown.endswith(b"a line behind it\r\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""
