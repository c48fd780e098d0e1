"""One execution of a process: what a process file may ask for while it fetches.

A run reads pages, stages rows and remembers failures; it commits nothing by itself (but for
killmails, see `commit_rows`). The executor applies it in the transaction of its outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from corpsync_tui.clock import Clock
from corpsync_tui.engine import fetch as reading
from corpsync_tui.engine.copies import Copy, drop_copies, save_copies
from corpsync_tui.engine.failures import Failures
from corpsync_tui.engine.staging import Collected
from corpsync_tui.errors import CorpsyncError, DatabaseError, SnapshotRenewedError
from corpsync_tui.esi.routes import Answer, RequestStats, Route
from corpsync_tui.esi.urls import resource
from corpsync_tui.store.changelog import BULK_ROWS, ChangeLog
from corpsync_tui.store.merge import Counts, Progress
from corpsync_tui.store.schema import Table

if TYPE_CHECKING:  # a declaration needs neither HTTP nor a store: `corpsync export` is to be quick
    from corpsync_tui.catalog.kit.base import Dataset, Process
    from corpsync_tui.esi.client import EsiClient
    from corpsync_tui.store.database import Store

Place = Mapping[str, int | str]

RESTARTS = 2
"""How often a snapshot that is renewed while its pages are read is begun anew."""


@dataclass(slots=True)
class Run:
    """What a process fetches with."""

    id: int
    """The row of the history."""
    process: Process
    corporation_id: int
    character_id: int
    client: EsiClient
    store: Store
    clock: Clock
    traffic: RequestStats
    copies: Mapping[str, Copy]
    """The copies in hand, by URL."""
    report: Callable[[float, str], None]
    """Told how far the fetching is, 0 to 1, and a detail for the step's brackets."""
    concurrency: int = 4
    """Requests that the run holds open at most."""
    manual: bool = False
    """Asked for by the director: may draw on the limits' reserve."""

    bulk_rows: int = BULK_ROWS
    """Changed rows above which the change log keeps their number alone."""
    collapse_accepted: bool = False
    """Whether a snapshot may lose most of its rows: a backup was made."""
    more_to_come: bool = False
    """Whether the next run is due at once."""
    failures: Failures = field(default_factory=Failures)
    notes: list[str] = field(default_factory=list)
    afterwards: list[Callable[[Connection], Counts]] = field(default_factory=list)
    """What remains to be done inside the transaction, after the merges."""
    side_copies: dict[str, Copy] = field(default_factory=dict)
    """Copies to be kept that do not count for how current the process is, such as names."""
    committed: Counts = field(default_factory=Counts)
    """Rows that `commit_rows` has stored already."""
    unit_number: int = 0
    """The unit that rows are staged for; 0 outside any."""
    changelog: ChangeLog = field(init=False)
    _collected: dict[int, Collected] = field(default_factory=dict)
    _part: tuple[float, float, str] = (0.0, 1.0, "")
    _units: int = 0

    def __post_init__(self) -> None:
        news = dict.fromkeys(d.model for d in self.process.datasets if d.counted)
        self.changelog = ChangeLog(
            map(Table.of, news), self.corporation_id, self.id, bulk_rows=self.bulk_rows
        )

    @property
    def process_id(self) -> str:
        """`<corporation_id>/<process type>`."""
        return f"{self.corporation_id}/{self.process.type}"

    def part(self, number: int, parts: int, detail: str = "") -> None:
        """Say that part `number` (from 0) of `parts` begins."""
        self._part = (number / parts, 1 / parts, detail)
        self.report(number / parts, detail)

    def page(self, number: int, count: int) -> None:
        """Say how many pages of the present part are here."""
        start, share, detail = self._part
        if not detail and count > 1:
            detail = f"page {number} of {count}"
        self.report(start + share * number / max(count, 1), detail)

    def path(self, place: Place) -> Place:
        """The values of a route's template: the corporation, and what the process adds."""
        return {"corporation_id": self.corporation_id, **place}

    def url(self, route: Route, place: Place, query: Place) -> str:
        """The URL that the copy of this request is kept under."""
        return resource(route.path, self.path(place), query)

    def collected(self, dataset: Dataset) -> Collected:
        """What this run has gathered for a data set."""
        found = self._collected.get(id(dataset))
        if found is None:
            found = self._collected[id(dataset)] = Collected.of(dataset, self.store)
        return found

    def listed(self, dataset: Dataset) -> set[int]:
        """The page keys of every row that ESI lists now, read or unchanged."""
        return self.collected(dataset).listed()

    async def collect(
        self,
        dataset: Dataset,
        *,
        path: Place | None = None,
        query: Place | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Read every page of the data set's route that changed, and stage its rows.

        `path` and `query` fill the route; `context` gives the added columns.
        """
        share = self.collected(dataset)
        place, query, context = path or {}, query or {}, context or {}
        held: dict[str, Answer] = {}
        for attempt in range(RESTARTS + 1):
            try:
                await reading.read_pages(self, share, place, query, context, held)
            except SnapshotRenewedError:
                if attempt == RESTARTS:
                    raise
                await share.restart(self.unit_number)
            else:
                return

    async def walk_back(
        self, dataset: Dataset, id_column: str, *, path: Place, context: Mapping[str, Any]
    ) -> None:
        """Read a log by `from_id`, newest first, back to what an earlier run has committed."""
        await reading.walk_back(self, self.collected(dataset), id_column, path, context)

    async def collect_each(self, dataset: Dataset, wanted: Sequence[tuple[str, Place]]) -> None:
        """Read things one by one, side by side; each is a unit of its own, named in `wanted`."""
        await reading.read_each(self, self.collected(dataset), wanted)

    async def unit(self, label: str, work: Coroutine[Any, Any, None]) -> None:
        """Await `work` as a unit: where it fails, its rows go and the other units stay."""
        if self.failures.skips(label):
            work.close()
            return
        self._units += 1
        self.unit_number = self._units
        try:
            await work
            self.failures.came()
        except DatabaseError:
            raise
        except CorpsyncError as error:
            for share in self._collected.values():
                await share.drop_unit(self.unit_number)
            self.failures.add(label, error)
        finally:
            self.unit_number = 0

    async def query(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Rows that are committed."""
        return await self.store.read(lambda db: db.execute(sql, parameters).fetchall())

    async def staged(self, work: Callable[[Connection], Any]) -> Any:
        """Work on the stage, on the writer's thread, outside any transaction."""
        return await self.store.write(work, transaction=False)

    async def commit_rows(self) -> None:
        """Store what is staged now, without the copies: a killed run keeps what it paid for.

        Only for a log whose rows are fetched one by one.
        """
        self.committed += await self.store.write(self._merge_batch)
        for share in self._collected.values():
            await share.stage.drop()
            share.changed = False

    def _merge_batch(self, db: Connection) -> Counts:
        with self.changelog.listening(db, self.clock.time(), begins=False):
            return self._merge(db, _unheard)

    def apply(self, db: Connection, progress: Progress) -> Counts:
        """Put everything into the tables: called inside the transaction of the outcome."""
        counts = Counts()
        if self.changed or self.afterwards:
            with self.changelog.listening(db, self.clock.time(), begins=not self.more_to_come):
                counts = self._merge(db, progress)
                for work in self.afterwards:
                    counts += work(db)
        copies = self._copies() | self.side_copies
        if counts.missing:
            drop_copies(db, self.process_id, self.copies)
        else:
            save_copies(db, self.process_id, copies, self.copies)
            if not self.failures:
                vanished = {u: c for u, c in self.copies.items() if u not in copies}
                drop_copies(db, self.process_id, vanished)
        return counts

    def _merge(self, db: Connection, progress: Progress) -> Counts:
        shares = list(self._collected.values())
        total = sum(share.stage.rows for share in shares)
        counts, done = Counts(), 0
        for share in shares:
            rows = share.stage.rows
            merged = share.merge(db, self.corporation_id, _shifted(progress, done, total))
            if not self.collapse_accepted:
                share.check_collapse(db, self.corporation_id, merged)
            counts += merged
            done += rows
        return counts

    def _copies(self) -> dict[str, Copy]:
        return {
            url: copy for share in self._collected.values() for url, copy in share.copies.items()
        }

    @property
    def items(self) -> int:
        """Rows that ESI lists now, as far as this run has seen."""
        return sum(copy.rows for copy in self._copies().values())

    def current_until(self) -> float | None:
        """When the first of the copies expires, in Unix seconds; None when one is missing."""
        if self.failures or self.more_to_come:
            return None
        return min((c.validator.expires for c in self._copies().values()), default=None)

    @property
    def changed(self) -> bool:
        """Whether any page was read, or anything was committed on the way."""
        return any(share.changed for share in self._collected.values()) or self.committed.added > 0

    @property
    def duplicates(self) -> int:
        """Rows that ESI listed twice."""
        return sum(share.stage.duplicates for share in self._collected.values())

    async def seal(self) -> None:
        """All is read: put the staged rows in order, and find what ESI listed twice.

        Raises `EsiError` where a snapshot's pages repeat each other.
        """
        for share in self._collected.values():
            if share.changed:
                await self.staged(share.stage.seal)
            if share.changed and share.dataset.merge == "snapshot":
                await self.staged(share.check_repeated)

    async def close(self) -> None:
        """Give the stages' room back."""
        for share in self._collected.values():
            await share.stage.drop()


def _unheard(_done: int, _total: int) -> None:
    """Rows that are committed on the way have no progress of their own."""


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)
