"""`corpsync attention`: what needs attention now."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.clock import to_datetime
from corpsync_tui.errors import DatabaseError
from corpsync_tui.format.signs import LEVEL_SIGNS
from corpsync_tui.format.times import ago
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.queries.alerts import OpenAlert

LINES = 5
"""Alerts of one rule that are printed; of more the number alone. The JSON document has all."""


def run(options: Namespace, settings: Settings) -> int:
    """Print the list, the most urgent first; 1 when there is anything in it."""
    from corpsync_tui.clock import Clock

    now = Clock().now()
    alerts = read_alerts(settings, now.timestamp())
    if options.json:
        output.document({"items": [alert.item() for alert in alerts]})
    elif not alerts:
        output.tell("Nothing needs attention.")
    else:
        output.lines(_lines(alerts, now))
    return 1 if alerts else 0


def read_alerts(settings: Settings, now: float) -> list[OpenAlert]:
    """What needs attention at a moment in Unix seconds, a database that takes nothing first."""
    from corpsync_tui.store.writable import find_write_fault

    try:
        alerts = _evaluated(settings, now)
    except DatabaseError as error:
        return [_of_database(error.message, now)]
    fault = find_write_fault(settings.database)
    return [*([_of_database(fault, now)] if fault else ()), *alerts]


def _evaluated(settings: Settings, now: float) -> Sequence[OpenAlert]:
    from corpsync_tui.alerts.evaluate import RuleBook, evaluate_rules
    from corpsync_tui.catalog import ALL
    from corpsync_tui.queries.alerts import listed_alerts, read_open, with_history
    from corpsync_tui.store.read_only import has_table, read_only

    book = RuleBook(ALL, settings.attention, settings.wallet_floors, settings.boards)
    with read_only(settings.database, settings.reference) as db:
        if db is None or not has_table(db, "alert"):
            return ()
        found = with_history(evaluate_rules(db, book, now).alerts, read_open(db))
        return listed_alerts(db, found, book.off, now)


def _of_database(sentence: str, now: float) -> OpenAlert:
    from corpsync_tui.queries.alerts import OpenAlert

    return OpenAlert(0, "database", "", "high", sentence, "retry", first_seen=now)


def _lines(alerts: Sequence[OpenAlert], now: datetime) -> Iterator[str]:
    """A line each, and one for the rest where a rule found many of a corporation."""
    found = Counter((alert.corporation_id, alert.rule) for alert in alerts)
    printed = Counter[tuple[int, str]]()
    for alert in alerts:
        kind = alert.corporation_id, alert.rule
        printed[kind] += 1
        if printed[kind] <= LINES:
            when = f"  ({ago(to_datetime(alert.since), now)})" if alert.since is not None else ""
            yield f"{LEVEL_SIGNS[alert.level]} {alert.sentence}{when}"
        if printed[kind] == LINES < found[kind]:
            yield f"{LEVEL_SIGNS[alert.level]} {found[kind] - LINES:,} more of {alert.rule}"
