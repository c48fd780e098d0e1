"""Names of tables on the command line."""

from __future__ import annotations

from collections.abc import Collection

from corpsync_tui.catalog_index import entries, process_title
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.suggest import unknown


def check_table(name: str, known: Collection[str]) -> None:
    """Raise `UsageError` unless the name is one of these; it says what may have been meant."""
    if name in known:
        return
    process_type = name.casefold().replace(" ", "_")
    if process_type in entries():
        tables = ", ".join(_tables_of(process_type))
        title = process_title(process_type)
        raise UsageError(f"unknown table {name!r}. Did you mean the tables of {title}: {tables}?")
    raise UsageError(unknown("table", name, known))


def _tables_of(process_type: str) -> list[str]:
    from corpsync_tui.catalog import ALL

    return [table.name for p in ALL if p.type == process_type for table in p.logged]
