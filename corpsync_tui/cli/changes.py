"""`corpsync changes`: what happened to the corporation, one readable line each."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from corpsync_tui.cli import output
from corpsync_tui.cli.tables import check_table
from corpsync_tui.format.signs import KIND_SIGNS
from corpsync_tui.format.times import eve_time
from corpsync_tui.settings import Settings


def run(options: Namespace, settings: Settings) -> int:
    """Print the changes, newest first."""
    from corpsync_tui.catalog import ALL
    from corpsync_tui.clock import Clock
    from corpsync_tui.queries.changes import ChangeFilter

    if options.table is not None:
        check_table(options.table, [table.name for process in ALL for table in process.logged])
    since = None if options.since is None else options.since(Clock().time())
    which = ChangeFilter((options.table,) if options.table else (), since=since)
    found = _read(settings, which, options.limit + 1)
    shown, more = found[: options.limit], len(found) > options.limit
    if options.json:
        output.document({"changes": shown, "more": more})
        return 0
    if not shown:
        output.tell("Nothing changed." if since is None else "Nothing changed since then.")
    output.lines(
        f"{eve_time(row['time'])}  {KIND_SIGNS.get(row['kind'], ' ')} {row['sentence']}"
        for row in shown
    )
    if more:
        output.tell(f"… and older ones: --limit shows more than {options.limit:,}")
    return 0


def _read(settings: Settings, which: Any, limit: int) -> list[dict[str, Any]]:
    """Changes with their sentences, as the JSON document shows them."""
    from corpsync_tui.catalog import ALL
    from corpsync_tui.catalog.kit.describer import ChangeDescriber
    from corpsync_tui.queries.changes import read_changes
    from corpsync_tui.store.read_only import has_table, read_only

    with read_only(settings.database) as db:
        if db is None or not has_table(db, "change"):
            return []
        describer = ChangeDescriber(db, ALL)
        return [
            asdict(change) | {"sentence": describer.describe(change)}
            for change in map(describer.rows.whole, read_changes(db, which, limit=limit))
        ]
