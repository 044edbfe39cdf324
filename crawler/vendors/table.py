"""What each vendor takes: format, size, pace. The limits are the vendors', with room for what is wrapped around a text.

Where a vendor counts the whole request, the wrapping (JSON, its escapes, title) is part of the count; where it says
nothing, the figure is a length that people still read.
"""

import json
from dataclasses import dataclass


@dataclass(slots=True, frozen=True, kw_only=True)
class Pace:
    """A token bucket. `burst` + `per_minute` together stay within what the vendor allows in any one minute."""

    burst: int
    per_minute: float


@dataclass(slots=True, frozen=True, kw_only=True)
class Vendor:
    """One service. `unit` tells how `limit` counts title and text together."""

    label: str
    format: str  # "markdown", "html", "text": what apprise can hand to it and it shows
    limit: int
    # "utf8": bytes of the text; "json", "ascii": bytes once it is written as JSON, in UTF-8 or with \uXXXX;
    # "utf16": characters as Telegram counts them
    unit: str = "utf8"
    title_limit: int = 120  # characters
    pace: Pace

    def size(self, text: str) -> int:
        """Return how much of the limit a text uses."""
        if self.unit == "ascii":
            return len(json.dumps(text)) - 2
        if self.unit == "json":
            return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2
        if self.unit == "utf16":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        return len(text.encode("utf-8", "surrogatepass"))


_TWENTY = Pace(burst=5, per_minute=14)  # vendors that allow 20 a minute
_OWN = Pace(burst=1000, per_minute=6000)  # the user's own servers

# By the name of apprise's class. Sources of the figures: the vendors' developer pages, as of 2026.
VENDORS = {
    # 20,000 bytes and 20 a minute; more, and the bot is mute for ten minutes. apprise writes Chinese as \uXXXX.
    "NotifyDingTalk": Vendor(label="DingTalk", format="markdown", limit=18_500, unit="ascii", pace=_TWENTY),
    # A request of 20 KB; 100 a minute, 5 a second.
    "NotifyFeishu": Vendor(
        label="Feishu", format="markdown", limit=18_000, unit="json", pace=Pace(burst=4, per_minute=80)
    ),
    "NotifyLark": Vendor(label="Lark", format="markdown", limit=18_000, unit="json", pace=Pace(burst=4, per_minute=80)),
    # Text of 2,048 bytes; 20 a minute. apprise sends text only.
    "NotifyWeComBot": Vendor(label="WeCom", format="text", limit=2_040, pace=_TWENTY),
    # Text of 2,048 bytes; 30 a minute and person.
    "NotifyWeChat": Vendor(label="WeCom app", format="text", limit=2_040, pace=Pace(burst=5, per_minute=24)),
    # A title of 32 characters, a text of 32 KB.
    "NotifyServerChan": Vendor(
        label="Server酱", format="markdown", limit=30_000, title_limit=32, pace=Pace(burst=3, per_minute=10)
    ),
    # A title of 100 characters, a text of 20,000; a handful a minute.
    "NotifyPushplus": Vendor(
        label="PushPlus", format="markdown", limit=18_000, title_limit=100, pace=Pace(burst=2, per_minute=3)
    ),
    # A summary of 20 characters, a text of 40,000; 2 a second.
    "NotifyWxPusher": Vendor(
        label="WxPusher", format="markdown", limit=30_000, title_limit=20, pace=Pace(burst=2, per_minute=60)
    ),
    # 4,096 bytes in all on the way to the telephone.
    "NotifyBark": Vendor(label="Bark", format="text", limit=3_200, unit="json", pace=Pace(burst=10, per_minute=50)),
    # 4,096 characters after the markup is read; 20 a minute and group.
    "NotifyTelegram": Vendor(label="Telegram", format="html", limit=3_900, unit="utf16", pace=_TWENTY),
    # One a second; a text of 4,000 characters is shown whole.
    "NotifySlack": Vendor(label="Slack", format="text", limit=3_500, unit="utf16", pace=Pace(burst=3, per_minute=50)),
    # 2,000 characters; 30 a minute and webhook.
    "NotifyDiscord": Vendor(
        label="Discord", format="markdown", limit=1_900, unit="utf16", pace=Pace(burst=4, per_minute=24)
    ),
    # 4,096 bytes; beyond that, apprise makes a file of the text (8,000 with \uXXXX).
    "NotifyNtfy": Vendor(label="ntfy", format="text", limit=6_000, unit="ascii", pace=Pace(burst=10, per_minute=10)),
    # An event of 64 KB, which holds the text twice.
    "NotifyMatrix": Vendor(label="Matrix", format="html", limit=20_000, pace=Pace(burst=5, per_minute=10)),
    # Lines of 512 bytes, sender included; who says much is slowed down to a line in two seconds, and a dozen lines are
    # over within the time of a message. Each message is a connection of its own; UnrealIRCd takes three a minute.
    "NotifyIRC": Vendor(label="IRC", format="text", limit=1_500, title_limit=60, pace=Pace(burst=1, per_minute=2)),
    "NotifyMQTT": Vendor(label="MQTT", format="text", limit=60_000, pace=_OWN),
    "NotifyEmail": Vendor(label="e-mail", format="html", limit=200_000, pace=_OWN),
    "NotifyJSON": Vendor(label="webhook", format="text", limit=60_000, pace=_OWN),
    "NotifyForm": Vendor(label="webhook", format="text", limit=60_000, pace=_OWN),
    "NotifyXML": Vendor(label="webhook", format="text", limit=60_000, pace=_OWN),
}


def vendor_of(service: object) -> Vendor:
    """Return the table's row for an apprise service; a careful one for services that have none."""
    name = type(service).__name__
    if name in VENDORS:
        return VENDORS[name]
    longest = min(int(getattr(service, "body_maxlen", 2_000)), 4_000) or 2_000
    label = str(getattr(service, "service_name", "")) or name.removeprefix("Notify")
    return Vendor(label=label, format="text", limit=longest - longest // 10, pace=Pace(burst=3, per_minute=10))
