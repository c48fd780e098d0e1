"""What one run has gathered for one data set: its stages, and what became of each partition."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import TYPE_CHECKING

from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.plans import Cursor, ForEach
from corpsync_tui.engine.copies import Copies, Copy, CopyChanges
from corpsync_tui.errors import CorpsyncError, EsiError
from corpsync_tui.store.keys import Key, unpack_keys
from corpsync_tui.store.merge import Counts, Partitions, Progress, merge_stage
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
        self.table = table
        self.suspect = before >= SUSPECT_FROM and removed * 2 > before


@dataclass(slots=True)
class Partition:
    """What one resource (one answer, or all its pages) brought in this run.

    Copies stand in tuples: one for each table of the data set.
    """

    resource: str
    """Its URL, without a page."""
    number: int
    """What its rows bear in the stage, so that they can be dropped; 0 where it stands alone."""
    known: Mapping[str, tuple[Copy, ...]]
    """By URL, what was in hand."""
    now: dict[str, tuple[Copy, ...]] = field(default_factory=dict)
    """By URL, what was read or found unchanged."""
    read: set[str] = field(default_factory=set)
    failed: bool = False
    """Its rows stay as they are, and so does what was in hand."""

    def restart(self) -> None:
        """Forget what was read."""
        self.now.clear()
        self.read.clear()

    @property
    def vanished(self) -> list[str]:
        """URLs of pages that are no more."""
        return [] if self.failed else [url for url in self.known if url not in self.now]

    @property
    def changed(self) -> bool:
        """Whether there is anything to merge."""
        return not self.failed and bool(self.read or self.vanished)

    def kept(self, table: int) -> Iterator[bytes]:
        """The keys of rows that stay as they are."""
        if self.failed:
            yield from (copies[table].keys for copies in self.known.values())
        else:
            yield from (c[table].keys for url, c in self.now.items() if url not in self.read)

    def check_repeated(self, *, whole_numbers: bool) -> None:
        """Raise `EsiError` where more than a tenth of a page stands on another page, too.

        So answers a cache that forgets the query; what stood on the true page would be removed.
        """
        pages = {
            url: unpack_keys(copies[0].keys, whole_numbers=whole_numbers)
            for url, copies in self.now.items()
        }
        read = [keys for url, keys in pages.items() if url in self.read]
        new = set[Key]().union(*read)
        others = (keys for url, keys in pages.items() if url not in self.read)
        if sum(map(len, read)) == len(new) and all(map(new.isdisjoint, others)):
            return
        seen: set[Key] = set()
        for url, keys in pages.items():
            repeated = len(seen.intersection(keys))
            if repeated > 1 and repeated * 10 > len(keys):
                raise EsiError(
                    f"{repeated:,} of {len(keys):,} rows at {url} stand on another page, too: "
                    "rows kept"
                )
            seen.update(keys)

    def stale(self, table: int) -> Iterator[bytes]:
        """The keys that changed and vanished URLs held before."""
        for url in (*self.read, *self.vanished) if not self.failed else ():
            if url in self.known:
                yield self.known[url][table].keys


class StagedDataset:
    """A data set's share of a run."""

    def __init__(self, dataset: Dataset, store: Store, copies: Copies) -> None:
        self.dataset = dataset
        self._copies = copies
        plan = dataset.plan
        each = plan.each if isinstance(plan, ForEach) else plan
        last_wins = isinstance(each, Cursor)
        self.stages = [Stage(store, table, last_wins=last_wins) for table in dataset.tables]
        self.partitions: dict[str, Partition] = {}
        """By resource, those that this run has asked for."""
        self.gone: set[str] = set()
        """Resources whose parent ESI lists no more."""
        self.refused: dict[str, Copy] = {}
        """By URL, what ESI does not give."""
        self._once = isinstance(dataset.plan, ForEach) and dataset.plan.once
        own = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(dataset.route.path)))
        self.resources = {
            resource
            for resource in copies.resources(dataset.table)
            if own.fullmatch(resource.partition("?")[0])
        }
        """What is in hand of this data set's route; the table may have another."""
        self.came = False
        """Whether the data set was read as far as its plan goes; units of it may have failed."""
        self.answered = False
        """Whether any of it was read, or found unchanged."""

    def partition(self, resource: str, number: int = 0) -> Partition:
        """A resource that is about to be asked for."""
        found = Partition(resource, number, self.known(resource))
        self.partitions[resource] = found
        return found

    def known(self, resource: str) -> dict[str, tuple[Copy, ...]]:
        """By URL, the copies in hand of which every table has its part."""
        first, *others = (self._copies.pages(t.name, resource) for t in self.dataset.tables)
        return {
            url: (copy, *(pages[url] for pages in others))
            for url, copy in first.items()
            if copy.refused is None and all(url in pages for pages in others)
        }

    async def clear(self) -> None:
        """Forget everything: it is stored."""
        self.partitions.clear()
        self.refused.clear()
        for stage in self.stages:
            await stage.drop()

    async def drop(self, partition: Partition) -> None:
        """Forget the rows that a partition has staged."""
        for stage in self.stages:
            await stage.drop_unit(partition.number)

    @property
    def changed(self) -> bool:
        """Whether there is anything to merge."""
        return any(p.changed for p in self.partitions.values()) or bool(self.gone)

    @property
    def complete(self) -> bool:
        """Whether all that ESI lists of this data set is known."""
        if not self.came or any(p.failed for p in self.partitions.values()):
            return False
        return all(
            copy.keys or not copy.rows
            for partition in self.partitions.values()
            for copies in partition.now.values()
            for copy in copies
        )

    def seen_counts(self) -> Counter[int]:
        """How often each page key stands on the pages that did not change."""
        found: Counter[int] = Counter()
        for partition in self.partitions.values():
            for keys in partition.kept(0):
                found.update(array("q", keys))
        return found

    def listed(self) -> set[Key]:
        """Every identity that ESI lists now: read, unchanged, or not asked for in this run."""
        numbers = self.dataset.tables[0].is_numbered
        return {
            key
            for copy in (*self.copies(), *self._not_asked())
            for key in unpack_keys(copy.keys, whole_numbers=numbers)
        }

    def copies(self) -> list[Copy]:
        """What this run read or found unchanged, of the data set's own table."""
        return [c[0] for p in self.partitions.values() if not p.failed for c in p.now.values()]

    @property
    def cut_off(self) -> int:
        """Units of a first load whose rows before the oldest one ESI does not list."""
        most = self.dataset.most
        return sum(
            not (p.failed or p.known) and sum(c[0].rows for c in p.now.values()) >= most
            for p in self.partitions.values()
            if most is not None
        )

    def _not_asked(self, table: int = 0) -> Iterator[Copy]:
        """Copies of what is listed still, and was not asked for in this run."""
        name = self.dataset.tables[table].name
        for resource in self.resources - self.gone - self.partitions.keys():
            yield from self._copies.pages(name, resource).values()

    def copy_changes(self) -> CopyChanges:
        """What this run makes of the copies in hand."""
        changes, names = CopyChanges(), [table.name for table in self.dataset.tables]
        for partition in self.partitions.values():
            if not partition.failed:
                for url, copies in partition.now.items():
                    if self._once and copies[0].rows:
                        continue  # its rows tell that it was read
                    changes.saved.update({(n, url): c for n, c in zip(names, copies, strict=True)})
            changes.dropped += [(name, url) for name in names for url in partition.vanished]
        for url, copy in self.refused.items():
            kept = self.known(url).get(url, (Copy(copy.validator),) * len(names))
            for name, before in zip(names, kept, strict=True):
                refusal = Copy(copy.validator, before.rows, before.keys, None, copy.refused)
                changes.saved[name, url] = refusal
        for resource in self.gone:
            changes.dropped += [
                (name, url) for name in names for url in self._copies.pages(name, resource)
            ]
        return changes

    def merge(self, db: Connection, corporation_id: int, progress: Progress) -> Counts:
        """Put the stages into their tables; inside a transaction."""
        counts = Counts()
        if not self.changed:
            return counts
        for index, stage in enumerate(self.stages):
            counts += merge_stage(
                db,
                stage,
                corporation_id,
                self.dataset.merge,
                self._partitions(index) if self.dataset.merge == "snapshot" else Partitions(),
                final=self.dataset.final,
                progress=progress,
            )
        return counts if self.dataset.counted else Counts(missing=counts.missing)

    def _partitions(self, table: int) -> Partitions:
        kept: list[bytes] = []
        stale: list[bytes] = []
        for partition in self.partitions.values():
            kept += partition.kept(table)
            stale += partition.stale(table)
        kept += (copy.keys for copy in self._not_asked(table))
        name = self.dataset.tables[table].name
        for resource in self.gone:
            stale += (copy.keys for copy in self._copies.pages(name, resource).values())
        return Partitions(kept, stale, self.complete)

    def check_collapse(self, db: Connection, corporation_id: int, counts: Counts) -> None:
        """Raise `SnapshotCollapsedError` where a merge just removed much of a table."""
        if counts.removed < NOTED_FROM:
            return
        now = sum(db.execute(s.table.count(corporation_id)).fetchone()[0] for s in self.stages)
        before = now - counts.added + counts.removed
        if counts.removed * 4 > before:
            raise SnapshotCollapsedError(self.dataset.table, counts.removed, before)


def packed_copies(
    dataset: Dataset, rows: Sequence[Sequence[tuple[object, ...]]], copy: Copy
) -> tuple[Copy, ...]:
    """A copy for each table, with the keys of the rows that came."""
    return tuple(
        Copy(copy.validator, len(part), dataset.packed(part, table), copy.after)
        for part, table in zip(rows, dataset.tables, strict=True)
    )
