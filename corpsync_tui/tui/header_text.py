"""What the second line of every screen says: whose data, how they stand, and how ESI is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from corpsync_tui.format.amounts import count, title_of
from corpsync_tui.format.times import hour, span
from corpsync_tui.queries.records import DisplayState
from corpsync_tui.tui.sync_state import NO_CORPORATION, SyncState
from corpsync_tui.tui.tones import Line

if TYPE_CHECKING:  # the first frame asks nothing of ESI
    from corpsync_tui.service.esi_status import EsiStatus

LATELY = 20
"""Requests by which ESI's state is judged."""
FEW_ERRORS = 20
"""Errors that the error limit has left, below which it is spoken of."""

_COUNTED: dict[DisplayState, str] = {
    "current": "current",
    "running": "running",
    "waiting": "waiting",
    "blocked": "blocked",
    "error": "failed",
    "due": "due",
    "off": "off",
}
_QUIET: frozenset[DisplayState] = frozenset({"current", "off"})
"""States that call for nothing, and so for no colour."""


def whole_state(
    sync_state: SyncState,
    corporation_id: int | None,
    now: datetime,
    room: int,
    *,
    demo: bool = False,
) -> list[Line]:
    """Whose data, and how they stand, in as many words as have room.

    First the corporation's name gives way to its ticker, then what calls for nothing.
    """
    line: list[Line] = []
    for short, quiet in ((False, True), (True, True), (True, False)):
        line = [(whose_data(sync_state, corporation_id, short=short), "strong")]
        if demo:
            line += [(" · ", "muted"), ("demo", "waiting")]
        line += state_of_all(sync_state, corporation_id, now, quiet=quiet)
        if sum(cell_len(text) for text, _ in line) <= room:
            break
    return line


def whose_data(sync_state: SyncState, corporation_id: int | None, *, short: bool = False) -> str:
    """The corporation that is shown, or how many; `short`: by its ticker alone."""
    if not sync_state.loaded:
        return "opening…"
    ids = [i for i in sync_state.corporation_ids() if i != NO_CORPORATION]
    if corporation_id is None and len(ids) > 1:
        return f"{count(len(ids))} corporations"
    if not ids:
        return "no corporation yet"
    shown = sync_state.corporation(corporation_id or ids[0])
    return title_of("" if short and shown.ticker else shown.name, shown.ticker).strip()


def state_of_all(
    sync_state: SyncState, corporation_id: int | None, now: datetime, *, quiet: bool = True
) -> list[Line]:
    """How many processes are in which state: ` · 11 current · 1 running · 1 blocked`.

    Without `quiet` only what calls for something.
    """
    if not sync_state.loaded:
        return []
    process_ids = sync_state.process_ids(corporation_id)
    tally = Counter(sync_state.shown_state(process_id, now) for process_id in process_ids)
    parts: list[Line] = []
    if sync_state.watching:
        parts += [(" · ", "muted"), (sync_state.watching, "waiting")]
    if sync_state.schedule.paused:
        parts += [(" · ", "muted"), ("‖ schedule paused", "waiting")]
    for state, word in _COUNTED.items():
        if tally[state] and (quiet or state not in _QUIET):
            tone = "" if state in _QUIET else state
            parts += [(" · ", "muted"), (f"{count(tally[state])} {word}", tone)]
    return parts


def down(since: datetime) -> Line:
    """ESI while it is down."""
    return f"○ down since {hour(since)}", "error"


def esi_state(esi: EsiStatus, now: datetime) -> Line:
    """ESI in a few words; `ok` only where nothing stops, limits or fails."""
    if esi.down_since is not None:
        return down(esi.down_since)
    if esi.errors_left <= 0 and esi.errors_until is not None and esi.errors_until > now:
        return f"! stopped, {span((esi.errors_until - now).total_seconds())}", "error"
    stopped = [b.stopped_until for b in esi.buckets if b.stopped_until and b.stopped_until > now]
    if stopped:
        return f"! limit reached, {span((max(stopped) - now).total_seconds())}", "error"
    if esi.errors_left < FEW_ERRORS:
        return f"! {esi.errors_left} errors left", "waiting"
    lately = esi.requests[:LATELY]
    failed = sum(r.status is None or r.status >= 500 or r.status in (420, 429) for r in lately)
    if failed:
        return f"! {failed} of {len(lately)} failed", "waiting"
    return ("● ok", "current") if lately else ("· not asked yet", "muted")
