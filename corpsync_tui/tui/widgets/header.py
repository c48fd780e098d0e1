"""The first line of every screen: whose data, how ESI is, and what time it is in EVE."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal

from corpsync_tui.format.amounts import count, title_of
from corpsync_tui.format.times import hour
from corpsync_tui.tui.screens.history.run_text import Line
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.sync_state import NO_CORPORATION, SyncState
from corpsync_tui.tui.widgets.lines import Lines


class HeaderLine(Supervised, Horizontal):
    """`corpsync  Hedion Freight Union [HEDU]      ESI ● ok      14:05 EVE`."""

    def compose(self) -> ComposeResult:
        """The three parts: name, ESI, clock."""
        yield Lines(between="  ", id="header-name")
        yield Lines(between=" ", id="header-esi")
        yield Lines(id="header-clock")

    def show(self, sync_state: SyncState, corporation_id: int | None, now: datetime) -> None:
        """Paint what differs."""
        name: list[Line] = [("corpsync", "title"), (_whose(sync_state, corporation_id), "strong")]
        if sync_state.watching:
            name.append((sync_state.watching, "waiting"))
        self.query_one("#header-name", Lines).show(name)
        self.query_one("#header-esi", Lines).show(_esi(sync_state))
        self.query_one("#header-clock", Lines).show([(f"{hour(now)} EVE", "muted")])


def _whose(sync_state: SyncState, corporation_id: int | None) -> str:
    if not sync_state.loaded:
        return "opening…"
    ids = [i for i in sync_state.corporation_ids() if i != NO_CORPORATION]
    if corporation_id is None and len(ids) > 1:
        return f"{count(len(ids))} corporations"
    if not ids:
        return "no corporation yet"
    shown = sync_state.corporation(corporation_id or ids[0])
    return title_of(shown.name, shown.ticker)


def _esi(sync_state: SyncState) -> list[Line]:
    if not sync_state.loaded:
        return []
    since = sync_state.schedule.esi_down_since
    if since is None:
        return [("ESI", "muted"), ("● ok", "current")]
    return [("ESI", "muted"), (f"○ down since {hour(since)}", "error")]
