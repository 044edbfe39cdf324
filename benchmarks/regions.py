"""Time locate on a text of 1,000 characters against the plain automaton, the least that finding the names can cost.

    python benchmarks/regions.py

Prints milliseconds of processor time and their ratio. The load is the first call in this process.
"""

import time
from collections.abc import Callable
from functools import partial

from crawler.regions import locate
from crawler.regions.gazetteer import gazetteer

SENTENCE = (
    "记者从甘肃省工业和信息化厅获悉,今年全省将新建六个承接产业转移的园区,兰州新区、天水经开区率先试点。"
    "企业负责人说,电价低、工人稳、配套全,是他们把生产线从江苏搬来的理由,二期厂房年底可以封顶。"
    "园区还将建设检验检测中心和职工公寓,办理手续的时间由四十天减到十二天,让来的企业留得住、长得大。\n"
)
TITLE = "甘肃出台承接产业转移若干措施"
ROUNDS = 200


def milliseconds(call: Callable[[], object]) -> float:
    """Return the processor time of one call: the best of five times ROUNDS."""
    times = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(ROUNDS):
            call()
        times.append((time.process_time() - start) / ROUNDS)
    return 1000 * min(times)


def main() -> None:
    """Print the figures."""
    start = time.process_time()
    known = gazetteer()
    print(f"load        {1000 * (time.process_time() - start):6.1f} ms, {len(known.places)} names")
    body = (SENTENCE * 10)[:1000]
    plain = milliseconds(partial(known.automaton.find_matches_as_indexes, body, overlapping=True))
    print(f"automaton   {plain:6.3f} ms")
    for name, cleaned in (("locate", True), ("with clean", False)):
        taken = milliseconds(partial(locate, TITLE, body, cleaned=cleaned))
        print(f"{name:11} {taken:6.3f} ms, {taken / plain:.1f} times the automaton")


if __name__ == "__main__":
    main()
