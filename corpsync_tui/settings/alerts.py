"""The table [alerts]: where alerts are sent, from which level on, and when not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

FROM_LEVELS = ("off", "low", "medium", "high")
TERMINAL_WAYS = ("auto", "osc9", "osc777", "osc99", "bell")
SINKS = ("discord", "webhook", "terminal", "command")
ADDRESSES = ("discord", "webhook")
"""The sinks that have a secret address."""

_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"

TEMPLATE = """\
# Where alerts are sent besides the screens, and from which level on: "off", "low", "medium" or
# "high". The addresses of Discord and of a webhook are secrets: `corpsync alert add discord URL`.
[alerts]
#discord = "high"
# The id of a role that is mentioned for the highest level.
#discord_mention = ""
#terminal = "high"
# "auto", "osc9", "osc777", "osc99" or "bell".
#terminal_way = "auto"
# POST of the items of `corpsync attention --json` to an https address.
#webhook = "off"
# A program, run without a shell, such as: ["notify-send", "{title}", "{text}"]
#command = []
# Hours in which only the highest level is sent, such as "23:00-07:00"; the rest comes after them
# in one message. The zone is this computer's ("local") or EVE's ("eve").
#quiet = ""
#quiet_zone = "local"
# EVE time of a daily summary of what is open; "" for none.
#digest = "12:00"
# Where the report of a month (as `corpsync report month`) is sent once it is over: "discord" or
# "off". It comes with the first sync of the new month, however late, after the quiet hours.
#report = "off"
# Rules that are never sent, or single facts of them as `rule:key`.
#mute = []
"""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where alerts go. A level is the least that is sent."""

    discord: str = "high"
    discord_mention: str = ""
    terminal: str = "high"
    terminal_way: str = "auto"
    webhook: str = "off"
    command: tuple[str, ...] = ()
    """A program and its arguments; empty for none."""
    quiet: str = ""
    """Begin and end as `HH:MM-HH:MM`; empty for none."""
    quiet_zone: str = "local"
    digest: str = "12:00"
    """EVE time as `HH:MM`; empty for none."""
    report: str = "off"
    """The sink that is sent the report of each month."""
    mute: tuple[str, ...] = ()

    def level_of(self, sink: str) -> str:
        """From which level on a sink is sent alerts; a command hears what a terminal does."""
        if sink != "command":
            return str(getattr(self, sink))
        if not self.command:
            return "off"
        return "high" if self.terminal == "off" else self.terminal

    def uses(self, sink: str) -> bool:
        """Whether anything is sent there at all."""
        return self.level_of(sink) != "off" or self.report == sink


def check_alerts(stored: Mapping[str, Any]) -> AlertSettings:
    """The table, checked.

    Raises `ValueError` with the key and what would be right.
    """
    table = stored.get("alerts", {})
    if not isinstance(table, dict):
        raise ValueError("alerts must be a table [alerts]")  # noqa: TRY004 - shown as a setting
    known = [field.name for field in fields(AlertSettings)]
    for name, value in table.items():
        if name not in known:
            raise ValueError(f"alerts.{name} is unknown; known are {', '.join(known)}")
        if (right := _fault(name, value)) is not None:
            raise ValueError(f"alerts.{name} is wrong; it must be {right}")
    lists = {name: tuple(v) for name, v in table.items() if isinstance(v, list)}
    return AlertSettings(**{**table, **lists})


def _fault(name: str, value: object) -> str | None:
    """What would be right; None where the value is."""
    if name in _LISTS:
        plain = isinstance(value, list) and all(
            isinstance(word, str) and word and "\0" not in word for word in value
        )
        return None if plain else _LISTS[name]
    if name in _WORDS:
        words = _WORDS[name]
        return None if value in words else " or ".join(f'"{word}"' for word in words)
    pattern, right = _PATTERNS[name]
    return None if isinstance(value, str) and re.fullmatch(pattern, value) else right


_LISTS = {
    "command": 'a list of texts such as ["notify-send", "{title}", "{text}"]',
    "mute": 'a list of rules such as ["fuel", "order:7"]',
}
_WORDS = {
    "discord": FROM_LEVELS,
    "terminal": FROM_LEVELS,
    "webhook": FROM_LEVELS,
    "terminal_way": TERMINAL_WAYS,
    "quiet_zone": ("local", "eve"),
    "report": ("off", "discord"),
}
_PATTERNS = {
    "discord_mention": (r"\d{0,20}", "the number of a Discord role, or empty"),
    "quiet": (rf"(?:{_TIME}-{_TIME})?", 'like "23:00-07:00", or empty'),
    "digest": (rf"(?:{_TIME})?", 'like "12:00", or empty'),
}
