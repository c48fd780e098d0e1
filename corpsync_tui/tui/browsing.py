"""What the Data screen asks of the rest of the house; `tui.verbs` stays as small as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from corpsync_tui.store.browse_types import BrowseRow, BrowseTable, Detail, Key, View


class Listing(Protocol):
    """The rows of a view in their order, as of one moment."""

    @property
    def view(self) -> View:
        """What was asked for."""

    @property
    def rows(self) -> int:
        """How many there are."""

    @property
    def complete(self) -> bool:
        """Whether these are all of the view."""

    async def window(self, start: int, count: int, columns: Sequence[str]) -> list[BrowseRow]:
        """The rows from a place on, from 0."""

    async def find(self, key: Key) -> int | None:
        """The place of a row."""

    async def outdated(self) -> bool:
        """Whether anything was written since."""


class Browsing(Protocol):
    """The tables. Each call may raise a `CorpsyncError`, whose message is shown."""

    @property
    def tables(self) -> Mapping[str, BrowseTable]:
        """What can be browsed, by name, in the order of the processes."""

    async def listing(self, view: View, *, limit: int | None = None) -> Listing:
        """The rows of a view, or the first of them at once."""

    async def warm(self, view: View) -> None:
        """Work out what filters and orders to come will need; the next listing ends it."""

    async def detail(self, table: str, key: Key) -> Detail | None:
        """All that is known of one row."""

    async def counts(self, corporation_id: int | None) -> dict[str, int]:
        """How many rows each table has."""

    async def export(self, view: View, columns: Sequence[str], file: Path) -> int:
        """Write the rows to a new file in the format that its name says; their number."""
