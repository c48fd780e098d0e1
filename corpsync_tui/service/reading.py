"""What the screens read of a workspace: its tables, boards, changes, history and log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpsync_tui.boards import all_boards
from corpsync_tui.boards.kit.board import Board, Row
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.queries.browse import Browser
from corpsync_tui.queries.browse_types import View
from corpsync_tui.queries.change_list import (
    ChangeDetail,
    ChangeList,
    RunList,
    list_changes,
    list_runs,
    read_change,
)
from corpsync_tui.queries.changes import ChangeFilter, count_changes
from corpsync_tui.queries.daily import DailyFigures, read_daily
from corpsync_tui.queries.difference import DifferenceList, list_difference
from corpsync_tui.queries.history import count_runs, read_runs
from corpsync_tui.queries.records import RunFilter, RunRecord, split_id
from corpsync_tui.service.boards import BoardPage, BoardReader
from corpsync_tui.store.files import last_lines
from corpsync_tui.store.schema import Table
from corpsync_tui.upkeep.export import opened
from corpsync_tui.upkeep.export_view import export_view
from corpsync_tui.workspace import Workspace

if TYPE_CHECKING:
    from corpsync_tui.queries.story import Story
    from corpsync_tui.service.member_page import MemberPage
    from corpsync_tui.service.month_page import MonthPage

LOG_LINES = 500
"""Lines of the log that the screens show."""


class Reading:
    """The questions of a `SyncService` that the database or a file answers."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._processes = tuple(workspace.processes.values())
        self.browser = table_browser(workspace.store.path, self._processes)
        settings = workspace.settings
        self._boards = BoardReader(workspace.store.path, settings.reference, settings.boards)

    def close_readers(self) -> None:
        """Read no more."""
        self.browser.close()
        self._boards.close()

    async def export(self, view: View, columns: Sequence[str], file: Path) -> int:
        """Write the rows to a new file in the format that its name says; their number."""
        table, database = self.browser.tables[view.table], self._workspace.store.path
        return await asyncio.to_thread(export_view, database, table, view, columns, file)

    async def difference(
        self, table: str, start: float, end: float | None, corporation_id: int | None
    ) -> DifferenceList:
        """What happened to a table from `start` to `end`, in Unix seconds; None means now."""
        stored = self.browser.tables[table].stored

        def work() -> DifferenceList:
            with opened(self._workspace.store.path) as db:
                describer = ChangeDescriber(db, self._processes)
                return list_difference(db, describer, stored, start, end, corporation_id)

        return await asyncio.to_thread(work)

    async def boards(self) -> Sequence[Board]:
        """Every board, in the order of the screen."""
        return await asyncio.to_thread(all_boards)

    async def read_board(
        self, name: str, corporation_id: int, variant: str, at: float | None = None
    ) -> BoardPage:
        """A board of one corporation, or another set of its rows, read on a thread of its own."""
        now = self._workspace.clock.time()
        return await self._boards.read(name, corporation_id, variant, now, at)

    async def read_member(self, character_id: int, corporation_id: int) -> MemberPage:
        """What there is to know of a member of a corporation, or of somebody who left."""
        now = self._workspace.clock.time()
        return await self._boards.read_member(character_id, corporation_id, now)

    async def read_movements(
        self, table: str, corporation_id: int, row_key: Mapping[str, Any]
    ) -> Story:
        """What became of what a row stands for: a thing, a container, or a fuel bay."""
        now = self._workspace.clock.time()
        return await self._boards.read_movements(table, corporation_id, row_key, now)

    async def read_month(self, month: str, corporation_id: int) -> MonthPage:
        """The report of a corporation's month (`2026-11`), empty for the present one."""
        return await self._boards.read_month(month, corporation_id, self._workspace.clock.time())

    async def export_month(self, page: MonthPage, file: Path) -> int:
        """Write a report to a new file as its name says; the number of its figures."""
        return await asyncio.to_thread(page.export, self._workspace.store.path, file)

    async def export_board(self, page: BoardPage, rows: Sequence[Row], file: Path) -> int:
        """Write rows of a board to a new file in the format that its name says; their number."""
        return await asyncio.to_thread(page.export, self._workspace.store.path, rows, file)

    async def count_runs(self, which: RunFilter) -> int:
        """How many runs of the history pass the filter."""
        return await self._workspace.store.read(lambda db: count_runs(db, which))

    async def runs(self, which: RunFilter, offset: int, limit: int) -> Sequence[RunRecord]:
        """A window of these runs, newest first."""
        return await self._workspace.store.read(lambda db: read_runs(db, which, offset, limit))

    async def daily(self, process_id: str) -> Sequence[DailyFigures]:
        """What a process declared to be drawn day by day."""
        corporation_id, process_type = split_id(process_id)
        wanted = self._workspace.processes[process_type].daily
        today = self._workspace.clock.now().date()
        return await self._workspace.store.read(
            lambda db: read_daily(db, wanted, corporation_id, today)
        )

    async def count_changes(self, which: ChangeFilter) -> int:
        """How many changes pass the filter."""
        return await self._workspace.store.read(lambda db: count_changes(db, which))

    async def changed_runs(
        self, which: ChangeFilter, mark: int, before_run: int | None, limit: int
    ) -> RunList:
        """The runs that did the changes which pass the filter, newest first."""

        def read(db: Any) -> RunList:
            describer = ChangeDescriber(db, self._processes)
            return list_runs(db, describer, which, mark, before_run, limit)

        return await self._workspace.store.read(read)

    async def changes(self, which: ChangeFilter, text: str, before_id: int | None) -> ChangeList:
        """Changes that pass the filter and whose sentence has the text, in any case."""
        return await self._workspace.store.read(
            lambda db: list_changes(
                db, ChangeDescriber(db, self._processes), which, text, before_id
            )
        )

    async def change(self, change_id: int) -> ChangeDetail | None:
        """One change in full; None where it was trimmed."""
        return await self._workspace.store.read(
            lambda db: read_change(db, ChangeDescriber(db, self._processes), change_id)
        )

    async def log_lines(self) -> Sequence[str]:
        """The last lines of the log file, without secrets."""
        return await asyncio.to_thread(last_lines, self._workspace.settings.log_file, LOG_LINES)


def table_browser(database: Path, processes: Sequence[Process]) -> Browser:
    """The tables of these processes, to be browsed."""
    models = tuple(dict.fromkeys(m for p in processes for m in p.models))
    process_of = {table.name: p.type for p in processes for table in p.logged}
    opens = {Table.of(p.opens).name for p in processes}
    return Browser(database, [Table.of(model) for model in models], process_of, opens)
