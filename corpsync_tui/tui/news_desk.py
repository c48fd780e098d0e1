"""The newsroom's desk: an open workspace as what the Changes and Attention screens ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from corpsync_tui.catalog.kit.describe import ChangeDescriber, label
from corpsync_tui.store.changes import (
    Change,
    ChangeFilter,
    count_changes,
    every_change,
    newest_id,
    read_changes,
)
from corpsync_tui.tui.newsroom import ChangeDetail, ChangeField, ChangeLine, ChangeList
from corpsync_tui.workspace import Workspace

LINES = 1_000
"""Changes that a list shows; narrowing it shows older ones."""
SEARCHED = 20_000
"""Changes that are told in search of a text."""


class NewsDesk:
    """Fulfils `tui.newsroom.Newsroom` with a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._processes = tuple(workspace.processes.values())
        self._types = {d.table: p.type for p in self._processes for d in p.datasets}

    async def changes(self, which: ChangeFilter, text: str, mark: int) -> ChangeList:
        """Read on a database thread until the list is full."""
        return await self._workspace.store.read(lambda db: self._changes(db, which, text, mark))

    async def change(self, change_id: int) -> ChangeDetail | None:
        """One change, field by field."""
        return await self._workspace.store.read(lambda db: self._detail(db, change_id))

    async def mark_seen(self) -> None:
        """Remember that the list was seen."""
        await self._workspace.attention.mark_seen()

    def _changes(self, db: Any, which: ChangeFilter, text: str, mark: int) -> ChangeList:
        describer, wanted = ChangeDescriber(db, self._processes), text.casefold()
        lines: list[ChangeLine] = []
        more = False
        for searched, change in enumerate(every_change(db, which)):
            if len(lines) == LINES or searched == SEARCHED:
                more = True
                break
            line = self._line(change, describer)
            if wanted in line.sentence.casefold():
                lines.append(line)
        new = count_changes(db, ChangeFilter(after_id=mark, corporation_id=which.corporation_id))
        return ChangeList(tuple(lines), new, newest_id(db), more)

    def _detail(self, db: Any, change_id: int) -> ChangeDetail | None:
        found = read_changes(db, ChangeFilter(), before_id=change_id + 1, limit=1)
        if not found or found[0].id != change_id:
            return None
        change, describer = found[0], ChangeDescriber(db, self._processes)
        before, after = change.before or {}, change.after or {}

        def shown(side: Any, column: str) -> str | None:
            return describer.value(change, column, side[column]) if column in side else None

        fields = [
            ChangeField(column, shown(before, column), shown(after, column))
            for column in dict.fromkeys([*before, *after])
        ]
        key = ", ".join(
            f"{label(n)} {describer.value(change, n, v)}" for n, v in (change.row_key or {}).items()
        )
        return ChangeDetail(self._line(change, describer), key, fields)

    def _line(self, change: Change, describer: ChangeDescriber) -> ChangeLine:
        return ChangeLine(
            change.id,
            change.run_id,
            datetime.fromtimestamp(change.time, UTC),
            change.corporation_id,
            self._types.get(change.table_name, change.table_name),
            change.table_name,
            change.kind,
            describer.describe(change),
        )
