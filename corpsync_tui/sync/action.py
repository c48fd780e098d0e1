"""What came of an action: a sentence for people, a kind for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ActionKind = Literal[
    "done", "started", "running", "queued", "waiting", "current", "cancelled", "nothing"
]
"""Of a run: `running`: it was already; `waiting`: held until ESI is back; `current`: inside ESI's
cache time, so nothing was asked; `nothing`: nothing to cancel, or too late to start anything."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What happened, or why nothing did."""

    sentence: str
    kind: ActionKind = "done"
    current_until: datetime | None = None
    """Where `current`: until when."""
