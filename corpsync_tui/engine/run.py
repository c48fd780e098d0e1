"""One execution of a process: reads its data sets, and stores them in the outcome's transaction."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset, Merged
from corpsync_tui.catalog.kit.plans import DAY, Batch, Budget, ForEach
from corpsync_tui.engine.batch import BatchFiller
from corpsync_tui.engine.context import Progress, Reading
from corpsync_tui.engine.copies import Copy, CopyChanges, expire_copies, save_copies
from corpsync_tui.engine.fetch import Target, read_target
from corpsync_tui.engine.foreach import EachReader, Parents
from corpsync_tui.engine.staging import StagedDataset
from corpsync_tui.errors import AuthError, CorpsyncError, DatabaseError
from corpsync_tui.esi.routes import Validator
from corpsync_tui.esi.urls import resource
from corpsync_tui.store.changelog import BULK_ROWS, PACKED_ROWS, ChangeLog
from corpsync_tui.store.keys import Key
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.merge import Progress as MergeProgress


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read what of a process."""

    readers: Mapping[Dataset, Sequence[int]]
    """By data set the characters that can read it, the one that is to ask first."""
    left_out: Mapping[Dataset, str]
    """By data set what nobody has that it takes: `scope:…` or `role:…`."""

    @property
    def first(self) -> int:
        """The character that asks for the first data set."""
        return next(iter(self.readers.values()))[0]


class Run:
    """One execution of a process."""

    def __init__(
        self,
        run_id: int,
        process: Process,
        access: Access,
        reading: Reading,
        report: Callable[[float, str], None],
        *,
        manual: bool,
        bulk_rows: int = BULK_ROWS,
        packed_rows: int = PACKED_ROWS,
    ) -> None:
        self.process = process
        self.reading = reading
        self.manual = manual
        """Asked for by the director: what was refused is asked for again."""
        self.left_out = dict(access.left_out)
        self.collapses: dict[str, str] = {}
        """By table, what the run notes of a snapshot that lost many rows: these may be removed."""
        self.more_to_come = False
        """Whether the next run is due at once."""
        self.committed = Counts()
        """Rows that were stored on the way."""
        self._readers = access.readers
        self._left_expires = math.inf
        self._progress = Progress(report)
        self._spent: dict[Budget, int] = {}
        self._fillers: list[BatchFiller] = []
        self._staged = {
            dataset: StagedDataset(dataset, reading.store, reading.copies)
            for dataset in process.datasets
            if not isinstance(dataset.plan, Batch)
        }
        self._changelog = ChangeLog(
            process.logged,
            reading.corporation_id,
            run_id,
            logs=process.logs,
            bulk_rows=bulk_rows,
            packed_rows=packed_rows,
        )

    async def fetch(self) -> None:
        """From ESI to the stage.

        Raises the error of the first data set where none could be read.
        """
        errors: list[CorpsyncError] = []
        wanted = [d for d in self.process.datasets if d not in self.left_out]
        parts = [dataset for dataset in wanted if dataset in self._staged]
        for dataset in wanted:
            if dataset in parts:
                self._progress.begin(parts.index(dataset), len(parts))
            self.reading.failures.begin()
            try:
                await self._read(dataset, self._readers[dataset])
            except DatabaseError:
                raise
            except CorpsyncError as error:
                await self._fail(dataset, error)
                errors.append(error)
        if errors and not any(staged.answered for staged in self._staged.values()):
            raise min(errors, key=_is_refusal)
        for staged in self._staged.values():
            if staged.changed:
                for stage in staged.stages:
                    await self.reading.store.write(stage.seal, transaction=False)

    async def _read(self, dataset: Dataset, characters: Sequence[int]) -> None:
        plan = dataset.plan
        reading = replace(self.reading, character_id=characters[0])
        if isinstance(plan, Batch):
            await self._fill(dataset, plan, reading)
        elif isinstance(plan, ForEach):
            await self._read_each(dataset, plan, reading, characters)
        elif not reading.failures.skips(_label(dataset)):
            path = reading.path({})
            target = Target(path, plan.parameters, path, on_page=self._progress.page)
            url = resource(dataset.route.path, path, plan.parameters)
            if self._is_refused(reading.copies.pages(dataset.table, url).values()):
                self.left_out[dataset] = _need(dataset)
                return
            staged = self._staged[dataset]
            staged.gone = staged.resources - {url}
            await read_target(reading, staged, plan, target)
            reading.failures.came()
            staged.came = True

    async def _read_each(
        self, dataset: Dataset, plan: ForEach, reading: Reading, characters: Sequence[int]
    ) -> None:
        parents = self._parents(dataset, plan)
        if parents is None:
            return
        reader = EachReader(
            reading,
            self._staged[dataset],
            plan,
            progress=self._progress,
            spent=self._spent,
            commit=self._commit,
        )
        await reader.read(parents, characters)
        self.more_to_come = self.more_to_come or reader.more_to_come
        self._left_expires = min(self._left_expires, reader.left_expires)

    def _parents(self, dataset: Dataset, plan: ForEach) -> Parents | None:
        """What a plan's units are taken from; None where it is not known what ESI lists."""
        if not isinstance(plan.of, type):
            return Parents((), None)
        of = [s for d, s in self._staged.items() if d.model is plan.of]
        if barred := [self.left_out[s.dataset] for s in of if s.dataset in self.left_out]:
            self.left_out[dataset] = barred[0]
        if not all(staged.came for staged in of):
            return None
        tracked = [staged for staged in of if staged.dataset.tracked]
        if not tracked:
            return Parents(of, None)
        if not all(staged.complete for staged in tracked):
            return None
        return Parents(of, set().union(*(staged.listed() for staged in tracked)))

    async def _fill(self, dataset: Dataset, plan: Batch, reading: Reading) -> None:
        rows = next(s for d, s in self._staged.items() if d.model is dataset.model)
        if rows.complete:
            filler = BatchFiller(reading, dataset, plan, rows)
            await filler.ask()
            self._fillers.append(filler)

    def _is_refused(self, copies: Iterable[Copy]) -> bool:
        """Whether ESI refused a data set within a day, and the director does not ask himself."""
        now = self.reading.clock.time()
        return not self.manual and any(
            copy.refused is not None and copy.validator.expires > now for copy in copies
        )

    async def _fail(self, dataset: Dataset, error: CorpsyncError) -> None:
        """A data set could not be read: what of it came is forgotten, its rows stay."""
        staged = self._staged.get(dataset)
        if staged is not None:
            for partition in staged.partitions.values():
                await staged.drop(partition)
        if _is_refusal(error) and staged is not None:
            self.left_out[dataset] = _need(dataset)
            again = Validator(None, None, self.reading.clock.time() + DAY)
            if not isinstance(dataset.plan, ForEach):
                staged.refused = {url: Copy(again, refused=403) for url in staged.partitions}
        else:
            self.reading.failures.add(_label(dataset), error, whole=True)

    async def _commit(self, staged: StagedDataset) -> None:
        """Store what is staged of a data set now: a killed run keeps what it paid for."""
        reading = self.reading

        def work(db: Connection) -> Counts:
            with self._changelog.listening(db, reading.clock.time(), begins=False):
                counts = staged.merge(db, reading.corporation_id, _unheard)
            save_copies(db, reading.process_id, staged.copy_changes(), reading.copies.by_key)
            return counts

        self.committed += await reading.store.write(work)
        await staged.clear()

    def apply(self, db: Connection, progress: MergeProgress) -> Counts:
        """Put everything into the tables: called inside the transaction of the outcome."""
        counts, reading = Counts(), self.reading
        now = reading.clock.time()
        if self.changed or self._fillers or self._hooked:
            with self._changelog.listening(db, now, begins=not self.more_to_come):
                counts = self._merge(db, progress)
                for filler in self._fillers:
                    counts += filler.apply(db)
                for staged in self._hooked:
                    counts += _work_on(staged, db, reading.corporation_id, now)
        changes = self._copy_changes()
        save_copies(db, reading.process_id, changes, reading.copies.by_key)
        if counts.missing:
            expire_copies(db, reading.process_id)
        return counts

    @property
    def _hooked(self) -> list[StagedDataset]:
        """The data sets whose tables are worked on, where all that ESI lists is known."""
        return [s for d, s in self._staged.items() if d.after is not None and s.complete]

    def _merge(self, db: Connection, progress: MergeProgress) -> Counts:
        total = sum(stage.rows for staged in self._staged.values() for stage in staged.stages)
        counts, done = Counts(), 0
        for staged in self._staged.values():
            merged = staged.merge(db, self.reading.corporation_id, _shifted(progress, done, total))
            if staged.dataset.table not in self.collapses:
                staged.check_collapse(db, self.reading.corporation_id, merged)
            counts += merged
            done += sum(stage.rows for stage in staged.stages)
        return counts

    def _copy_changes(self) -> CopyChanges:
        changes = CopyChanges()
        for staged in self._staged.values():
            found = staged.copy_changes()
            changes.saved |= found.saved
            changes.dropped += found.dropped
        for filler in self._fillers:
            if filler.copy is not None:
                changes.saved[filler.key] = filler.copy
        return changes

    @property
    def items(self) -> int:
        """Rows that ESI lists now, as far as this run has seen."""
        return sum(copy.rows for staged in self._staged.values() for copy in staged.copies())

    def current_until(self) -> float | None:
        """When the first of the copies expires, in Unix seconds; None when one is missing."""
        if len(self.reading.failures) or self.more_to_come:
            return None
        copies = [copy for staged in self._staged.values() for copy in staged.copies()]
        expires = [copy.validator.expires for copy in copies]
        return min([*expires, self._left_expires]) if expires else None

    @property
    def changed(self) -> bool:
        """Whether anything was read, or committed on the way."""
        return any(s.changed for s in self._staged.values()) or self.committed.added > 0

    @property
    def duplicates(self) -> int:
        """Rows that ESI listed twice; what several characters are sent is no such row."""
        staged = [s for s in self._staged.values() if not s.dataset.is_personal]
        return sum(stage.duplicates for s in staged for stage in s.stages)

    @property
    def notes(self) -> list[str]:
        """What the run has to say that is no error."""
        notes = [
            f"{dataset.table} left out: {need} is missing"
            for dataset, need in self.left_out.items()
        ]
        for filler in self._fillers:
            if not filler.complete:
                notes.append(
                    f"some {filler.plan.column}s of {filler.dataset.table} could not be read"
                )
        for dataset, staged in self._staged.items():
            if cut_off := staged.cut_off:
                notes.append(
                    f"{_label(dataset)} begins late for {cut_off} of its parts: ESI lists the "
                    f"newest {dataset.most:,} rows of each"
                )
        notes.extend(self.collapses.values())
        if duplicates := self.duplicates:
            notes.append(f"{duplicates} duplicate" + ("s" if duplicates > 1 else ""))
        return notes

    async def close(self) -> None:
        """Give the stages' room back."""
        for staged in self._staged.values():
            await staged.clear()


def _is_refusal(error: CorpsyncError) -> bool:
    """Whether a scope or role is missing, so that others may still be read."""
    return isinstance(error, AuthError) and error.status == 403


def _label(dataset: Dataset) -> str:
    """What messages call a data set: `mining extractions`."""
    return dataset.tables[0].title.lower()


def _need(dataset: Dataset) -> str:
    """What a data set takes, where ESI refuses it to a login that grants its scope.

    Of a few routes CCP's document does not tell the role; a Director has every one.
    """
    return f"role:{next(iter(dataset.route.roles), 'Director')}"


def _work_on(staged: StagedDataset, db: Connection, corporation_id: int, now: float) -> Counts:
    after = staged.dataset.after
    if after is None:
        return Counts()
    listed: set[Key] = staged.listed()
    return after(Merged(db, corporation_id, now, listed))


def _unheard(_done: int, _total: int) -> None:
    """Rows that are committed on the way have no progress of their own."""


def _shifted(progress: MergeProgress, before: int, total: int) -> MergeProgress:
    return lambda done, _: progress(before + done, total)
