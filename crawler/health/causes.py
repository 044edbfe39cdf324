"""Why a source was not read: from the reasons that a spider gave and what its pages looked like. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NETWORK = ("dns", "tls", "connection")  # no answer came; when every host fails so, the trouble is ours


@dataclass(slots=True, frozen=True)
class Cause:
    """A kind of trouble. `label` is what the operator reads; `patience` how many readings in a row make an outage."""

    label: str
    patience: int
    remedy: str


ARTICLES = ("parser_articles", "blocked_articles")  # only an article that can be read ends them

# What a site says itself needs no third proof; what heals by waiting is given time.
CAUSES = {
    "quiet": Cause("网站久无更新", 1, "列表可读，但远超平常间隔没有新文章；请看栏目是否已停更或改版"),
    "moved": Cause("列表已移走", 2, "请在网站上找到新的列表地址，改 list_urls"),
    "blocked": Cause("被拦截或要求验证", 2, "网站拒绝抓取；不要绕过，可放慢 delay 或联系网站"),
    "blocked_articles": Cause("文章页要求验证", 2, "文章地址给出的是验证页；不要绕过，可放慢 delay 或联系网站"),
    "soft404": Cause("列表页实为“不存在”", 2, "地址有应答但页面说不存在；请改 list_urls"),
    "parser": Cause("列表解析不到文章", 2, "网站可能改版；请检查 article 与 selectors"),
    "parser_articles": Cause("文章页解析不到正文", 2, "网站可能改版；见 fengxiang health 的隔离页，请检查 selectors"),
    "robots": Cause("robots.txt 不允许", 2, "网站不愿被抓取，或 robots.txt 出错；请勿绕过"),
    "tls": Cause("TLS 证书错误", 2, "证书过期、不匹配或不受信任；请在浏览器中核对"),
    "dns": Cause("域名无法解析", 3, "域名可能停用，或本机 DNS 有误"),
    "connection": Cause("连接失败或超时", 3, "网站可能宕机，或不接受本机所在网络"),
    "oversized": Cause("应答过大", 2, "网站给出的内容超过 10 MiB；请看 list_urls 与 article 是否指向了文件"),
    "server": Cause("网站服务器错误", 3, "通常会自行恢复"),
    "network": Cause("本机网络不通", 2, "所有网站同时没有应答；请检查本机网络、DNS 与时钟"),
    "browser": Cause("浏览器无法使用或出错", 3, "见日志；请运行 fengxiang doctor，并查看 [crawl] browser"),
    "unfinished": Cause("没有读完", 3, "到了时限或进程被终止；见 [run] time_limit 与 [crawl] source_time_limit"),
    "internal": Cause("程序内部错误", 2, "见日志；可能是磁盘已满或程序缺陷"),
}

# In this order: a robots.txt that could not be had names the trouble of the network behind it. Order matters.
_SIGNS = [
    ("dns", r"DNS lookup failed|no results for hostname|CannotResolveHost|ERR_NAME_NOT|is no public address"),
    ("tls", r"SSL|TLS|ERR_CERT|certificate|VerificationError"),
    ("oversized", r"DownloadCancelled|DOWNLOAD_MAXSIZE"),
    ("connection", r"txt is not to be had|[Cc]onnection|[Tt]ime(?:d |d)?out|Response[NFD]|DownloadFailed|net::ERR_"),
    ("browser", r"[Bb]rowser"),
    ("robots", r"robots\.txt"),
    ("blocked", r"blocked, HTTP|HTTP (?:401|403|405|412|418|429|451|521)\b|asked to be left alone"),
    ("moved", r"HTTP (?:30[12378]|404|410)\b|no issue in the last|[Mm]ax redirections|Invalid IPv6 URL"),
    ("server", r"HTTP 5\d\d\b"),
    ("parser", r"no article links"),
    ("parser_articles", r"article pages, none"),
    ("unfinished", r"ended early|ended before it was done|the run ended"),
]  # fmt: skip
_ADDRESS = re.compile(r"^(list|article) (\S+): (.*)", re.DOTALL)
_PAGE_SAYS = {"challenge": "blocked", "missing": "soft404", "elsewhere": "moved"}


def cause_of(problems: Iterable[str], looks: Mapping[str, str]) -> str | None:
    """Return the key of CAUSES for what went wrong, or None for nothing; trouble of lists counts before articles'.

    problems: a spider's, "list URL: why", "article URL: why" or an error's text. looks: for an address what its page
    looked like, of `crawler.health.watch`.
    """
    ordered = sorted(problems, key=lambda problem: not problem.startswith("list "))
    return _cause(ordered[0], looks) if ordered else None


def status_of(problems: Iterable[str]) -> int | None:
    """Return the HTTP status that the first of the problems names."""
    found = re.search(r"HTTP (\d{3})\b", next(iter(sorted(problems, key=lambda p: not p.startswith("list "))), ""))
    return int(found[1]) if found else None


def _cause(problem: str, looks: Mapping[str, str]) -> str:
    place = _ADDRESS.match(problem)
    kind, reason = (place[1], place[3]) if place else ("", problem)  # without the address, which may hold any word
    look = looks.get(place[2], "") if place else ""
    if look == "challenge":
        return "blocked"
    unknown = {"list": "parser", "article": "connection"}.get(kind, "internal")
    found = next((cause for cause, sign in _SIGNS if re.search(sign, reason)), unknown)
    return _PAGE_SAYS.get(look, found) if found == "parser" else found
