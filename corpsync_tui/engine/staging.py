"""What one run has gathered for one data set, and how it goes into the table."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import TYPE_CHECKING

from corpsync_tui.catalog.kit.base import Dataset
from corpsync_tui.engine.copies import Copy
from corpsync_tui.errors import CorpsyncError, EsiError
from corpsync_tui.store.merge import (
    Counts,
    Progress,
    merge_ledger,
    merge_log,
    merge_snapshot,
)
from corpsync_tui.store.schema import Table
from corpsync_tui.store.stage import Stage

if TYPE_CHECKING:
    from corpsync_tui.store.database import Store

SUSPECT_FROM = 100
"""Rows from which on a table that loses more than half of them is suspect."""
NOTED_FROM = 5
"""Rows that a table must lose, if they are more than a quarter of it, for the run to note it."""


class SnapshotCollapsedError(CorpsyncError):
    """A snapshot would lose many rows: that is noted, and where `suspect` a backup comes first."""

    def __init__(self, table: str, removed: int, before: int) -> None:
        super().__init__(f"removed {removed:,} of {before:,} rows of {table}")
        self.suspect = before >= SUSPECT_FROM and removed * 2 > before


@dataclass(slots=True)
class Collected:
    """A data set's share of a run: the stage, and which pages stayed as they were."""

    dataset: Dataset
    stage: Stage
    copies: dict[str, Copy] = field(default_factory=dict)
    """What is known of each URL read or confirmed in this run, to be stored with the rows."""
    units: dict[str, int] = field(default_factory=dict)
    """Which unit each of those URLs belongs to."""
    kept: list[bytes] = field(default_factory=list)
    """Page keys of the pages that did not change."""
    gone: list[bytes] = field(default_factory=list)
    """Page keys that changed or vanished pages held before."""
    changed: bool = False
    """Whether any page was read."""

    @classmethod
    def of(cls, dataset: Dataset, store: Store) -> Collected:
        """Nothing yet."""
        return cls(dataset, Stage(store, Table.of(dataset.model)))

    def keep(self, url: str, unit: int, copy: Copy) -> None:
        """Remember a URL's copy, new or confirmed."""
        self.copies[url] = copy
        self.units[url] = unit

    async def drop_unit(self, unit: int) -> None:
        """Forget what a unit that failed had brought."""
        for url in [u for u, number in self.units.items() if number == unit]:
            del self.copies[url], self.units[url]
        await self.stage.drop_unit(unit)

    async def restart(self, unit: int) -> None:
        """Forget the pages of a snapshot that was renewed while it was read."""
        await self.drop_unit(unit)
        self.kept.clear()
        self.gone.clear()

    def alike(self) -> Counter[int]:
        """How often each page key stands on the pages that did not change."""
        found: Counter[int] = Counter()
        for keys in self.kept:
            found.update(array("q", keys))
        return found

    def listed(self) -> set[int]:
        """Every page key that ESI lists now, on pages read and on pages unchanged."""
        return {key for copy in self.copies.values() for key in array("q", copy.keys)}

    def check_repeated(self, _: object = None) -> None:
        """Raise `EsiError` where more than a tenth of a page stands on another page, too.

        So answers a cache that forgets the query; what stood on the true page would be removed.
        """
        pages = [array("q", copy.keys) for copy in self.copies.values()]
        if sum(map(len, pages)) == len(set().union(*pages)):
            return
        seen: set[int] = set()
        for url, keys in zip(self.copies, pages, strict=True):
            repeated = len(seen.intersection(keys))
            if repeated > 1 and repeated * 10 > len(keys):
                raise EsiError(
                    f"{repeated:,} of {len(keys):,} rows at {url} stand on another page, too: "
                    "rows kept"
                )
            seen.update(keys)

    def check_collapse(self, db: Connection, corporation_id: int, counts: Counts) -> None:
        """Raise `SnapshotCollapsedError` where a merge just removed much of a table."""
        if counts.removed < NOTED_FROM:
            return
        now = db.execute(self.stage.table.count(), (corporation_id,)).fetchone()[0]
        before = now - counts.added + counts.removed
        if counts.removed * 4 > before:
            raise SnapshotCollapsedError(self.dataset.table, counts.removed, before)

    def merge(self, db: Connection, corporation_id: int, progress: Progress) -> Counts:
        """Put the stage into the table; inside the run's transaction."""
        if not self.changed:
            return Counts()
        table, merge = self.stage.table, self.dataset.merge
        if merge == "log":
            counts = merge_log(db, table, self.stage, corporation_id, progress=progress)
            return counts if self.dataset.counted else Counts()
        if merge == "ledger":
            return merge_ledger(db, table, self.stage, corporation_id, progress=progress)
        return merge_snapshot(
            db,
            table,
            self.stage,
            corporation_id,
            kept=self.kept,
            gone=self.gone if self.kept else None,
            progress=progress,
        )
