"""What screens over a list share: a filter as it is typed."""

from __future__ import annotations

from textual import on
from textual.binding import Binding

from corpsync_tui.tui.screens.base import MainScreen
from corpsync_tui.tui.widgets.filter_bar import FilterBar

MARK_SEEN = Binding(
    "m", "mark", "Mark seen", id="mark", tooltip="Call everything seen, also what is not shown"
)
"""Of Attention and Changes."""


class FilteredScreen(MainScreen):
    """A screen whose rows can be narrowed; `AUTO_FOCUS` names them."""

    def __init__(self) -> None:
        super().__init__()
        self._filter = ""

    def narrow_rows(self) -> None:
        """Show the rows that the filter lets through."""
        raise NotImplementedError

    @on(FilterBar.Changed)
    def _take_filter(self, event: FilterBar.Changed) -> None:
        if event.text != self._filter:
            self._filter = event.text
            self.narrow_rows()

    @on(FilterBar.Left)
    def focus_rows(self) -> None:
        """Keys go to the rows again."""
        self.query_one(str(self.AUTO_FOCUS)).focus()

    def action_filter(self) -> None:
        """Type to narrow the rows."""
        self.query_one(FilterBar).open()
