"""What a corporation calls its hangar and wallet divisions: ESI's `divisions`.

ESI lists those alone that bear another name than the game's. A look-up costs no run anything: it
follows it, at most once a day, and only where a login has granted the scope.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import msgspec

from corpsync_tui.catalog.kit.decoder import UNREADABLE, Int64, decode_each
from corpsync_tui.clock import Clock
from corpsync_tui.engine.copies import Copy, CopyChanges, load_copies, save_copies
from corpsync_tui.errors import AuthError, CorpsyncError, GoneError
from corpsync_tui.esi.routes import RequestStats, Route, Validator
from corpsync_tui.names.resolver import DAY, HOUR, Client
from corpsync_tui.store.database import Store
from corpsync_tui.store.schema import Table

DIVISIONS = Route(
    "/corporations/{corporation_id}/divisions",
    cache_seconds=3600,
    scope="esi-corporations.read_divisions.v1",
    roles=("Director",),
    group="corp-wallet",
    tokens=300,
)

log = logging.getLogger(__name__)


class DivisionName(msgspec.Struct):
    """One entry; both fields are optional on the wire."""

    division: Int64 | None = None
    name: str | None = None


class Divisions(msgspec.Struct):
    """ESI's answer; each list holds `DivisionName`s."""

    hangar: msgspec.Raw = msgspec.Raw(b"[]")
    wallet: msgspec.Raw = msgspec.Raw(b"[]")


def has_divisions(tables: Iterable[Table]) -> bool:
    """Whether any of these tables has a division."""
    return any(
        table.name == "asset" or any(c.kind == "division" for c in table.columns)
        for table in tables
    )


class DivisionNames:
    """Keeps the table `division` as ESI says."""

    def __init__(self, store: Store, client: Client, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._lock = asyncio.Lock()

    async def refresh(
        self, corporation_id: int, *, character_id: int, traffic: RequestStats
    ) -> None:
        """Ask for the names if a day has gone by.

        What is refused is logged and left for a day, what fails for an hour.
        """
        async with self._lock:  # who comes second finds the answer to the first
            await self._refresh(corporation_id, character_id=character_id, traffic=traffic)

    async def _refresh(
        self, corporation_id: int, *, character_id: int, traffic: RequestStats
    ) -> None:
        owner = f"{corporation_id}/names"
        path = {"corporation_id": corporation_id}
        copies = await self._store.read(lambda db: load_copies(db, owner))
        known = next(iter(copies.by_key.values()), None)
        now = self._clock.time()
        if known is not None and 0 < known.validator.expires - now <= DAY:
            return
        rows: list[tuple[int, str, int, str]] | None = None
        wait = DAY
        try:
            answer = await self._client.get(
                DIVISIONS, path=path, character_id=character_id, traffic=traffic
            )
            rows = _rows(corporation_id, answer.body)
        except (CorpsyncError, *UNREADABLE) as error:
            wait = DAY if isinstance(error, AuthError | GoneError) else HOUR
            log.info("names of divisions could not be read: %s", error)
        url, validator = DIVISIONS.path.format(**path), Validator(None, None, now + wait)

        def write(db: Any) -> None:
            if rows is not None:
                db.execute("DELETE FROM division WHERE corporation_id = ?", (corporation_id,))
                db.executemany("INSERT OR REPLACE INTO division VALUES (?, ?, ?, ?)", rows)
            copy = Copy(validator, len(rows or ()))
            save_copies(db, owner, CopyChanges({("division", url): copy}), {})

        await self._store.write(write)


def _rows(corporation_id: int, body: bytes) -> list[tuple[int, str, int, str]]:
    names = msgspec.json.decode(body, type=Divisions)
    return [
        (corporation_id, kind, entry.division, entry.name)
        for kind, entries in (("hangar", names.hangar), ("wallet", names.wallet))
        for entry in decode_each(bytes(entries), DivisionName)
        if entry.division is not None and entry.name
    ]
