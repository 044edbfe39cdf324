"""Coverage-guided fuzzing of what reads strangers' bytes: `extract_article`, `extract_links`, `clean_text`.

    pip install atheris
    python tests/fuzz/fuzz_pages.py -max_total_time=600 -max_len=20000 build/found tests/fuzz/corpus

New inputs go to the first folder, one that breaks a rule to `crash-…`. Make it small, put it into tests/fuzz/corpus
under a name that says what it is, and mend the code: tests/test_fuzz_corpus.py replays the corpus without atheris.
"""

import sys
from dataclasses import asdict

URL = "http://www.example.cn/news/20261125/1.html"


def check(data: bytes) -> None:
    """Raise AssertionError where a promise is broken. No bytes make the readers raise anything."""
    from crawler.extract import extract_article, extract_links
    from crawler.text import clean_text

    found = extract_article(data, URL)
    for text in (found.title, found.body):
        assert isinstance(text, str)
        text.encode("utf-8")  # no halves of characters
        assert clean_text(clean_text(text)) == clean_text(text), "cleaning what is clean changes it"
    assert (found.publish_time is None) == (found.precision is None)
    assert found.publish_time is None or found.publish_time.tzinfo is not None
    assert asdict(found)
    for link in extract_links(data, URL):
        assert link.url.startswith(("http://", "https://"))
        link.url.encode("utf-8")
    raw = data.decode("utf-8", "replace")
    once = clean_text(raw)
    assert clean_text(once) == once, "cleaning what is clean changes it"


def main() -> None:
    """Fuzz until told to stop."""
    import atheris

    with atheris.instrument_imports(include=["crawler"]):
        import crawler.extract
        import crawler.text  # noqa: F401
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
