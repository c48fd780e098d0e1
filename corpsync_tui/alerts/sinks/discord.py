"""A Discord webhook: what it is sent, within Discord's limits, harmless in its Markdown.

https://discord.com/developers/docs/resources/webhook#execute-webhook
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.alerts.sinks.message import LISTED, Message
from corpsync_tui.format.markdown import escape_markdown
from corpsync_tui.text import printable

HOSTS = frozenset(
    f"{client}{host}"
    for client in ("", "ptb.", "canary.")
    for host in ("discord.com", "discordapp.com")
)
EMBEDS = 10
"""The most embeds of a message."""
TEXT = 6_000
"""The most characters of all embeds of a message together."""
TITLE, DESCRIPTION, FOOTER, LINE = 256, 2_048, 128, 400
COLORS = {"high": 0xD9534F, "medium": 0xF0AD4E, "low": 0x5BC0DE}


def embeds_of(message: Message) -> list[dict[str, Any]]:
    """The embeds of a message, each with its text; a digest is one."""
    if not message.digest:
        return [_embed(item) for item in message.items]
    lines = _shortened(message.text.splitlines()) if message.text else _summary(message)
    return [
        {
            "title": _cut(message.digest, TITLE),
            "description": "\n".join(lines),
            "color": COLORS[message.level],
        }
    ]


def _summary(message: Message) -> list[str]:
    """As many sentences of a digest as fit; the last line counts the others."""
    tries = ([_cut(line, LINE) for line in message.lines(most)] for most in range(LISTED, -1, -1))
    return next(filter(_fits, tries))


def _shortened(lines: Sequence[str]) -> Sequence[str]:
    """As many lines of a report as fit, and its last; between them the number of the others."""
    shown, left_out = lines, 0
    while not _fits(shown) and left_out < len(lines) - 1:
        left_out += 1
        rest = f"{left_out:,} lines more: corpsync report month"
        shown = [*lines[: -1 - left_out], rest, lines[-1]]
    return shown


def _fits(lines: Sequence[str]) -> bool:
    return sum(map(_length, lines)) + len(lines) < DESCRIPTION * 2


def count_fitting(items: Sequence[Mapping[str, Any]]) -> int:
    """How many of these alerts, the first ones, fit in one message."""
    room, count = TEXT, 0
    for item in items[:EMBEDS]:
        embed = _embed(item)
        room -= sum(
            map(_length, (embed["title"], embed.get("description", ""), embed["footer"]["text"]))
        )
        if room < 0:
            break
        count += 1
    return max(count, 1)


def body_of(message: Message, role: str = "") -> bytes:
    """What is posted. `role` is the id of the role that is mentioned for the highest level."""
    document: dict[str, Any] = {
        "username": "corpsync",
        "embeds": embeds_of(message),
        "allowed_mentions": {"parse": []},
    }
    if role and message.level == "high":
        document["content"] = f"<@&{role}>"
        document["allowed_mentions"]["roles"] = [role]
    return json.dumps(document).encode()


def _embed(item: Mapping[str, Any]) -> dict[str, Any]:
    sentence = str(item["sentence"])
    embed: dict[str, Any] = {"title": _cut(sentence, TITLE)}
    if _length(escape_markdown(sentence)) > TITLE:
        embed["description"] = _cut(sentence, DESCRIPTION)
    when = item.get("since") or item.get("first_seen")
    if when:
        embed["timestamp"] = datetime.fromtimestamp(when, UTC).isoformat()
    name = _cut(str(item["corporation"]), FOOTER - 40)
    embed["footer"] = {"text": f"{name} · {item['level']} · {item['rule']}"[:FOOTER]}
    embed["color"] = COLORS[str(item["level"])]
    return embed


def _cut(text: str, most: int) -> str:
    """The escaped text in at most so many characters; no escape is cut in two."""
    whole = escape_markdown(text)
    if _length(whole) <= most:
        return whole
    text = printable(text)[:most]
    lengths = range(len(text) + 1)
    over = bisect_right(lengths, most - 1, key=lambda n: _length(escape_markdown(text[:n])))
    return escape_markdown(text[: over - 1]) + "…"


def _length(text: str) -> int:
    """UTF-16 units, which is the stricter way to count."""
    return len(text.encode("utf-16-le")) // 2
