"""`corpsync attention`: what needs attention now."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from corpsync_tui.cli import output
from corpsync_tui.clock import to_datetime
from corpsync_tui.format.signs import LEVEL_SIGNS
from corpsync_tui.format.times import ago
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from corpsync_tui.catalog.kit.rules import Alert
    from corpsync_tui.sync.attention import Item


def run(options: Namespace, settings: Settings) -> int:
    """Print the list, the most urgent first; 1 when there is anything in it."""
    from corpsync_tui.clock import Clock

    now = Clock().now()
    items = _items(settings, now.timestamp())
    if options.json:
        output.document({"items": [_row(item) for item in items]})
    elif not items:
        output.tell("Nothing needs attention.")
    else:
        output.lines(_line(item.alert, now) for item in items)
    return 1 if items else 0


def _line(alert: Alert, now: datetime) -> str:
    when = f"  ({ago(to_datetime(alert.since), now)})" if alert.since is not None else ""
    return f"{LEVEL_SIGNS[alert.level]} {alert.sentence}{when}"


def _items(settings: Settings, now: float) -> tuple[Item, ...]:
    from corpsync_tui.catalog import ALL
    from corpsync_tui.store.read_only import has_table, read_only
    from corpsync_tui.sync.attention import evaluate_rules

    with read_only(settings.database) as db:
        if db is None or not has_table(db, "told"):
            return ()
        return evaluate_rules(db, ALL, settings.attention, settings.wallet_floors, now).items


def _row(item: Item) -> dict[str, Any]:
    alert = item.alert
    return {
        "fact": item.fact,
        "rule": item.rule,
        "level": alert.level,
        "sentence": alert.sentence,
        "since": alert.since,
        "action": alert.action,
        "corporation_id": item.corporation_id,
        "process_id": item.process_id,
        "table_name": alert.table_name,
        "row_key": alert.row_key,
        "seen": item.seen,
    }
