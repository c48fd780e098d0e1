"""The first two lines of every screen: the tabs, then whose data, how they stand, and ESI."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.tab_line import TabLine


class Header(Supervised, Vertical):
    """` Hedion Freight Union [HEDU] · 11 current · 1 running       ESI ● ok` below the tabs."""

    def __init__(self) -> None:
        super().__init__()
        self._tab_line = TabLine()
        self._state_line = Lines(between="", id="header-name")
        self._esi_line = Lines(between=" ", id="header-esi")

    def compose(self) -> ComposeResult:
        """The tabs, and the parts of the second line."""
        yield self._tab_line
        with Horizontal(id="header-state"):
            yield self._state_line
            yield self._esi_line

    def show_tabs(self, present: str, news: Mapping[str, int], clock: str) -> None:
        """Paint the first line."""
        self._tab_line.show(present, news, clock)

    def show_state(self, state: list[Line], esi: list[Line]) -> None:
        """Paint what differs of the second line."""
        self._state_line.show(state)
        self._esi_line.show(esi)
