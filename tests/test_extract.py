"""Article pages of our own writing, one per page shape."""

from pathlib import Path

from crawler.extract import extract_article

PAGES = Path(__file__).parent / "pages"


def test_plain_page() -> None:
    found = extract_article((PAGES / "plain.html").read_bytes(), "https://news.example.cn/a/1.html")
    assert found.title == "青川工业园承接东部装备企业整体搬迁"
    assert found.body.startswith("本报讯（记者 林晓 周一帆）")
    assert found.body.endswith("可带动就业八百人。")
    assert found.publish_time is not None
    assert found.publish_time.isoformat() == "2025-03-04T10:21:00+08:00"
    assert found.precision == "minute"
    assert found.source == "江城日报"
    assert found.author == "林晓 周一帆"
