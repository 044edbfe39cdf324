"""Invented news for benchmarks: nonsense of common characters with the statistics of news."""

from random import Random

COMMON = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]


class News:
    """Invented news of common characters: articles full of stock phrases, notices on templates, reprints.

    Words and phrases are drawn with a long tail, so that some stand in most articles and most in few.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._words = ["".join(self._random.choices(COMMON, k=2)) for _ in range(8000)]
        self._phrases = ["".join(self._words_of(self._random.randint(3, 8))) for _ in range(3000)]
        self._templates = [[self._phrase() for _ in range(12)] for _ in range(20)]

    def _words_of(self, count: int) -> list[str]:
        return [self._words[int(8000 * self._random.random() ** 3)] for _ in range(count)]

    def _phrase(self) -> str:
        return self._phrases[int(3000 * self._random.random() ** 3)]

    def _clause(self) -> str:
        words = "".join(self._words_of(self._random.randint(3, 8)))
        figure = f"{self._random.randint(2, 9999)}元" if self._random.random() < 0.2 else ""
        return self._phrase() if self._random.random() < 0.15 else words + figure

    def article(self) -> str:
        """Return an article of three to six paragraphs, 300 to 900 characters."""
        paragraphs = [
            "".join(
                f"{self._clause()}，{self._clause()}，{self._clause()}。" for _ in range(self._random.randint(2, 5))
            )
            for _ in range(self._random.randint(3, 6))
        ]
        return "\n".join(["".join(self._words_of(7)), *paragraphs])

    def notice(self) -> str:
        """Return one of twenty templates, filled in with a date, a name, a place and an amount."""
        first, *phrases, last = self._random.choice(self._templates)
        name, place = "".join(self._words_of(2)), "".join(self._words_of(2))
        month, day, amount = (self._random.randint(1, top) for top in (12, 28, 9000))
        return (
            f"{name}公司{first}公告\n{month}月{day}日，{place}县{phrases[0]}，{name}公司{phrases[1]}，{phrases[2]}{amount}元。\n"
            f"{'，'.join(phrases[3:])}。\n{place}县{last}。"
        )

    def reprint(self, text: str) -> str:
        """Return an article under another headline, whole or cut to its first half."""
        body = text.split("\n")[1:]
        kept = body if self._random.random() < 0.5 else body[: max(1, len(body) // 2)]
        return "\n".join(["".join(self._words_of(6)), *kept, "（责任编辑：小陆）"])

    def any(self) -> tuple[str, str]:
        """Return a kind and a text: three articles to one notice."""
        return ("notice", self.notice()) if self._random.random() < 0.25 else ("article", self.article())
