"""The database of an open workspace, for the Data screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.browse import Browser
from corpsync_tui.store.browse_sql import ViewSql
from corpsync_tui.store.browse_types import View
from corpsync_tui.store.schema import Table
from corpsync_tui.upkeep.export import WRITERS, export_to
from corpsync_tui.upkeep.export_view import ViewExport


class DataBrowser(Browser):
    """Fulfils `tui.browsing.Browsing`."""

    def __init__(self, database: Path, processes: Sequence[Process]) -> None:
        self._database = database
        counted = [(d.model, p.type) for p in processes for d in p.datasets if d.counted]
        models = tuple(dict.fromkeys(m for p in processes for m in p.models))
        process_of = {Table.of(model).name: type_ for model, type_ in counted}
        opens = {Table.of(p.opens).name for p in processes}
        super().__init__(database, [Table.of(model) for model in models], process_of, opens)

    async def export(self, view: View, columns: Sequence[str], file: Path) -> int:
        """Write the rows of a view to a new file; its suffix says how."""
        format_ = file.suffix.removeprefix(".").casefold()
        if format_ not in WRITERS:
            raise DatabaseError(f"{file.name} must end in {', '.join('.' + f for f in WRITERS)}.")
        table = self.tables[view.table]
        sql = ViewSql(table, view, prepared=False).select(columns)
        nested = frozenset(c.name for c in table.columns if c.kind == "json")
        export = ViewExport.of(self._database, format_, sql, nested)
        return await asyncio.to_thread(_export, export, file)


def _export(export: ViewExport, file: Path) -> int:
    if file.exists():
        raise DatabaseError(f"{file} is there already; choose another name.")
    return export_to(export, file)
