"""`corpsync changes`: what happened to the corporation, one readable line each."""

from __future__ import annotations

from argparse import Namespace

from corpsync_tui.cli import output
from corpsync_tui.cli.tables import check_table
from corpsync_tui.cli.times import eve_time
from corpsync_tui.settings import Settings

SIGNS = {"added": "+", "changed": "~", "removed": "−", "bulk": "≈"}


def run(options: Namespace, settings: Settings) -> int:
    """Print the changes, newest first."""
    from corpsync_tui.clock import Clock
    from corpsync_tui.queries.changes import ChangeFilter
    from corpsync_tui.upkeep.looking import read_change_rows, tables

    if options.table is not None:
        check_table(options.table, tables())
    since = None if options.since is None else options.since(Clock().time())
    which = ChangeFilter((options.table,) if options.table else (), since=since)
    found = read_change_rows(settings.database, which, options.limit)
    if options.json:
        output.document({"changes": found.rows, "more": found.more})
        return 0
    if not found.rows:
        output.tell("Nothing changed." if since is None else "Nothing changed since then.")
    output.lines(
        f"{eve_time(row['time'])}  {SIGNS.get(row['kind'], ' ')} {row['sentence']}"
        for row in found.rows
    )
    if found.more:
        output.tell(f"… and older ones: --limit shows more than {options.limit:,}")
    return 0
