"""What came of asking for a run, or for its end: a kind for programs, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

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
