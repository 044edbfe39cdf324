"""Channels: one apprise URL with a name each, in the user's private YAML file. Addresses are never logged or shown."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crawler.errors import FengxiangError
from crawler.tomlfile import FileError, read_text

TEMPLATE = """\
# Channels of Fengxiang: private, as the addresses hold secrets (chmod 600). The format is apprise's YAML,
# https://github.com/caronc/apprise/wiki/config_yaml; every address gets one tag of its own: the channel's name.
version: 1
urls:
#  - mailtos://user:password@smtp.example.com?to=desk@example.com:
#      tag: desk
#  - dingtalk://access_token:
#      tag: team
"""


class SendError(FengxiangError):
    """A channel did not accept a message; the text is the reason as far as the channel gave one."""


@dataclass(slots=True, frozen=True)
class Channels(Mapping[str, Any]):
    """The channels by name. Their repr and logs show names only."""

    _services: dict[str, Any] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self._services[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)

    def send(self, name: str, title: str, body: str) -> None:
        """Send one plain-text message through a channel, or raise SendError."""
        from apprise import Apprise, NotifyFormat

        # apprise logs addresses, tokens included, at DEBUG.
        logger = logging.getLogger("apprise")
        words = _Words()
        logger.addHandler(words)
        logger.setLevel(logging.WARNING)
        try:
            sender = Apprise()
            sender.add(self._services[name])
            accepted = bool(sender.notify(title=title, body=body, body_format=NotifyFormat.TEXT))
        finally:
            logger.removeHandler(words)
        if not accepted:
            raise SendError(words.last or "not accepted; the channel gave no reason")


class _Words(logging.Handler):
    """Keeps the last complaint that apprise logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        self.last = record.getMessage()[:300]


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
    services: dict[str, Any] = {}
    for line, entry in zip(_lines(root), values.get("urls") or [], strict=True):
        name, service = _service(path, line, entry)
        if name in services:
            raise FileError(path, line, f"two addresses with the tag '{name}'; give every address a tag of its own")
        services[name] = service
    return Channels(services)


def _lines(root: Any) -> list[int]:
    """Return the line of each entry of `urls`."""
    pairs = root.value if root is not None else []
    entries = next((value for key, value in pairs if key.value == "urls"), None)
    return [node.start_mark.line + 1 for node in entries.value] if entries is not None and entries.value else []


def _service(path: Path, line: int, entry: Any) -> tuple[str, Any]:
    from apprise import ConfigFormat
    from apprise.config import ConfigBase
    from apprise.plugins.email import NotifyEmail

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would print the address
    document = yaml.safe_dump({"version": 1, "urls": [entry]}, allow_unicode=True)
    found: Any
    found, _ = ConfigBase.config_parse(document, config_format=ConfigFormat.YAML)
    if len(found) != 1:
        raise FileError(path, line, "not one address that apprise understands; see the service's page in its wiki")
    tags = sorted(map(str, found[0].tags))
    if len(tags) != 1:
        raise FileError(path, line, "needs exactly one tag, the channel's name; write 'tag: NAME' under the address")
    if isinstance(found[0], NotifyEmail):
        found[0].request_rate_per_sec = 0  # apprise waits 5.5 s between two messages; mail servers need no such pause
    return tags[0], found[0]
