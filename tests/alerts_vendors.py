"""Vendors as they are on the wire: TLS under their own host names, their size limits, signatures, keywords and paces.

A proxy that ends TLS itself stands for all of them, so what is tested is what a user runs; a process that sends
finds it by HTTPS_PROXY and trusts it by REQUESTS_CA_BUNDLE.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SECRET, KEYWORD = "SECabc123", "风向"
# name: address of the channel, host that it posts to, and how the vendor says yes
CHANNELS = {
    "dingtalk": "dingtalk://SECabc123@dingtoken0001",
    "feishu": "feishu://feishutoken0001-aaaa-bbbb",
    "lark": "lark://larktoken0001-aaaa-bbbb",
    "wecom": "wecombot://wecomkey-0001-aaaa",
    "wecom_app": "wechat://corpid0001:corpsecret0001@1000002/user1",
    "serverchan": "schan://SCT0001abcdefgh",
    "pushplus": "pushplus://0123456789abcdef0123456789abcdef",
    "wxpusher": "wxpusher://AT_abcdefghijklmnop/UID_abcdefgh",
    "bark": "barks://api.day.app/barkdevicekey0001",
    "telegram": "tgram://123456789:AAabcdefghijklmnopqrstuvwxyz12345678/-100123",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "ntfy": "ntfy://fengxiang-topic",
    "matrix": "matrixs://matrixtoken0001@matrix.example.org/!room:example.org",
    "webhook": "jsons://hook.example.org/hooks/secrethook0001",
}


@dataclass(slots=True)
class Reply:
    """What a vendor answers."""

    body: str | dict[str, Any]
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Post:
    """One request as it came."""

    host: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found


class Vendors:
    """All vendors at once. `taken` holds what each took, `posts` every request, `refusal` answers instead of them."""

    def __init__(self, folder: Path) -> None:
        self.taken: dict[str, list[str]] = defaultdict(list)
        self.refused: list[tuple[str, Any]] = []
        self.posts: list[Post] = []
        self.refusal: Reply | None = None
        self._at: dict[str, list[float]] = defaultdict(list)
        self._transactions: set[str] = set()
        self._lock = threading.Lock()
        self.bundle = folder / "vendors.pem"
        context = _tls(self.bundle)
        vendors = self

        class Handler(_Handler):
            tls = context

            def answer(self, post: Post) -> Reply:
                return vendors.answer(post)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def environment(self) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{self._server.server_port}"
        return {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": str(self.bundle), "NO_PROXY": "127.0.0.1"}

    def answer(self, post: Post) -> Reply:
        with self._lock:
            self.posts.append(post)
            name, respond = HOSTS[post.host, post.path.split("/")[1] if post.host == "qyapi.weixin.qq.com" else ""](
                post
            )
            if self.refusal is not None and respond not in {_token, _matrix_other}:
                return self.refusal
            reply, text = respond(self, post)
            if text is None:
                if respond not in {_token, _matrix_other}:
                    self.refused.append((name, reply.body))
            else:
                self.taken[name].append(text)
            return reply

    def too_fast(self, name: str, allowed: int) -> bool:
        now = time.monotonic()
        self._at[name] = [at for at in self._at[name] if at > now - 60]
        self._at[name].append(now)
        return len(self._at[name]) > allowed

    def forget_pace(self) -> None:
        self._at.clear()

    def once(self, transaction: str) -> bool:
        new = transaction not in self._transactions
        self._transactions.add(transaction)
        return new


Answered = tuple[Reply, str | None]


def _dingtalk(vendors: Vendors, post: Post) -> Answered:
    stamp, sign = post.query.get("timestamp", [""])[0], unquote(post.query.get("sign", [""])[0])
    expected = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    if sign != base64.b64encode(expected).decode() or abs(time.time() * 1000 - int(stamp)) > 3_600_000:
        return Reply({"errcode": 310000, "errmsg": "sign not match"}), None
    message = post.json
    text = message["markdown"]["text"] if message["msgtype"] == "markdown" else message["text"]["content"]
    if len(post.raw) > 20_000:
        return Reply({"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"}), None
    if message["msgtype"] == "markdown" and not message["markdown"]["title"]:
        return Reply({"errcode": 400402, "errmsg": "miss param : markdown->title"}), None
    if KEYWORD not in text and "【" not in text:
        return Reply({"errcode": 310000, "errmsg": "keywords not in content"}), None
    if message["at"]["isAtAll"]:
        return Reply({"errcode": 310000, "errmsg": "nobody asked for everybody"}), None
    if vendors.too_fast("dingtalk", 20):
        return Reply({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}), None
    return Reply({"errcode": 0, "errmsg": "ok"}), text


def _feishu(name: str) -> Callable[[Vendors, Post], Answered]:
    def feishu(vendors: Vendors, post: Post) -> Answered:
        message = post.json
        if len(post.raw) > 20 * 1024:
            return Reply({"code": 9499, "msg": "Bad Request: body too large", "data": {}}), None
        if message["msg_type"] == "interactive":
            text = (
                message["card"]["header"]["title"]["content"] + "\n" + message["card"]["elements"][0]["text"]["content"]
            )
        else:
            text = message["content"]["text"]
        if vendors.too_fast(name, 100):
            return Reply({"code": 11232, "msg": "frequency limited psm"}), None
        return Reply({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}), text

    return feishu


def _wecom(name: str, allowed: int) -> Callable[[Vendors, Post], Answered]:
    def wecom(vendors: Vendors, post: Post) -> Answered:
        message = post.json
        text = message[message["msgtype"]]["content"]
        if len(text.encode()) > 2048:
            return Reply({"errcode": 40058, "errmsg": "content exceed max length 2048"}), None
        if vendors.too_fast(name, allowed):
            return Reply({"errcode": 45009, "errmsg": "api freq out of limit"}), None
        return Reply({"errcode": 0, "errmsg": "ok"}), text

    return wecom


def _token(_vendors: Vendors, _post: Post) -> Answered:
    return Reply({"errcode": 0, "errmsg": "ok", "access_token": "wecomaccesstoken", "expires_in": 7200}), None


def _serverchan(_vendors: Vendors, post: Post) -> Answered:
    form = {key: values[0] for key, values in parse_qs(post.raw.decode()).items()}
    if len(form["title"]) > 32 or len(form["desp"].encode()) > 32 * 1024:
        return Reply({"code": 40001, "message": "title or desp too long"}), None
    return Reply({"code": 0, "message": "", "data": {"pushid": "1", "error": "SUCCESS", "errno": 0}}), form["desp"]


def _pushplus(_vendors: Vendors, post: Post) -> Answered:
    if len(post.json["title"]) > 100 or len(post.json["content"]) > 20_000:
        return Reply({"code": 903, "msg": "内容超长"}), None
    return Reply({"code": 200, "msg": "请求成功", "data": "abc"}), post.json["content"]


def _wxpusher(_vendors: Vendors, post: Post) -> Answered:
    if len(post.json["summary"]) > 20 or len(post.json["content"]) > 40_000:
        return Reply({"code": 1001, "msg": "内容超长", "success": False}), None
    rows = [{"uid": "UID_abcdefgh", "code": 1000, "status": "创建发送任务成功"}]
    return Reply({"code": 1000, "msg": "处理成功", "data": rows, "success": True}), post.json["content"]


def _bark(_vendors: Vendors, post: Post) -> Answered:
    if len(json.dumps(post.json, ensure_ascii=False).encode()) > 4096:
        return Reply({"code": 500, "message": "PayloadTooLarge", "timestamp": 1}, 500), None
    return Reply({"code": 200, "message": "success", "timestamp": 1}), post.json["title"] + "\n" + post.json["body"]


class _Markup(HTMLParser):
    ALLOWED = frozenset(("b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bad: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        (self.open if tag in self.ALLOWED else self.bad).append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data


def _telegram(vendors: Vendors, post: Post) -> Answered:
    markup = _Markup()
    markup.feed(post.json["text"])
    if post.json["parse_mode"] != "HTML" or markup.bad or markup.open:
        return Reply({"ok": False, "error_code": 400, "description": f"can't parse entities {markup.bad}"}, 400), None
    if len(markup.text.encode("utf-16-le")) // 2 > 4096:
        return Reply({"ok": False, "error_code": 400, "description": "message is too long"}, 400), None
    if vendors.too_fast("telegram", 20):
        body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 30"}
        return Reply(body, 429, headers={"Retry-After": "30"}), None
    return Reply({"ok": True, "result": {"message_id": 1}}), post.json["text"]


def _slack(_vendors: Vendors, post: Post) -> Answered:
    attachment = post.json["attachments"][0]
    if len(attachment["text"]) > 8000:
        return Reply("invalid_attachments", 400, "text/html"), None
    return Reply("ok", content_type="text/html"), f"{attachment['title']}\n{attachment['text']}"


def _discord(vendors: Vendors, post: Post) -> Answered:
    if len(post.json["content"].encode("utf-16-le")) // 2 > 2000:
        return Reply({"message": "Invalid Form Body", "code": 50035}, 400), None
    if vendors.too_fast("discord", 30):
        return Reply({"message": "You are being rate limited.", "retry_after": 20}, 429), None
    return Reply("", 204), post.json["content"]


def _ntfy(_vendors: Vendors, post: Post) -> Answered:
    if post.query or len(post.json["message"].encode()) > 4096:
        return Reply({"code": 41301, "http": 413, "error": "message too large"}, 413), None
    answer = {"id": "sPs71M8A2T", "event": "message", "topic": post.json["topic"]}
    return Reply(answer), post.json["title"] + "\n" + post.json["message"]


def _matrix(vendors: Vendors, post: Post) -> Answered:
    if len(post.raw) > 65_536:
        return Reply({"errcode": "M_TOO_LARGE", "error": "event too large"}, 413), None
    new = vendors.once(post.path)
    return Reply({"event_id": "$abc"}), post.json["body"] if new else None


def _matrix_other(_vendors: Vendors, post: Post) -> Answered:
    if "/state/" in post.path:
        return Reply({"errcode": "M_NOT_FOUND", "error": "the room is not encrypted"}, 404), None
    server = {"m.homeserver": {"base_url": "https://matrix.example.org"}, "versions": ["v1.11"]}
    return Reply({"room_id": "!room:example.org", "user_id": "@bot:example.org", "device_id": "D"} | server), None


def _webhook(_vendors: Vendors, post: Post) -> Answered:
    return Reply({"errcode": 0}), f"{post.json['title']}\n{post.json['message']}"


Route = Callable[[Post], tuple[str, Callable[[Vendors, Post], Answered]]]


def _qyapi(post: Post) -> tuple[str, Callable[[Vendors, Post], Answered]]:
    if "gettoken" in post.path:
        return "wecom_app", _token
    return ("wecom", _wecom("wecom", 20)) if "webhook" in post.path else ("wecom_app", _wecom("wecom_app", 30))


HOSTS: dict[tuple[str, str], Route] = {
    ("oapi.dingtalk.com", ""): lambda _: ("dingtalk", _dingtalk),
    ("open.feishu.cn", ""): lambda _: ("feishu", _feishu("feishu")),
    ("open.larksuite.com", ""): lambda _: ("lark", _feishu("lark")),
    ("qyapi.weixin.qq.com", "cgi-bin"): _qyapi,
    ("sctapi.ftqq.com", ""): lambda _: ("serverchan", _serverchan),
    ("www.pushplus.plus", ""): lambda _: ("pushplus", _pushplus),
    ("wxpusher.zjiecode.com", ""): lambda _: ("wxpusher", _wxpusher),
    ("api.day.app", ""): lambda _: ("bark", _bark),
    ("api.telegram.org", ""): lambda _: ("telegram", _telegram),
    ("hooks.slack.com", ""): lambda _: ("slack", _slack),
    ("discord.com", ""): lambda _: ("discord", _discord),
    ("ntfy.sh", ""): lambda _: ("ntfy", _ntfy),
    ("matrix.example.org", ""): lambda post: ("matrix", _matrix if "/send/" in post.path else _matrix_other),
    ("hook.example.org", ""): lambda _: ("webhook", _webhook),
}


class _Handler(BaseHTTPRequestHandler):
    tls: ssl.SSLContext
    protocol_version = "HTTP/1.1"
    host = ""

    def answer(self, post: Post) -> Reply:
        raise NotImplementedError

    def log_message(self, *args: object) -> None:  # type: ignore[override]
        pass

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)  # type: ignore[assignment]
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # the wrapped one; the server closes only its own

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.answer(Post(self.host, parts.path, parse_qs(parts.query), headers, raw))
        body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body, ensure_ascii=False)).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(body)

    do_GET = do_PUT = do_POST  # noqa: N815


def _tls(bundle: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vendors of the tests")])
    now = datetime.now(UTC)
    hosts = x509.SubjectAlternativeName([x509.DNSName(host) for host, _ in HOSTS])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    bundle.write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both = bundle.with_suffix(".both.pem")
    both.write_bytes(private + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context
