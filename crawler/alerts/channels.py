"""Channels: one apprise URL with a name each, in the user's private YAML file. Addresses are never logged or shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crawler.discreet import keep_secret
from crawler.errors import FengxiangError
from crawler.tomlfile import FileError, read_text
from crawler.vendors.lanes import Lane, Order, Outcome, run_lanes
from crawler.vendors.services import build, secrets_of
from crawler.vendors.table import Vendor, vendor_of

TEMPLATE = """\
# Channels of Fengxiang: private, as the addresses hold secrets (chmod 600). The format is apprise's YAML,
# https://github.com/caronc/apprise/wiki/config_yaml; every address gets one tag of its own: the channel's name.
# fallback: another channel that takes over while this one is dead.
# operator: true for the channels that are told when one is dead; with none, the first other one of this file is told.
version: 1
urls:
#  - mailtos://user:password@smtp.example.com?to=desk@example.com:
#      tag: desk
#      operator: true
#  - dingtalk://access_token:
#      tag: team
#      fallback: desk
"""
OURS = ("fallback", "operator")


class SendError(FengxiangError):
    """A channel did not accept a message; the text is the reason as far as the channel gave one."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Channel:
    """One way to reach people. Its repr shows no address."""

    name: str
    vendor: Vendor
    entry: Any = field(repr=False)  # for the process that sends
    line: int = 0  # in the channels file
    fallback: str | None = None
    operator: bool = False

    @property
    def setup(self) -> dict[str, Any]:
        """Return what the process that sends is told."""
        return {"entry": self.entry, "format": self.vendor.format}


@dataclass(slots=True, frozen=True)
class Channels(Mapping[str, Channel]):
    """The channels by name. Their repr and logs show names only."""

    _channels: dict[str, Channel] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Channel:
        return self._channels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._channels)

    def __len__(self) -> int:
        return len(self._channels)

    def send(self, name: str, title: str, body: str) -> str:
        """Send one plain line through a channel and return the vendor's answer, or raise SendError with it."""
        channel = self._channels[name]
        outcomes: list[Outcome] = []

        def note(_lane: Lane, _order: Order, outcome: Outcome) -> None:
            outcomes.append(outcome)

        form = channel.vendor.format
        run_lanes([Lane(name, channel.setup, [Order(0, "test", title, body, form)], lambda: 0.0)], note)
        if not outcomes[0].accepted:
            raise SendError(f"{name} ({channel.vendor.label}) did not accept it: {outcomes[0].words}")
        return outcomes[0].words

    def operators(self, failed: str) -> list[str]:
        """Return the channels that hear of another one's death."""
        others = [channel for channel in self._channels.values() if channel.name != failed]
        return [channel.name for channel in others if channel.operator] or [channel.name for channel in others[:1]]


def load_channels(path: Path) -> Channels:
    """Return the channels of the file; none where there is no file. FileError names file, line and remedy."""
    if not path.exists():
        return Channels()
    text = read_text(path)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise FileError(path, mark.line + 1 if mark else None, f"not valid YAML: {problem}") from None
    if not isinstance(values, dict) or not isinstance(values.get("urls") or [], list):
        raise FileError(path, 1, "needs a list 'urls:'; `fengxiang init` writes an example")
    channels: dict[str, Channel] = {}
    addresses: dict[str, str] = {}
    for line, entry in zip(_lines(root), values.get("urls") or [], strict=True):
        channel, address = _channel(path, line, entry)
        if channel.name in channels:
            raise FileError(
                path, line, f"two addresses with the tag '{channel.name}'; give every address a tag of its own"
            )
        if address in addresses:
            raise FileError(path, line, f"the same address as '{addresses[address]}': its readers would hear all twice")
        channels[channel.name], addresses[address] = channel, channel.name
    for channel in channels.values():
        if channel.fallback is not None and (channel.fallback not in channels or channel.fallback == channel.name):
            raise FileError(path, channel.line, f"key 'fallback': no other channel '{channel.fallback}' in this file")
    return Channels(channels)


def _lines(root: Any) -> list[int]:
    """Return the line of each entry of `urls`."""
    pairs = root.value if root is not None else []
    entries = next((value for key, value in pairs if key.value == "urls"), None)
    return [node.start_mark.line + 1 for node in entries.value] if entries is not None and entries.value else []


def _channel(path: Path, line: int, entry: Any) -> tuple[Channel, str]:
    """Return the channel of an entry, and its address, which only tells whether two are the same."""
    entry, own = _without_ours(entry)
    keep_secret(secrets_of(entry))
    service = build(entry)
    if service is None:
        raise FileError(path, line, _not_understood(entry))
    tags = sorted(map(str, service.tags))
    if len(tags) != 1:
        raise FileError(path, line, "needs exactly one tag, the channel's name; write 'tag: NAME' under the address")
    fallback, operator = own.get("fallback"), own.get("operator", False)
    if not isinstance(fallback, str | None) or not isinstance(operator, bool):
        raise FileError(path, line, "key 'fallback' takes a channel's name, key 'operator' true or false")
    channel = Channel(
        name=tags[0], vendor=vendor_of(service), entry=entry, line=line, fallback=fallback, operator=operator
    )
    return channel, service.url(privacy=False)


def _without_ours(entry: Any) -> tuple[Any, dict[str, Any]]:
    """Return an entry as apprise knows it, and the keys that are ours."""
    if not isinstance(entry, dict):
        return entry, {}
    own: dict[str, Any] = {}
    plain: dict[Any, Any] = {}
    for key, options in entry.items():
        if isinstance(options, list):
            kept = [_sifted(option, own) for option in options]
            plain[key] = [option for option in kept if option != {}]
        else:
            plain[key] = _sifted(options, own)
    return _sifted(plain, own), own


def _sifted(options: Any, own: dict[str, Any]) -> Any:
    if not isinstance(options, dict):
        return options
    own |= {key: options[key] for key in OURS if key in options}
    return {key: value for key, value in options.items() if key not in OURS}


def _not_understood(entry: Any) -> str:
    """Say why, as far as it can be said without the address."""
    url = next((key for key in entry if "://" in str(key)), "") if isinstance(entry, dict) else str(entry)
    if str(url).startswith("mqtt"):
        try:
            import paho.mqtt  # noqa: F401
        except ImportError:
            return "MQTT needs the package paho-mqtt: pip install 'fengxiang[mqtt]'"
    return "not one address that apprise understands; see the service's page in its wiki"
