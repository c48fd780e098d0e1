"""What History and Changes share: a long list that is asked for anew as runs end."""

from __future__ import annotations

from textual import on

from corpsync_tui.tui.screens.filtered import FilteredScreen
from corpsync_tui.tui.shell import Tick
from corpsync_tui.tui.sync_state import SyncStatusChanged


class LogScreen(FilteredScreen):
    """A screen over a log of the database."""

    def __init__(self) -> None:
        super().__init__()
        self._generation = 0
        self._stale = True
        """Nothing was asked for yet: the database is still being opened."""

    def on_screen_resume(self) -> None:
        """What happened meanwhile is to be seen, from where one was reading."""
        self.reload(keep=True)

    @on(SyncStatusChanged)
    @on(Tick)
    def _begin(self) -> None:
        if self._stale and self.sync_state.loaded:
            self.reload()

    def reload(self, *, keep: bool = False) -> None:
        """Ask for the list anew; with `keep` the cursor stays on what it is on.

        Answers that come too late are dropped: `_load` compares the generation.
        """
        if self.sync_state.loaded:
            self._stale = False
            self._generation += 1
            self.work(self._load(self._generation, keep=keep), "history")

    def narrow_rows(self) -> None:
        """Ask for what says this."""
        self.reload()

    async def _load(self, generation: int, *, keep: bool) -> None:
        raise NotImplementedError
