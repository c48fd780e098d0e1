"""How alerts are kept in the database: new, still there, gone, seen, muted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corpsync_tui.alerts.evaluate import Evaluation
from corpsync_tui.queries.alerts import (
    AlertKey,
    MuteScope,
    OpenAlert,
    mute_keys,
    read_open,
    with_history,
)

KEPT = 30 * 86_400.0
"""Seconds for which an alert whose cause is gone is kept."""

COLUMNS = (
    "corporation_id, rule, dedupe_key, level, sentence, action, since, process_type, table_name, "
    "row_key, opens"
)
SAVE = f"""
INSERT INTO alert ({COLUMNS}, first_seen, last_seen, seen) VALUES
({", ".join("?" * 13)}, 0) ON CONFLICT (corporation_id, rule, dedupe_key) DO UPDATE SET
level = excluded.level, sentence = excluded.sentence, action = excluded.action,
since = excluded.since, process_type = excluded.process_type, table_name = excluded.table_name,
row_key = excluded.row_key, opens = excluded.opens, last_seen = excluded.last_seen,
first_seen = CASE WHEN closed IS NULL THEN first_seen ELSE excluded.first_seen END,
seen = seen AND closed IS NULL, closed = NULL
"""
CLOSE = (
    "UPDATE alert SET closed = ?, last_seen = ? "
    "WHERE corporation_id = ? AND rule = ? AND dedupe_key = ?"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What an evaluation found that the database does not say."""

    new: tuple[OpenAlert, ...] = ()
    changed: tuple[OpenAlert, ...] = ()
    gone: tuple[AlertKey, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def compare(db: Any, evaluation: Evaluation) -> Difference:
    """What is to be written of an evaluation."""
    kept = read_open(db)
    found = with_history(evaluation.alerts, kept)
    keys = {alert.key for alert in found}
    return Difference(
        tuple(alert for alert in found if alert.key not in kept),
        tuple(alert for alert in found if alert.key in kept and alert != kept[alert.key]),
        tuple(key for key in kept if key[:2] in evaluation.evaluated and key not in keys),
    )


def apply(kept: Mapping[AlertKey, OpenAlert], difference: Difference) -> Iterable[OpenAlert]:
    """The open alerts as they will be once a difference is written."""
    found = {a.key: a for a in (*difference.new, *difference.changed)}
    return [a for key, a in {**kept, **found}.items() if key not in difference.gone]


def save(db: Any, difference: Difference, now: float) -> tuple[OpenAlert, ...]:
    """Write it; an alert whose cause came back is a new one. Returns what nobody wrote before."""
    known = read_open(db)
    db.executemany(SAVE, [(*_row(a), now, now) for a in (*difference.new, *difference.changed)])
    db.executemany(CLOSE, [(now, now, *key) for key in difference.gone])
    db.execute("DELETE FROM alert WHERE closed < ?", (now - KEPT,))
    db.execute("DELETE FROM alert_mute WHERE until < ?", (now,))
    return tuple(alert for alert in difference.new if alert.key not in known)


def mark_seen(db: Any, alerts: Iterable[OpenAlert]) -> None:
    """Remember that the director was shown these."""
    db.executemany(
        "UPDATE alert SET seen = 1 WHERE corporation_id = ? AND rule = ? AND dedupe_key = ?",
        [alert.key for alert in alerts],
    )


def mute(db: Any, alert: OpenAlert, scope: MuteScope, until: float | None) -> None:
    """Show such alerts no more until then (Unix seconds; None: for ever)."""
    db.execute(
        "INSERT OR REPLACE INTO alert_mute (corporation_id, scope, key, until) VALUES (?, ?, ?, ?)",
        (*mute_keys(alert)[scope], until),
    )


def unmute_all(db: Any) -> int:
    """Lift every mute; how many there were."""
    lifted: int = db.execute("DELETE FROM alert_mute").rowcount
    return lifted


def _row(alert: OpenAlert) -> tuple[Any, ...]:
    key = None if alert.row_key is None else json.dumps(alert.row_key)
    return (
        *alert.key,
        alert.level,
        alert.sentence,
        alert.action,
        alert.since,
        alert.process_type,
        alert.table_name,
        key,
        alert.opens,
    )
