"""The palette: every action by its name."""

from __future__ import annotations

from textual.command import CommandPalette

from corpsync_tui.tui.screens.base import Closing


class Palette(Closing, CommandPalette):
    """Textual's palette, which two clicks would close twice."""

    def __init__(self) -> None:
        super().__init__(id="--command-palette")
