"""Ids to names, once a run's rows are stored. Names never hold up a run, and never fail one.

What is still to be looked up is a row of `nameless_id`, so that neither a failure nor the end of
the program loses it. ESI: POST `/universe/names` takes up to 1,000 unique ids and refuses all of
them for one that it does not know; structures have a route of their own, which answers 403 without
docking access, as do moons and planets, which the static data mostly know.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from corpsync_tui.catalog.kit.decoder import decode_each
from corpsync_tui.clock import Clock
from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.errors import AuthError, CorpsyncError, DatabaseError, GoneError
from corpsync_tui.esi.routes import Answer, RequestStats, Route
from corpsync_tui.names.ids import (
    Pending,
    find_static_names,
    find_unnamed,
    forget_named,
    load_pending,
    postpone,
    remember,
)
from corpsync_tui.store.database import Store
from corpsync_tui.store.schema import Table

NAMES = Route("/universe/names")
STRUCTURE = Route(
    "/universe/structures/{structure_id}",
    cache_seconds=3600,
    scope="esi-universe.read_structures.v1",
)
CELESTIALS = {
    "moon": Route("/universe/moons/{moon_id}"),
    "planet": Route("/universe/planets/{planet_id}"),
}
"""By kind."""

BATCH = 1_000
"""Ids of one request: ESI's limit."""
REFUSALS = 20
"""Refused requests after which the rest waits for the next time: a fifth of the error limit."""
SIDE_BY_SIDE = 4
"""Structures asked for at once."""
PATIENCE = 30.0
"""Seconds that names may take."""
HOUR, DAY, WEEK = 3_600.0, 86_400.0, 7 * 86_400.0
RENEWED_AFTER = 30 * DAY
"""Seconds after which a name is asked for again."""
UNKNOWN_FOR = (HOUR, DAY, WEEK)
"""Seconds until an id without a name is asked for again, after each answer without one."""
FORBIDDEN_FOR = (DAY, WEEK)
"""The same for a structure that may not be docked at."""
FIRST_PAUSE, LONGEST_PAUSE = 60.0, HOUR
"""Seconds in which a route that failed is left alone: at first, and after doubling at the most."""

log = logging.getLogger(__name__)


class Client(Protocol):
    """What is needed of `EsiClient`."""

    async def post(
        self,
        route: Route,
        *,
        path: Mapping[str, int | str],
        body: object,
        character_id: int | None = None,
        traffic: RequestStats,
    ) -> bytes:
        """Post a body; the answer's bytes."""

    async def get(
        self,
        route: Route,
        *,
        path: Mapping[str, int | str],
        character_id: int | None = None,
        traffic: RequestStats,
    ) -> Answer:
        """Get a resource."""


class Name(msgspec.Struct):
    """One entry of `/universe/names`."""

    id: Int64
    name: str
    category: str


class Place(msgspec.Struct):
    """What is needed of a structure, a moon or a planet."""

    name: str


@dataclass(slots=True)
class Backoff:
    """When a route that failed may be asked again."""

    failures: int = 0
    until: float = 0.0
    """Unix seconds."""

    def allows(self, now: float) -> bool:
        """Whether it may be asked; a pause longer than any comes of a clock that was set."""
        return not 0 < self.until - now <= LONGEST_PAUSE

    def fail(self, now: float) -> None:
        """It failed: wait twice as long as the last time."""
        self.until = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.failures)
        self.failures += 1


@dataclass(slots=True)
class LookupPass:
    """One pass over what is due: for whom, and how often ESI has refused so far."""

    character_id: int | None
    traffic: RequestStats
    refusals: int = 0
    names: int = 0

    @property
    def is_over(self) -> bool:
        """Whether ESI has refused enough for now."""
        return self.refusals >= REFUSALS


class NameResolver:
    """Finds the names of all ids in the tables and keeps them in `eve_name`."""

    def __init__(self, store: Store, client: Client, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._lock = asyncio.Lock()
        self._universe_backoff = Backoff()
        self._structures_backoffs: defaultdict[int, Backoff] = defaultdict(Backoff)
        """By corporation: each asks with a login of its own."""
        self._celestials_backoff = Backoff()

    async def collect(self, corporation_id: int, tables: Iterable[Table] | None = None) -> None:
        """Write down which ids of one corporation's tables lack a name, to be looked up."""
        chosen = tuple(self._store.tables if tables is None else tables)
        now = self._clock.time()
        stale = now - RENEWED_AFTER
        ids = await self._store.read(
            lambda db: find_unnamed(db, chosen, corporation_id, now=now, stale=stale)
        )
        if ids:
            await self._store.write(lambda db: remember(db, ids, corporation_id))

    async def resolve(
        self, corporation_id: int, *, character_id: int | None, traffic: RequestStats
    ) -> int:
        """Ask for the names that are due; returns how many came.

        `character_id` asks for the structures of its corporation. Takes at most `PATIENCE` seconds
        once it is its turn. What fails is logged and asked for the next time; nothing is raised
        but a cancellation.
        """
        lookup = LookupPass(character_id, traffic)
        try:
            async with self._lock, asyncio.timeout(PATIENCE):
                await self._keep(lookup, await self._store.read(find_static_names))
                now = self._clock.time()
                due = await self._store.read(
                    lambda db: load_pending(db, corporation_id, now, longest=WEEK)
                )
                await self._attempt(
                    self._universe_backoff, self._universe(lookup, due), due.universe
                )
                celestials = self._places(lookup, due.celestials)
                await self._attempt(self._celestials_backoff, celestials, due.celestials)
                if character_id is not None:
                    pairs = [("structure", id) for id in due.structures]
                    structures = self._places(lookup, pairs)
                    await self._attempt(
                        self._structures_backoffs[corporation_id], structures, pairs
                    )
        except TimeoutError:
            log.info("names took longer than %g s; the rest comes the next time", PATIENCE)
        except CorpsyncError as error:
            log.info("names could not be read: %s", error)
        return lookup.names

    async def _attempt(
        self, backoff: Backoff, work: Coroutine[Any, Any, None], ids: Sequence[object]
    ) -> None:
        if not ids or not backoff.allows(self._clock.time()):
            work.close()
            return
        try:
            await work
            backoff.failures = 0
        except DatabaseError:
            raise
        except CorpsyncError as error:
            backoff.fail(self._clock.time())
            log.info("names could not be read: %s", error)

    async def _universe(self, lookup: LookupPass, due: Pending) -> None:
        """What is new apart from what ESI refused before: it would have its batch refused again."""
        for ids in (due.new, due.refused):
            for start in range(0, len(ids), BATCH):
                await self._batch(lookup, ids[start : start + BATCH])

    async def _batch(self, lookup: LookupPass, ids: Sequence[int]) -> None:
        """Ask for some ids; where ESI refuses, for each half."""
        if lookup.is_over:
            return
        try:
            body = await self._client.post(NAMES, path={}, body=list(ids), traffic=lookup.traffic)
        except GoneError:
            lookup.refusals += 1
            if len(ids) == 1:
                await self._postpone(ids, "unknown", UNKNOWN_FOR)
                return
            middle = len(ids) // 2
            await self._batch(lookup, ids[:middle])
            await self._batch(lookup, ids[middle:])
            return
        found = {name.id: name for name in decode_each(body, Name)}
        names = [(id, found[id].name, found[id].category) for id in ids if id in found]
        await self._keep(lookup, names)
        await self._postpone([id for id in ids if id not in found], "odd", UNKNOWN_FOR)

    async def _places(self, lookup: LookupPass, places: Sequence[tuple[str, int]]) -> None:
        """Ask for structures, moons and planets, each by itself."""
        for start in range(0, len(places), SIDE_BY_SIDE):
            if lookup.is_over:
                return
            group = places[start : start + SIDE_BY_SIDE]
            ends = await asyncio.gather(
                *(self._place(lookup, kind, id) for kind, id in group), return_exceptions=True
            )
            await self._keep(lookup, [end for end in ends if isinstance(end, tuple)])
            for end in ends:
                if isinstance(end, BaseException):
                    raise end

    async def _place(self, lookup: LookupPass, kind: str, id: int) -> tuple[int, str, str] | None:
        """Ask for one place; None where its name may not be known."""
        try:
            answer = await self._client.get(
                CELESTIALS.get(kind, STRUCTURE),
                path={f"{kind}_id": id},
                character_id=lookup.character_id,
                traffic=lookup.traffic,
            )
            place = msgspec.json.decode(answer.body, type=Place)
        except AuthError as error:
            if error.needs is not None:  # a login or the scope is missing, not docking access
                raise
            lookup.refusals += 1
            await self._postpone([id], "forbidden", FORBIDDEN_FOR)
        except GoneError:
            lookup.refusals += 1
            await self._postpone([id], "unknown", UNKNOWN_FOR)
        except UNREADABLE:
            await self._postpone([id], "odd", UNKNOWN_FOR)
        else:
            return id, place.name, kind
        return None

    async def _keep(self, lookup: LookupPass, names: Sequence[tuple[int, str, str]]) -> None:
        now = self._clock.time()
        rows = [(*name, now) for name in names]

        def write(db: Any) -> None:
            db.executemany(
                "INSERT OR REPLACE INTO eve_name (id, name, category, fetched_at)"
                " VALUES (?, ?, ?, ?)",
                rows,
            )
            forget_named(db, [id for id, *_ in rows])

        if rows:
            await self._store.write(write)
            lookup.names += len(rows)

    async def _postpone(self, ids: Sequence[int], reason: str, waits: Sequence[float]) -> None:
        """Remember that ESI gave no name for some ids; a name of earlier days is kept."""
        if ids:
            now = self._clock.time()
            await self._store.write(lambda db: postpone(db, ids, reason, now, waits))
