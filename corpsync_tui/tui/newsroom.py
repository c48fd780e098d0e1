"""What the Changes and Attention screens ask of the rest of the house, in frozen records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from corpsync_tui.store.changes import ChangeFilter


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change as it is told."""

    id: int
    run_id: int
    when: datetime
    corporation_id: int
    process_type: str
    table_name: str
    kind: str
    sentence: str
    """Bears text from outside."""


@dataclass(frozen=True, slots=True)
class ChangeField:
    """A value before and after; None where the row was not there."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change, field by field."""

    line: ChangeLine
    key: str
    fields: Sequence[ChangeField]


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Changes, newest first."""

    lines: Sequence[ChangeLine] = ()
    new: int = 0
    """Those of all of them that came after the mark."""
    newest: int = 0
    """The id of the last change of all."""
    more: bool = False
    """Whether there are older ones that were not read."""


class Newsroom(Protocol):
    """The change log. Each call may raise a `CorpsyncError`, whose message is shown."""

    async def changes(self, which: ChangeFilter, text: str, mark: int) -> ChangeList:
        """Changes that pass the filter and whose sentence bears the text, in any case."""

    async def change(self, change_id: int) -> ChangeDetail | None:
        """One change in full; None where it was trimmed."""

    async def mark_seen(self) -> None:
        """Say that all that needs a hand was seen."""
