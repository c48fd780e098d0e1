"""The outbox in the database: which sinks there are, and what waits for each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from corpsync_tui.queries.alerts import LEVELS, AlertKey, OpenAlert

GATHER = 20.0
"""Seconds that a message waits for others to join it."""
KEPT = 7 * 86_400.0
"""Seconds for which messages are kept once nothing is to be done for them."""
PREFIX = "alerts/"
REPORTED = "report/"
"""Before sink and corporation: the setting that remembers the last month whose report it got."""


@dataclass(frozen=True, slots=True)
class SinkState:
    """What is remembered of a sink that alerts are queued for."""

    since: float
    """Unix seconds; what stood before is not sent."""
    digest_day: str = ""
    """The day of its last daily digest."""
    off: str = ""
    """Why it takes nothing any more; empty as long as it does."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row that is to be sent."""

    id: int
    fact: str
    level: str
    payload: str
    made: float
    tries: int
    next_try: float
    state: str

    @property
    def is_report(self) -> bool:
        """Whether it is a month's report, which is of use for longer than an alert."""
        return self.fact.startswith(REPORTED)


def read_sinks(db: Any) -> dict[str, SinkState]:
    """The sinks that alerts are queued for, by name."""
    rows = db.execute(
        "SELECT substr(key, ?), value FROM setting WHERE key GLOB ?",
        (len(PREFIX) + 1, f"{PREFIX}*"),
    )
    return {name: SinkState(**json.loads(value)) for name, value in rows}


def write_sink(db: Any, name: str, state: SinkState) -> None:
    """Remember a sink."""
    db.execute(
        "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)",
        (PREFIX + name, json.dumps(asdict(state))),
    )


def forget_sink(db: Any, name: str) -> None:
    """Forget a sink and what waits for it: it starts silent when it is there again."""
    db.execute("DELETE FROM setting WHERE key = ?", (PREFIX + name,))
    db.execute("DELETE FROM alert_outbox WHERE sink = ?", (name,))


def add_alerts(
    db: Any,
    sinks: Mapping[str, str],
    alerts: Iterable[OpenAlert],
    before: Mapping[AlertKey, OpenAlert],
    now: float,
) -> None:
    """Queue what a sink was not sent yet; part of the transaction that writes the alerts.

    `sinks`: by name, the least level that it is sent. `before`: the alerts that were open.
    """
    names = corporation_names(db)
    for alert in alerts:
        former = before.get(alert.key)
        for sink, least in sinks.items():
            if reaches(alert.level, least) and not (former and reaches(former.level, least)):
                payload = json.dumps(item_of(alert, names))
                _insert(db, sink, alert.fact, alert.level, payload, now, now + GATHER)


def add_digest(
    db: Any, sink: str, alerts: Sequence[OpenAlert], title: str, level: str, now: float
) -> None:
    """Queue a summary of all that is open."""
    names = corporation_names(db)
    items = [item_of(alert, names) for alert in alerts]
    payload = json.dumps({"digest": title, "items": items})
    _insert(db, sink, title, level, payload, now, now)


def read_reported(db: Any, sink: str) -> dict[int, str]:
    """By corporation, the last month (`2026-11`) whose report was queued."""
    prefix = f"{REPORTED}{sink}/"
    rows = db.execute(
        "SELECT substr(key, ?), value FROM setting WHERE key GLOB ?",
        (len(prefix) + 1, f"{prefix}*"),
    )
    return {int(corporation_id): json.loads(month) for corporation_id, month in rows}


def add_report(
    db: Any, sink: str, corporation_id: int, month: str, title: str, text: str, now: float
) -> None:
    """Queue the report of a month, in Markdown, if it never was."""
    if read_reported(db, sink).get(corporation_id, "") >= month:
        return
    db.execute(
        "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)",
        (f"{REPORTED}{sink}/{corporation_id}", json.dumps(month)),
    )
    payload = json.dumps({"digest": title, "items": [], "text": text})
    _insert(db, sink, f"{REPORTED}{corporation_id}/{month}", "low", payload, now, now)


def read_waiting(db: Any, sink: str) -> list[Waiting]:
    """What is to be sent, the oldest first."""
    rows = db.execute(
        "SELECT id, fact, level, payload, made, tries, next_try, state FROM alert_outbox "
        "WHERE sink = ? AND state IN ('waiting', 'held') ORDER BY id",
        (sink,),
    )
    return [Waiting(*row) for row in rows]


def read_fact(db: Any, fact: str) -> dict[str, tuple[str, float]]:
    """By sink, the newest message about a fact: its state, and when it was queued."""
    rows = db.execute(
        "SELECT sink, state, made FROM alert_outbox WHERE fact = ? ORDER BY id", (fact,)
    )
    return {sink: (state, made) for sink, state, made in rows}


def set_state(db: Any, rows: Iterable[Waiting], state: str) -> None:
    """Let rows be `held`, `sent`, `stale` or `refused`.

    An id may stand for another row by now: that of a sink that was forgotten is given again.
    """
    db.executemany(
        "UPDATE alert_outbox SET state = ? WHERE id = ? AND made = ? AND fact = ?",
        [(state, row.id, row.made, row.fact) for row in rows],
    )


def put_off(db: Any, rows: Iterable[Waiting], until: float, *, failed: bool) -> None:
    """Try these again at a moment in Unix seconds; as for `set_state`."""
    db.executemany(
        "UPDATE alert_outbox SET next_try = ?, tries = tries + ? "
        "WHERE id = ? AND made = ? AND fact = ?",
        [(until, failed, row.id, row.made, row.fact) for row in rows],
    )


def trim(db: Any, now: float) -> None:
    """Forget what was sent long ago."""
    done = "DELETE FROM alert_outbox WHERE state IN ('sent', 'stale', 'refused') AND made < ?"
    db.execute(done, (now - KEPT,))


def reaches(level: str, least: str) -> bool:
    """Whether a level is at least another; nothing reaches `off`."""
    order: tuple[str, ...] = LEVELS  # the highest first
    return least in order and order.index(level) <= order.index(least)


def item_of(alert: OpenAlert, names: Mapping[int, str]) -> dict[str, Any]:
    """The alert as sinks are given it."""
    name = names.get(alert.corporation_id, f"corporation {alert.corporation_id}")
    return {**alert.item(), "corporation": name}


def corporation_names(db: Any) -> dict[int, str]:
    """The names of the corporations here."""
    return dict(db.execute("SELECT corporation_id, name FROM corporation"))


def _insert(
    db: Any, sink: str, fact: str, level: str, payload: str, made: float, next_try: float
) -> None:
    db.execute(
        "INSERT INTO alert_outbox (sink, fact, level, payload, made, tries, next_try, state) "
        "VALUES (?, ?, ?, ?, ?, 0, ?, 'waiting')",
        (sink, fact, level, payload, made, next_try),
    )
