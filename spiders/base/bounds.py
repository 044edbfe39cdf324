"""What no honest article has so much of. The steps that follow take place in the crawl process and must be short."""

from crawler.items import Article

MOST_TEXT, LONGEST_NAME, MOST_FILES = 200_000, 1000, 2000  # a civil code has 110,000 characters


def excess_of(article: Article) -> str:
    """Return what an article has too much of, or nothing."""
    if len(article.body) > MOST_TEXT:
        return f"a text of {len(article.body)} characters"
    names = (article.title, article.source_name, article.author, article.section, *(article.document or {}).values())
    if (longest := max(len(name or "") for name in names)) > LONGEST_NAME:
        return f"a title or name of {longest} characters"
    files = len(article.images) + len(article.attachments)
    return f"{files} pictures and files" if files > MOST_FILES else ""
