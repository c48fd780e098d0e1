"""What a holder writes for those who watch it: what otherwise only its memory knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from corpsync_tui.decoding import UNREADABLE
from corpsync_tui.queries.records import SyncStatus
from corpsync_tui.service.esi_status import EsiStatus
from corpsync_tui.sync.events import Noticed

KEY = "live"
"""The setting that holds it."""


class Live(msgspec.Struct, frozen=True):
    """How the schedule and ESI stand."""

    pid: int = 0
    """The holder's: what one left that is gone says nothing."""
    waiting: Mapping[str, str] = {}
    """Process ids that wait for a slot or for ESI, and for what."""
    esi_down_since: datetime | None = None
    esi: EsiStatus | None = None
    notices: tuple[Noticed, ...] = ()
    """The last ones."""


def save_live(db: Any, running: Iterable[SyncStatus], live: Live) -> None:
    """Write it, and how far the running processes have come; part of a write."""
    db.executemany(
        "UPDATE sync_status SET progress = ?, current_step = ?, items_processed = ?,"
        " total_items = ? WHERE process_id = ? AND status = 'running'",
        [
            (s.progress, s.current_step, s.items_processed, s.total_items, s.process_id)
            for s in running
        ],
    )
    db.execute(
        "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)",
        (KEY, msgspec.json.encode(live).decode()),
    )


def read_live(db: Any, pid: int) -> Live:
    """What a holder wrote last; nothing is known where that was another one."""
    row = db.execute("SELECT value FROM setting WHERE key = ?", (KEY,)).fetchone()
    with suppress(*UNREADABLE):
        live = msgspec.json.decode(row[0] if row else "{}", type=Live)
        if live.pid == pid:
            return live
    return Live()
