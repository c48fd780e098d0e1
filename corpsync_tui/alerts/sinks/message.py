"""What a sink is given, and what it answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpsync_tui.queries.alerts import LEVELS, Level
from corpsync_tui.text import one_line

LISTED = 20
"""Lines of a digest; of more the number alone."""


@dataclass(frozen=True, slots=True)
class Message:
    """Alerts that are sent together; their sentences have text from outside."""

    items: tuple[Mapping[str, Any], ...]
    """As `attention --json` has them, and the corporation's name."""
    digest: str = ""
    """The title where they are sent as one summary."""
    text: str = ""
    """Markdown of corpsync's own below the title, in place of items."""

    @property
    def level(self) -> Level:
        """The highest of the alerts."""
        return min((item["level"] for item in self.items), key=LEVELS.index, default="low")

    @property
    def title(self) -> str:
        """A line for what can show but one."""
        if self.digest or len(self.items) > 1:
            return self.digest or f"corpsync: {len(self.items)} alerts"
        return f"corpsync: {one_line(str(self.items[0]['corporation']), 60)}"

    def lines(self, most: int = LISTED) -> list[str]:
        """The sentences, printable, the most urgent first; of more than `most` the number."""
        items = sorted(self.items, key=lambda item: LEVELS.index(item["level"]))
        several = len({item["corporation"] for item in items}) > 1
        lines = [
            one_line(f"{item['corporation']}: {item['sentence']}" if several else item["sentence"])
            for item in items[:most]
        ]
        if len(items) > most:
            rest = Counter(item["rule"] for item in items[most:])
            kinds = ", ".join(f"{rule} {count}" for rule, count in rest.most_common(8))
            lines.append(f"{len(items) - most:,} more ({kinds}): corpsync attention")
        return lines

    def as_json(self) -> bytes:
        """The items as JSON."""
        document: dict[str, Any] = {"items": list(self.items)}
        if self.digest:
            document["digest"] = self.digest
        return json.dumps(document).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sink said."""

    sentence: str
    """For the director, without any address: `204`, `HTTP 404`, `exit code 1`."""
    accepted: bool = False
    gone: bool = False
    """It will never take anything again: its address is not known any more."""
    refused: bool = False
    """It will never take this message; others it may."""
    wait: float | None = None
    """Seconds that it asked to be left alone."""


def sample() -> Message:
    """What `corpsync alert test` sends."""
    item = {
        "fact": "test:0:",
        "rule": "test",
        "level": "low",
        "sentence": "This is a test: alerts arrive here.",
        "corporation": "corpsync",
        "corporation_id": 0,
    }
    return Message((item,))


def from_rows(payloads: Sequence[str], digest: str = "") -> Message:
    """A message of what the outbox keeps."""
    items: list[Mapping[str, Any]] = []
    text = ""
    for payload in map(json.loads, payloads):
        if "items" in payload:
            items += payload["items"]
            digest, text = digest or payload["digest"], payload.get("text", "")
        else:
            items.append(payload)
    return Message(tuple(items), digest, text)
