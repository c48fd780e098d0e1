"""Ids to names, once a run's rows are stored. Names never hold up a run, and never fail one.

ESI: POST `/universe/names` takes up to 1,000 unique ids and refuses all of them for one that it
does not know; structures have a route of their own, which answers 403 without docking access.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError, CorpsyncError, GoneError
from corpsync_tui.esi.routes import Answer, Route, Traffic
from corpsync_tui.names.ids import Wanted, wanted
from corpsync_tui.store.database import Store
from corpsync_tui.store.schema import Table

NAMES = Route("/universe/names")
STRUCTURE = Route(
    "/universe/structures/{structure_id}",
    cache_seconds=3600,
    scope="esi-universe.read_structures.v1",
)

BATCH = 1_000
"""Ids of one request: ESI's limit."""
REFUSALS = 20
"""Refused requests after which the rest waits for the next time: a fifth of the error limit."""
SIDE_BY_SIDE = 4
"""Structures asked for at once."""
PATIENCE = 30.0
"""Seconds that names may take."""
DAY = 86_400.0
RENEWED_AFTER = 30 * DAY
"""Seconds after which a name is asked for again."""
UNKNOWN_FOR = 30 * DAY
"""Seconds for which an id that ESI does not know is not asked for."""
FORBIDDEN_FOR = DAY
"""The same for a structure that may not be docked at."""

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
        traffic: Traffic,
    ) -> bytes:
        """Post a body; the answer's bytes."""

    async def get(
        self,
        route: Route,
        *,
        path: Mapping[str, int | str],
        character_id: int | None = None,
        traffic: Traffic,
    ) -> Answer:
        """Get a resource."""


class Name(msgspec.Struct):
    """One entry of `/universe/names`."""

    id: int
    name: str
    category: str


class Structure(msgspec.Struct):
    """What is needed of `/universe/structures/{structure_id}`."""

    name: str


@dataclass(slots=True)
class _Hunt:
    """One pass: for whom, and how often ESI has refused so far."""

    character_id: int | None
    traffic: Traffic
    refusals: int = 0
    names: int = 0

    @property
    def over(self) -> bool:
        return self.refusals >= REFUSALS


class NameResolver:
    """Finds the names of all ids in the tables and keeps them in `eve_name`."""

    def __init__(self, store: Store, client: Client, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._turn = asyncio.Lock()

    async def resolve(
        self,
        corporation_id: int,
        *,
        character_id: int | None,
        traffic: Traffic,
        tables: Iterable[Table] | None = None,
    ) -> int:
        """Ask for the names that one corporation's rows lack; returns how many came.

        Takes at most `PATIENCE` seconds once it is its turn. What fails is logged and asked
        for at the next time; nothing is raised but a cancellation.
        """
        hunt = _Hunt(character_id, traffic)
        try:
            async with self._turn, asyncio.timeout(PATIENCE):
                lacking = await self._lacking(corporation_id, tables)
                await self._universe(hunt, lacking.universe)
                if character_id is not None:
                    await self._structures(hunt, lacking.structures)
        except TimeoutError:
            log.info("names took longer than %g s; the rest comes the next time", PATIENCE)
        except (CorpsyncError, msgspec.DecodeError) as error:
            log.info("names could not be read: %s", error)
        return hunt.names

    async def _lacking(self, corporation_id: int, tables: Iterable[Table] | None) -> Wanted:
        chosen = tuple(self._store.tables if tables is None else tables)
        now = self._clock.time()
        stale = now - RENEWED_AFTER
        return await self._store.read(
            lambda db: wanted(db, chosen, corporation_id, now=now, stale=stale)
        )

    async def _universe(self, hunt: _Hunt, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), BATCH):
            await self._batch(hunt, ids[start : start + BATCH])

    async def _batch(self, hunt: _Hunt, ids: Sequence[int]) -> None:
        """Ask for some ids; where ESI refuses, for each half."""
        if hunt.over:
            return
        try:
            body = await self._client.post(NAMES, path={}, body=list(ids), traffic=hunt.traffic)
        except GoneError:
            hunt.refusals += 1
            if len(ids) == 1:
                await self._forget(ids[0], "unknown", UNKNOWN_FOR)
                return
            middle = len(ids) // 2
            await self._batch(hunt, ids[:middle])
            await self._batch(hunt, ids[middle:])
            return
        found = msgspec.json.decode(body, type=list[Name])
        await self._keep(hunt, [(name.id, name.name, name.category) for name in found])

    async def _structures(self, hunt: _Hunt, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), SIDE_BY_SIDE):
            if hunt.over:
                return
            group = ids[start : start + SIDE_BY_SIDE]
            names = await asyncio.gather(*(self._structure(hunt, id) for id in group))
            await self._keep(hunt, [name for name in names if name is not None])

    async def _structure(self, hunt: _Hunt, structure_id: int) -> tuple[int, str, str] | None:
        """Ask for one structure; None where its name may not be known."""
        try:
            answer = await self._client.get(
                STRUCTURE,
                path={"structure_id": structure_id},
                character_id=hunt.character_id,
                traffic=hunt.traffic,
            )
        except AuthError as error:
            if error.needs is not None:  # a login or the scope is missing, not docking access
                raise
            await self._refuse(hunt, structure_id, "forbidden", FORBIDDEN_FOR)
            return None
        except GoneError:
            await self._refuse(hunt, structure_id, "unknown", FORBIDDEN_FOR)
            return None
        structure = msgspec.json.decode(answer.body, type=Structure)
        return structure_id, structure.name, "structure"

    async def _refuse(self, hunt: _Hunt, structure_id: int, reason: str, seconds: float) -> None:
        hunt.refusals += 1
        await self._forget(structure_id, reason, seconds)

    async def _keep(self, hunt: _Hunt, names: Sequence[tuple[int, str, str]]) -> None:
        now = self._clock.time()
        rows = [(*name, now) for name in names]

        def write(db: Any) -> None:
            db.executemany(
                "INSERT OR REPLACE INTO eve_name (id, name, category, fetched_at)"
                " VALUES (?, ?, ?, ?)",
                rows,
            )
            db.executemany("DELETE FROM nameless_id WHERE id = ?", [(id,) for id, *_ in rows])

        if rows:
            await self._store.write(write)
            hunt.names += len(rows)

    async def _forget(self, id: int, reason: str, seconds: float) -> None:
        """Remember that ESI tells no name for an id; a name of earlier days is kept."""
        row = (id, reason, self._clock.time() + seconds)
        await self._store.write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO nameless_id (id, reason, ask_again) VALUES (?, ?, ?)", row
            )
        )
