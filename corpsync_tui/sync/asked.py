"""What came of asking for a run, or for its end: a kind for programs, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from corpsync_tui.queries.records import split_id

AskedKind = Literal["started", "running", "queued", "waiting", "current", "cancelled", "nothing"]
"""`running`: it was already; `waiting`: held until ESI is back; `current`: inside ESI's cache
time, so nothing was asked; `nothing`: nothing to cancel, or too late to start anything."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a verb."""

    process_id: str
    kind: AskedKind
    sentence: str
    current_until: datetime | None = None
    """Where `current`: until when."""


def name_of(process_id: str) -> str:
    """`98000001/container_logs` as `Container logs`."""
    return split_id(process_id)[1].replace("_", " ").capitalize()


def eve_time(moment: datetime, now: datetime) -> str:
    """The moment as EVE time, with its date unless that is today."""
    return moment.strftime("%H:%M" if moment.date() == now.date() else "%Y-%m-%d %H:%M")


def span(seconds: float) -> str:
    """A stretch of time in the unit that fits: `45 s`, `12 min`, `8 h`, `365 days`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"
