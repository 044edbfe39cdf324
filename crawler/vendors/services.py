"""From one entry of the channels file to an apprise service that does as it is told and no more.

No retry, no pause, no splitting, no redirect of its own: those are decided, and kept in the store, by us.
"""

import logging
import re
import warnings
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

TIMEOUT = 10.0  # seconds to connect, and seconds without an answer
_HIDDEN = "***"


# Where apprise keeps the services of our table. Without it, apprise imports all of its 180 to find one.
_EMAIL, _JSON, _FORM, _XML = (
    "email.NotifyEmail",
    "custom_json.NotifyJSON",
    "custom_form.NotifyForm",
    "custom_xml.NotifyXML",
)
_PLUGINS = {
    "dingtalk": "dingtalk.NotifyDingTalk",
    "feishu": "feishu.NotifyFeishu",
    "lark": "lark.NotifyLark",
    "wecombot": "wecombot.NotifyWeComBot",
    "wechat": "wechat.NotifyWeChat",
    "schan": "serverchan.NotifyServerChan",
    "pushplus": "pushplus.NotifyPushplus",
    "wxpusher": "wxpusher.NotifyWxPusher",
    "bark": "bark.NotifyBark",
    "barks": "bark.NotifyBark",
    "tgram": "telegram.NotifyTelegram",
    "slack": "slack.NotifySlack",
    "discord": "discord.NotifyDiscord",
    "ntfy": "ntfy.NotifyNtfy",
    "ntfys": "ntfy.NotifyNtfy",
    "matrix": "matrix.NotifyMatrix",
    "matrixs": "matrix.NotifyMatrix",
    "irc": "irc.NotifyIRC",
    "ircs": "irc.NotifyIRC",
    "mqtt": "mqtt.NotifyMQTT",
    "mqtts": "mqtt.NotifyMQTT",
    "mailto": _EMAIL,
    "mailtos": _EMAIL,
    "json": _JSON,
    "jsons": _JSON,
    "form": _FORM,
    "forms": _FORM,
    "xml": _XML,
    "xmls": _XML,
}


def build(entry: Any, formatted: str | None = None) -> Any:
    """Return the service of an entry, or None if apprise does not understand it. `formatted`: its texts' format."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would print the address
    url, tags = _plain(entry)
    plugin = _PLUGINS.get(url.partition("://")[0].lower())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of modules that apprise imports
        service = _instance(plugin, url, tags) if plugin else _found(entry)
        if service and type(service).__name__ == "NotifyMQTT" and "version=" not in _address(entry):
            _speak_5(service)
    return service and _tamed(service, formatted)


def _plain(entry: Any) -> tuple[str, str]:
    """Return address and tag of an entry that has nothing else, or two empty texts."""
    if isinstance(entry, dict) and len(entry) == 1:
        ((url, options),) = entry.items()
        if isinstance(options, list) and len(options) == 1:
            (options,) = options
        if isinstance(url, str) and isinstance(options, dict) and set(options) == {"tag"}:
            return url, str(options["tag"]) if isinstance(options["tag"], str) else ",".join(map(str, options["tag"]))
    return "", ""


def _instance(plugin: str, url: str, tags: str) -> Any:
    module, _, name = plugin.partition(".")
    found = getattr(import_module(f"apprise.plugins.{module}"), name)
    # As apprise does for the services that it looks up itself: a channel's # begins no fragment.
    values = found.parse_url(url.replace("/#", "/%23")) if found.enabled else None
    try:
        return found(**values, tag=tags) if values else None
    except (TypeError, ValueError, AttributeError):  # apprise's one error for a bad address is all three
        return None


def _found(entry: Any) -> Any:
    from apprise import ConfigFormat
    from apprise.config import ConfigBase

    document = yaml.safe_dump({"version": 1, "urls": [entry]}, allow_unicode=True)
    found: Any
    found, _ = ConfigBase.config_parse(document, config_format=ConfigFormat.YAML)
    return found[0] if len(found) == 1 else None


def _tamed(service: Any, formatted: str | None) -> Any:
    """Return the service without retry, pause, splitting and redirects."""
    from apprise import NotifyFormat
    from apprise.common import OverflowMode

    service.request_rate_per_sec = 0
    service.redirects = False
    service.retry = 0
    service.overflow_mode = OverflowMode.UPSTREAM
    service.socket_connect_timeout = service.socket_read_timeout = TIMEOUT
    if formatted and not isinstance(service.notify_format, tuple):
        service.notify_format = NotifyFormat(formatted)
    if hasattr(service, "qos"):
        service.qos = max(1, service.qos)  # at 0 a broker acknowledges nothing
        service.mqtt_block_time_sec = 0.01
    if hasattr(service, "irc_register_timeout"):
        service.irc_register_timeout = 2.5 * TIMEOUT  # some networks take twenty seconds
    if type(service).__name__ == "NotifyEmail":
        _one_envelope_each(service)
    return service


def _one_envelope_each(service: Any) -> None:
    """Make every recipient a target of its own: each takes or refuses alone, and only who refused gets it again."""
    known = {address for _, address in service.targets}
    others = sorted((service.cc | service.bcc) - known)
    service.targets = [*service.targets, *((service.names.get(address, False), address) for address in others)]
    service.cc, service.bcc = set(), set()


def _speak_5(service: Any) -> None:
    """Give MQTT a client of version 5, which apprise cannot make. Older ones acknowledge what their broker refuses."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=service.client_id,
        protocol=MQTTProtocolVersion.MQTTv5,
        transport=service.mqtt_transport,
    )
    client.max_inflight_messages_set(service.mqtt_inflight_messages)
    service.client = client


def secrets_of(entry: Any) -> frozenset[str]:
    """Return every part of an entry that must not be shown: all but scheme, host, port and mail addresses."""
    url = _address(entry)
    options = list(_texts(entry)) if isinstance(entry, Mapping) else []
    rest = url.partition("://")[2]
    host = urlsplit(f"x://{rest}").netloc.rpartition("@")[2].partition(":")[0]
    parts = {part for text in [rest, *options] for part in re.split(r"[/?&=@:,;#\s]+", text)}
    query = unquote(rest.partition("?")[2]) if url.startswith("mailto") else ""
    shown = {part for address in re.findall(r"([\w.+-]+)@([\w.-]+)", query) for part in address}
    keep = shown | ({host} if "." in host or host == "localhost" else set())
    found = {form for part in parts for form in (part, unquote(part)) if len(form) > 3 and form not in keep}
    return frozenset(found)


def _address(entry: Any) -> str:
    return next((key for key in entry if "://" in key), "") if isinstance(entry, Mapping) else str(entry)


def _texts(values: Any) -> Iterable[str]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            if key not in {"tag", "fallback", "operator"}:
                yield from _texts(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _texts(value)
    elif values is not None:
        yield str(values)


def redacted(words: str, secrets: Iterable[str]) -> str:
    """Return the words without any of the secrets and without the path of any address."""
    for secret in sorted(secrets, key=len, reverse=True):
        words = words.replace(secret, _HIDDEN)
    return re.sub(r"(\w+://[^\s/'\"]+)/[^\s'\"]+", rf"\1/{_HIDDEN}", words)
