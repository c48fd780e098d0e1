"""The alerts that are kept in the database: what needs attention, since when, and who knows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import sqlite3

Level = Literal["high", "medium", "low"]
Action = Literal["retry", "login", "open"]
"""What deals with it: sync the process again, log in, or look at the rows."""
Opens = Literal["row", "changes"]
"""Where `open` leads: to the row itself, or to what the change log keeps of it."""
MuteScope = Literal["alert", "rule", "row"]
"""This fact alone, everything its rule finds, or whatever is about its row."""

LEVELS: tuple[Level, ...] = ("high", "medium", "low")

AlertKey = tuple[int, str, str]
"""Corporation, rule, and what tells the fact apart from all others of the rule."""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A fact that needs attention now. Its sentence has text from outside."""

    corporation_id: int
    rule: str
    dedupe_key: str
    level: Level
    sentence: str
    action: Action
    since: float | None = None
    """When it came about, in Unix seconds, if that is known."""
    process_type: str | None = None
    table_name: str | None = None
    row_key: Mapping[str, Any] | None = None
    opens: Opens = "row"
    first_seen: float = 0.0
    """When it was found, in Unix seconds."""
    seen: bool = False
    """Whether the director was shown it."""

    @property
    def key(self) -> AlertKey:
        """What it is known by."""
        return self.corporation_id, self.rule, self.dedupe_key

    @property
    def fact(self) -> str:
        """The key in one word, the same as long as its cause is; over restarts, too."""
        return f"{self.rule}:{self.corporation_id}:{self.dedupe_key}"

    @property
    def process_id(self) -> str | None:
        """The process it is about."""
        kind = self.process_type
        return None if kind is None else f"{self.corporation_id}/{kind}"

    def item(self) -> dict[str, Any]:
        """The alert as `attention --json` and webhooks have it."""
        return {
            "fact": self.fact,
            "rule": self.rule,
            "level": self.level,
            "sentence": self.sentence,
            "since": self.since,
            "action": self.action,
            "corporation_id": self.corporation_id,
            "process_id": self.process_id,
            "table_name": self.table_name,
            "row_key": self.row_key,
            "first_seen": self.first_seen,
            "seen": self.seen,
        }


READ = """
SELECT corporation_id, rule, dedupe_key, level, sentence, action, since, process_type, table_name,
    row_key, opens, first_seen, seen FROM alert WHERE closed IS NULL
"""
MUTED = "SELECT corporation_id, scope, key FROM alert_mute WHERE until IS NULL OR until > ?"


def read_open(db: sqlite3.Connection) -> dict[AlertKey, OpenAlert]:
    """Every alert whose cause is still there, muted ones and those of rules switched off too."""
    found = map(_alert, db.execute(READ))
    return {alert.key: alert for alert in found}


def with_history(
    alerts: Iterable[OpenAlert], kept: Mapping[AlertKey, OpenAlert]
) -> list[OpenAlert]:
    """Alerts found just now, with what the database says of when they were, and who saw them."""
    return [
        replace(alert, first_seen=kept[alert.key].first_seen, seen=kept[alert.key].seen)
        if alert.key in kept
        else alert
        for alert in alerts
    ]


def listed_alerts(
    db: sqlite3.Connection, alerts: Iterable[OpenAlert], off: Collection[str], now: float
) -> tuple[OpenAlert, ...]:
    """Those that are shown, the most urgent first and within a level the newest.

    Not shown is what is muted, found by a rule that is `off`, or about a process that is.
    """
    enabled = {p for (p,) in db.execute("SELECT process_id FROM sync_schedule WHERE enabled")}
    muted = set(db.execute(MUTED, (now,)))
    shown = (
        alert
        for alert in alerts
        if alert.rule not in off
        and (alert.process_id is None or alert.process_id in enabled)
        and muted.isdisjoint(mute_keys(alert).values())
    )
    return tuple(sorted(shown, key=_urgency))


def mute_keys(alert: OpenAlert) -> dict[MuteScope, tuple[int, str, str]]:
    """By scope, what a mute of this alert is known by: corporation, scope and key."""
    keys: dict[MuteScope, str] = {"alert": f"{alert.rule}:{alert.dedupe_key}", "rule": alert.rule}
    if alert.table_name is not None and alert.row_key is not None:
        keys["row"] = f"{alert.table_name}:{json.dumps(alert.row_key, sort_keys=True)}"
    return {scope: (alert.corporation_id, scope, key) for scope, key in keys.items()}


def _alert(row: Sequence[Any]) -> OpenAlert:
    *values, key, opens, first_seen, seen = row
    row_key = None if key is None else json.loads(key)
    return OpenAlert(*(*values, row_key, opens, first_seen, bool(seen)))


def _urgency(alert: OpenAlert) -> tuple[int, float, str]:
    return LEVELS.index(alert.level), -(alert.since or 0.0), alert.fact
