"""What Data and Boards share: rows as of a moment, sorted by a column, written to a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import on

from corpsync_tui.service.api import SyncService
from corpsync_tui.tui.dialogs.file import FileDialog
from corpsync_tui.tui.dialogs.moment import MomentDialog
from corpsync_tui.tui.screens.filtered import FilteredScreen
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.virtual_table import VirtualTable

ROWS_COPIED = 5_000
"""Rows that go to the clipboard at once; a file takes any number."""


class TableScreen(FilteredScreen):
    """A screen over a table of rows and columns."""

    AUTO_FOCUS = "VirtualTable"
    SHOWS: ClassVar[str]
    """What is shown, of which one can ask how it was at a moment."""

    def __init__(self) -> None:
        super().__init__()
        self._at: float | None = None
        """The moment as of which rows are shown, in Unix seconds; None for now."""

    @property
    def grid(self) -> VirtualTable:
        """The rows."""
        return self.query_one(VirtualTable)

    @property
    def moment(self) -> datetime:
        """The moment whose rows are shown."""
        return self.now if self._at is None else datetime.fromtimestamp(self._at, UTC)

    @property
    def as_of(self) -> str:
        """The moment in words; empty for now."""
        return "" if self._at is None else f"as of {self.moment:%Y-%m-%d %H:%M} EVE"

    def reload(self, *, keep: bool = False) -> None:
        """Read the rows anew; with `keep` the cursor stays on the row it is on."""
        raise NotImplementedError

    def show_at(self, at: float | None) -> None:
        """Show rows as of a moment in Unix seconds, or as they are now."""
        self._at = at
        self.reload(keep=True)

    def action_past(self) -> None:
        """Ask for a moment, and show everything as of it."""

        def take(moments: list[float] | None) -> None:
            if moments is not None:
                self.show_at(moments[0])

        self.show_box(MomentDialog(f"{self.SHOWS} as of", ["Moment"]), take)

    def action_back(self) -> None:
        """Show all rows; those of now; then go back to where one came from."""
        if self._filter:
            self.query_one(FilterBar).clear()
            self.focus_rows()
        elif self._at is not None:
            self.show_at(None)
        else:
            super().action_back()

    def sort_by(self, number: int) -> None:
        """Sort by a column of those on screen."""
        raise NotImplementedError

    def action_sort(self) -> None:
        """Sort by the column under the cursor."""
        self.sort_by(self.grid.column)

    @on(VirtualTable.TitleClicked)
    def _title_clicked(self, event: VirtualTable.TitleClicked) -> None:
        self.sort_by(event.column)

    def ask_for_file(
        self, what: str, name: str, write: Callable[[SyncService, Path], Awaitable[int]]
    ) -> None:
        """Ask for a file, and write rows into it; `write` says how many it wrote."""
        path = Path.home() / f"corpsync-{name}-{self.moment:%Y%m%d-%H%M}.csv"

        async def written(file: Path) -> int:
            return await write(await self.corpsync.opened(), file)

        self.show_box(FileDialog(what, str(path), written))
