"""What one run reads with: the client, the stages' home, the copies in hand, and whose data."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpsync_tui.catalog.kit.plans import Place
from corpsync_tui.clock import Clock
from corpsync_tui.engine.copies import Copies
from corpsync_tui.engine.failures import Failures
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator

if TYPE_CHECKING:
    from corpsync_tui.esi.client import EsiClient
    from corpsync_tui.store.database import Store


class Requests:
    """The client, with no more requests of one run open than it may have."""

    def __init__(self, client: EsiClient, most_open: int, *, reserve: bool) -> None:
        self._client = client
        self._slots = asyncio.Semaphore(most_open)
        self._reserve = reserve
        self.clock = client.clock

    def esi_time(self) -> float:
        """As `EsiClient.esi_time`."""
        return self._client.esi_time()

    async def get(
        self,
        route: Route,
        *,
        path: Place,
        query: Place,
        character_id: int | None,
        known: Validator | None,
        traffic: RequestStats,
    ) -> Answer:
        """As `EsiClient.get`."""
        is_current = known is not None and known.expires > self.esi_time()
        async with nullcontext() if is_current else self._slots:
            return await self._client.get(
                route,
                path=path,
                query=query,
                character_id=character_id,
                known=known,
                traffic=traffic,
                reserve=self._reserve,
            )

    async def post(
        self, route: Route, *, path: Place, body: object, character_id: int, traffic: RequestStats
    ) -> bytes:
        """As `EsiClient.post`."""
        async with self._slots:
            return await self._client.post(
                route,
                path=path,
                body=body,
                character_id=character_id,
                traffic=traffic,
                reserve=self._reserve,
            )


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads a data set, for which corporation, and with what."""

    process_id: str
    corporation_id: int
    character_id: int
    requests: Requests
    store: Store
    clock: Clock
    traffic: RequestStats
    copies: Copies
    failures: Failures
    concurrency: int
    interval: float = math.inf
    """Seconds between two runs by the schedule; a run that the director asks for reads it all."""

    def path(self, place: Place, character_id: int | None = None) -> Mapping[str, int | str]:
        """The values of a route's path: corporation, character, and what a plan adds."""
        return {
            "corporation_id": self.corporation_id,
            "character_id": character_id or self.character_id,
            **place,
        }


@dataclass(slots=True)
class Progress:
    """How far the fetching of a run is, over all its data sets."""

    report: Callable[[float, str], None]
    """Called with the share that is done, 0 to 1, and a detail for the step's brackets."""
    _start: float = 0.0
    _share: float = 1.0
    _units: tuple[str, int, int] | None = field(default=None)

    def begin(self, number: int, parts: int) -> None:
        """Data set `number` (from 0) of `parts` begins."""
        self._start, self._share = number / parts, 1 / parts
        self._units = None
        self.report(self._start, "")

    def page(self, number: int, count: int) -> None:
        """So many pages are here; of a unit among several the unit counts."""
        if self._units is None:
            detail = f"page {number} of {count}" if count > 1 else ""
            self.report(self._start + self._share * number / max(count, 1), detail)

    def unit(self, noun: str, number: int, count: int) -> None:
        """Unit `number` (from 1) of `count` begins."""
        self._units = (noun, number, count)
        done = self._share * (number - 1) / max(count, 1)
        self.report(self._start + done, f"{noun} {number} of {count}")
