"""A loss that can be decided on by hand, and what is decided of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MarkState = Literal["to_pay", "paid", "refused", "open"]
"""What may be decided; `open` takes back what was."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A loss that can be decided on, and what would be paid for it in ISK."""

    killmail_id: int
    owed: float


@dataclass(frozen=True, slots=True)
class Mark:
    """What is decided of a loss."""

    killmail_id: int
    state: MarkState
    paid: float | None = None
    """ISK that were paid, or are to be; None: not said."""
    note: str = ""
