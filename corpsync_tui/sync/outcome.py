"""What a run brings home, beside the rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Counts(Protocol):
    """What a merge did to its tables."""

    @property
    def added(self) -> int:
        """Rows that were not there."""

    @property
    def changed(self) -> int:
        """Rows that were there with other values."""

    @property
    def removed(self) -> int:
        """Rows that are gone."""


Apply = Callable[[Any], Counts | None]
"""Merges on the connection it is given, inside the transaction that also writes the outcome."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The facts of a run that has come to its end, in whatever way."""

    items: int = 0
    rows_added: int = 0
    """Rows that the run committed before its last transaction, as are the two below."""
    rows_changed: int = 0
    rows_removed: int = 0
    items_failed: int = 0
    """Divisions, observers or killmails that did not come."""
    error_message: str | None = None
    """Names them, where the run succeeded all the same; a failed run's error names its own."""
    note: str | None = None
    requests_sent: int = 0
    not_modified: int = 0
    current_until: datetime | None = None
    """When the first of the copies in hand expires; None when one is missing."""
    more_to_come: bool = False
    """The run stopped at its share of a long list: the process is due again at once."""


NOTHING = Outcome()
"""The outcome of a run that came to nothing."""
