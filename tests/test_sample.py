"""The sample web over real sockets: it must be as hard to read as the sites it stands for."""

import http.client
import re
import smtplib
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from urllib.parse import urljoin, urlsplit

import opencc
import pytest

from crawler.dates import CST
from crawler.sample import SampleArticle, SampleWeb, Trap, mirror
from crawler.sample.sinks import SmtpSink, WebhookSink

TODAY = date(2026, 11, 25)
WWW, MOBILE, GANSU = "www.cehome.com", "m.cehome.com", "gansu.gansudaily.com.cn"
HANGYE = f"https://{WWW}/news/hangye/"


@pytest.fixture(scope="module")
def web() -> Iterator[SampleWeb]:
    """One web for the tests that only read."""
    with SampleWeb(TODAY) as served:
        yield served


@pytest.fixture
def own_web() -> Iterator[SampleWeb]:
    """A web that a test may change."""
    with SampleWeb(TODAY) as served:
        yield served


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers (lower case) and body; redirects and errors are answers like any other."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request(method, parts.path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def text(url: str, charset: str = "utf-8") -> str:
    status, _, body = get(url)
    assert status == 200
    return body.decode(charset)


def listed(page: str) -> list[str]:
    """Return the links of the list proper, without those beside it."""
    block = re.search(r'<ul (?:id="page_list"|class="list")>(.*?)</ul>', page, re.DOTALL)
    assert block
    return re.findall(r'href="([^"]+)"', block[1])


def squeeze(page: str) -> str:
    return re.sub(r"\s|　|<[^>]+>", "", unescape(page))


def only(articles: list[SampleArticle]) -> SampleArticle:
    [article] = articles
    return article


def test_every_article_is_served_with_its_own_words(web: SampleWeb) -> None:
    for article in [*web.articles, *web.stale]:
        charset = "gbk" if Trap.GBK in article.traps else "utf-8"
        further = article.urls[1 : len(article.pages)] if article.site == "gansudaily" else ()
        shown = squeeze("".join(text(url, charset) for url in (article.url, *further)))
        for words in (article.title, *article.paragraphs):
            assert squeeze(mirror.garble(words) if Trap.GARBLED in article.traps else words) in shown


def test_the_set_is_as_large_and_as_fresh_as_promised(web: SampleWeb) -> None:
    assert len(web.articles) >= 44
    assert len({article.id for article in web.articles}) == len(web.articles)
    for article in web.articles:
        assert 150 <= len(article.body) <= 900, article.title
        assert TODAY - timedelta(days=20) <= article.published.date() <= TODAY
        assert f"{article.published:%Y%m%d}" in article.url.replace("/", "")
    assert {article.published.year for article in web.stale} == {2021, 2022}


def test_no_link_leaves_the_sample_web(web: SampleWeb) -> None:
    for url in [web.local(HANGYE), *(article.url for article in web.articles if Trap.GBK not in article.traps)]:
        outside = set(re.findall(r"https?://([^/\"]+)", text(url))) - set(web.hosts.values())
        assert outside <= {"www.w3.org"}  # the doctype and its namespace


def test_the_list_leads_to_every_article_once_and_to_one_mobile_twin(web: SampleWeb) -> None:
    links = [link for number in range(1, 7) for link in listed(text(web.local(f"{HANGYE}{number}/")))]
    twin = only(web.trapped(Trap.MOBILE_LISTED))
    own = [article.url for article in web.articles if article.site == "cehome"]
    assert sorted(links) == sorted([*own, twin.urls[1]])
    assert links[:5] == listed(text(web.local(HANGYE)))


@pytest.mark.parametrize("number", [7, 30, 200, 12127])
def test_deep_pages_repeat_the_sixth_and_still_lead_on(web: SampleWeb, number: int) -> None:
    page = text(web.local(f"{HANGYE}{number}/"))
    assert listed(page) == listed(text(web.local(f"{HANGYE}6/")))
    assert f'class="nextPage" href="{web.local(HANGYE)}{number + 1}/"' in page
    assert "共12127页" in page


def test_stale_articles_stand_beside_every_list_and_before_it(web: SampleWeb) -> None:
    page = text(web.local(HANGYE))
    assert page.index(web.stale[0].url) < page.index(listed(page)[0])
    for article in web.stale:
        assert article.url in page
        assert article.url not in listed(page)
        assert article.title in text(article.url)


def test_no_header_names_a_charset_and_gbk_pages_are_gbk(web: SampleWeb) -> None:
    assert len(web.trapped(Trap.GBK)) >= 2
    for article in web.trapped(Trap.GBK):
        _, headers, body = get(article.url)
        assert headers["content-type"] == "text/html"
        assert b"charset=gbk" in body
        assert article.title.encode("gbk") in body
        with pytest.raises(UnicodeDecodeError):
            body.decode("utf-8")


def test_garbled_pages_break_the_words_and_nothing_is_lost_in_them(web: SampleWeb) -> None:
    to_simplified = opencc.OpenCC("t2s").convert
    assert len(web.trapped(Trap.GARBLED)) >= 2
    for article in web.trapped(Trap.GARBLED):
        page = text(article.url)
        assert "產(chǎn)業(yè)轉(zhuǎn)移" in page
        assert "产业转移" not in page
        assert "產業轉移" not in page
        for original in (article.title, *article.paragraphs):
            restored = to_simplified(re.sub(r"\([a-zà-ǜ]+\)", "", mirror.garble(original)))
            assert restored == original


def test_reprints(web: SampleWeb) -> None:
    story = [article for article in web.articles if article.story == "gs_middle_park"]
    short = only([article for article in story if Trap.REPRINT_SHORT in article.traps])
    full = only([article for article in story if article.site == "gansudaily"])
    garbled = only([article for article in story if Trap.GARBLED in article.traps])
    assert garbled.body == full.body
    assert set(short.paragraphs) & set(full.paragraphs)
    assert 0.35 <= len(short.body) / len(full.body) <= 0.65


def test_long_articles_go_on_over_the_page_links(web: SampleWeb) -> None:
    articles = web.trapped(Trap.MULTIPAGE)
    assert sorted(len(article.pages) for article in articles) == [2, 3]
    for article in articles:
        url, seen = article.url, []
        while url:
            page = text(url)
            seen.append(url)
            pager = re.search(r'<div id="news_more_page_div_id">(.*?)</div>', page)
            further = re.search(r'<a href="([^"]+)">下一页</a>', pager[1] if pager else "")
            url = urljoin(url, further[1]) if further else ""
        assert tuple(seen) == article.urls


def test_a_stub_refreshes_to_its_article_and_the_list_names_the_stub(web: SampleWeb) -> None:
    article = only(web.trapped(Trap.REFRESH))
    links = listed(text(web.local(f"https://{GANSU}/{article.column}/index.shtml")))
    assert article.urls[1] in links
    assert article.url not in links
    stub = text(article.urls[1])
    assert f'content="0;url={article.url}"' in stub
    assert article.title not in stub


def test_the_soft_404_is_listed_and_says_200(web: SampleWeb) -> None:
    assert web.gone in listed(text(web.local(f"https://{GANSU}/gsbb/index.shtml")))
    assert "页面没有找到" in text(web.gone)


def test_the_mobile_twin_has_the_same_article_in_other_markup(web: SampleWeb) -> None:
    article = only(web.trapped(Trap.MOBILE_LISTED))
    own, twin = article.urls
    assert urlsplit(own).path == urlsplit(twin).path
    page = text(twin)
    assert article.paragraphs[-1] in page
    assert "article_body" not in page
    assert f"url={twin}" in text(own)


def test_bylines_name_persons_desks_or_nobody(web: SampleWeb) -> None:
    for article in web.articles:
        if article.site == "cehome" and not article.traps & {Trap.GBK, Trap.GARBLED}:
            assert f"<span>作者：{article.author or article.byline}</span>" in text(article.url)
    assert {(bool(article.author), bool(article.byline)) for article in web.articles} == {
        (True, False),
        (False, True),
        (False, False),
    }


@pytest.mark.parametrize("host", [WWW, MOBILE, GANSU])
def test_robots_txt(web: SampleWeb, host: str) -> None:
    status, headers, body = get(web.local(f"https://{host}/robots.txt"))
    assert (status, headers["content-type"]) == (200, "text/plain")
    assert body.startswith(b"User-agent: *\n")


def test_conditional_requests(own_web: SampleWeb) -> None:
    url = own_web.local(HANGYE)
    _, first, _ = get(url)
    for condition in (
        {"If_None_Match": first["etag"]},
        {"If_None_Match": f'"other", W/{first["etag"]}', "If_Modified_Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If_Modified_Since": first["last-modified"]},
    ):
        status, headers, body = get(url, **condition)
        assert (status, body, headers["etag"]) == (304, b"", first["etag"])
        assert "date" in headers
    assert get(url, If_None_Match='"other"', If_Modified_Since=first["last-modified"])[0] == 200
    assert get(url, If_Modified_Since="yesterday")[0] == 200


def test_publishing_changes_the_list(own_web: SampleWeb) -> None:
    url = own_web.local(HANGYE)
    _, first, _ = get(url)
    model = own_web.articles[-1]
    published = datetime.combine(TODAY, datetime.min.time(), CST)
    new = own_web.publish(replace(model, id="391999", site="cehome", title="新开工项目一览", published=published))
    status, headers, body = get(url, If_None_Match=first["etag"])
    assert status == 200
    assert listed(body.decode())[0] == new.url
    assert headers["last-modified"] != first["last-modified"]
    assert new.title in text(new.url)
    assert own_web.articles[0] == new


def test_planted_pages_override_until_they_are_taken_back(own_web: SampleWeb) -> None:
    url = own_web.local(HANGYE)
    own_web.put(WWW, "/news/hangye/", b"busy", status=503, headers={"Retry-After": "7"})
    status, headers, body = get(url)
    assert (status, headers["retry-after"], body) == (503, "7", b"busy")
    assert "etag" not in headers
    own_web.restore(WWW, "/news/hangye/")
    assert get(url)[0] == 200
    own_web.put(GANSU, "/new.xml", b"<rss/>", content_type="application/rss+xml; charset=utf-8")
    assert get(own_web.local(f"https://{GANSU}/new.xml"))[1]["content-type"] == "application/rss+xml; charset=utf-8"


def test_requests_are_recorded_with_the_real_host_and_the_status_sent(own_web: SampleWeb) -> None:
    url = own_web.local(HANGYE)
    etag = get(url, User_Agent="test/1")[1]["etag"]
    get(url, "HEAD", If_None_Match=etag)
    get(own_web.local(f"https://{GANSU}/nothing?page=2"))
    assert [(hit.host, hit.method, hit.path, hit.status) for hit in own_web.requests] == [
        (WWW, "GET", "/news/hangye/", 200),
        (WWW, "HEAD", "/news/hangye/", 304),
        (GANSU, "GET", "/nothing", 404),
    ]
    assert own_web.requests[0].headers["user-agent"] == "test/1"


def test_one_connection_serves_many_requests(web: SampleWeb) -> None:
    connection = http.client.HTTPConnection(web.hosts[WWW], timeout=5)
    connection.request("HEAD", "/news/hangye/")
    head = connection.getresponse()
    assert head.read() == b""
    used = connection.sock
    connection.request("GET", "/news/hangye/")
    body = connection.getresponse()
    assert len(body.read()) == int(head.headers["Content-Length"])
    connection.request("GET", "/news/hangye")
    moved = connection.getresponse()
    moved.read()
    assert (moved.status, moved.headers["Location"]) == (301, web.local(HANGYE))
    assert connection.sock is used
    connection.close()


def test_many_clients_at_once(own_web: SampleWeb) -> None:
    urls = [article.url for article in own_web.articles] * 4
    with ThreadPoolExecutor(16) as pool:
        assert {status for status, _, _ in pool.map(get, urls)} == {200}
    assert len(own_web.requests) == len(urls)


def test_an_unknown_host_has_no_local_address(web: SampleWeb) -> None:
    with pytest.raises(KeyError):
        web.local("https://example.com/")


def test_localise(web: SampleWeb) -> None:
    www, gansu = web.hosts[WWW], web.hosts[GANSU]
    source = f'list = ["https://{WWW}/news/", "http://{GANSU}"]\nhosts = ["{WWW}", "x.{WWW}", "{WWW}.example"]'
    assert web.localise(source) == (
        f'list = ["http://{www}/news/", "http://{gansu}"]\nhosts = ["{www}", "x.{WWW}", "{WWW}.example"]'
    )


def test_nothing_is_left_running() -> None:
    before = set(threading.enumerate())
    with SampleWeb(TODAY) as web, SmtpSink() as mail, WebhookSink():
        idle = http.client.HTTPConnection(web.hosts[WWW], timeout=5)
        idle.request("GET", "/robots.txt")
        idle.getresponse().read()
        mailer = smtplib.SMTP("127.0.0.1", mail.port, timeout=5)
        assert set(threading.enumerate()) - before
    idle.close()
    mailer.close()
    assert set(threading.enumerate()) <= before


def letter(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "fengxiang@example.com", to, "承接产业转移：3条新消息"
    message.set_content("甘肃中部县区联手承接产业转移")
    return message


def test_the_mail_server_takes_and_refuses() -> None:
    with SmtpSink() as sink, smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as client:
        client.send_message(letter("a@example.com, b@example.com"))
        sink.refuse_recipient("b@example.com")
        refused = client.send_message(letter("a@example.com, b@example.com"))
        assert refused["b@example.com"][0] == 550
        sink.refuse_next()
        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(letter("a@example.com"))
    assert sink.recipients == [["a@example.com", "b@example.com"], ["a@example.com"]]
    assert [message["Subject"] for message in sink.messages] == ["承接产业转移：3条新消息"] * 2
    assert sink.messages[0].get_content().strip() == "甘肃中部县区联手承接产业转移"


def post(url: str, body: bytes) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, method="POST"), timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_webhook_takes_and_refuses() -> None:
    with WebhookSink() as sink:
        assert post(sink.url, '{"text": "新消息"}'.encode())[0] == 200
        sink.refuse_next(2, status=429)
        assert [post(sink.url, b'{"text": "b"}')[0] for _ in range(3)] == [429, 429, 200]
        sink.refuse_next(status=200, reply={"errcode": 310000})
        assert post(sink.url, b'{"text": "c"}') == (200, b'{"errcode": 310000}')
        assert post(sink.url, b"no json")[0] == 400
    assert sink.messages == [{"text": "新消息"}, {"text": "b"}]
