"""ESI without a network: answers, validators and failures for the engine alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, cast

import msgspec

from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.clock import Clock
from corpsync_tui.engine.context import Reading, Requests
from corpsync_tui.engine.copies import load_copies
from corpsync_tui.engine.failures import Failures
from corpsync_tui.engine.run import Access, Run
from corpsync_tui.errors import EsiError
from corpsync_tui.esi.client import EsiClient
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.esi.urls import resource
from corpsync_tui.store.database import Store
from tests.engine.declared import process_of

CHARACTER = 2_112_000_001


@dataclass
class FakeEsi:
    """What ESI lists now, by URL; a copy has expired as soon as it is there."""

    clock: Clock
    bodies: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    """By path, how many pages it has."""
    failing: set[str] = field(default_factory=set)
    generation: int = 0
    """Grows with each change of what is listed."""
    cancelled_at: int | None = None
    """The request that never ends because the run is cancelled meanwhile."""
    task: asyncio.Task[None] | None = None
    """Who reads."""
    asked: list[str] = field(default_factory=list)
    together: asyncio.Barrier | None = None
    """Answers come only when so many requests are open."""

    def esi_time(self) -> float:
        return 1_000_000.0

    async def get(
        self,
        route: Route,
        *,
        path: Any,
        query: Any,
        known: Validator | None = None,
        **_: Any,
    ) -> Answer:
        url = resource(route.path, path, query)
        self.asked.append(url)
        if self.together is not None and len(self.asked) > 2:  # the list and the first go alone
            await self.together.wait()
        await asyncio.sleep(0)
        if len(self.asked) == self.cancelled_at:
            assert self.task is not None
            self.task.cancel()
            await asyncio.Event().wait()
        if url in self.failing:
            raise EsiError("ESI fails", status=500)
        body = msgspec.json.encode(self.bodies[url])
        etag = f'"{hash(body)}"'
        modified = formatdate(self.generation, usegmt=True)
        pages = self.pages.get(url.partition("?")[0], 1)
        validator = Validator(etag, modified, 0.0, pages)
        if known is not None and known.etag == etag:
            return Answer(url, 304, b"", validator, modified, pages)
        return Answer(url, 200, body, validator, modified, pages)


async def begin(store: Store, esi: FakeEsi, corporation_id: int, *datasets: Dataset) -> Run:
    """A run of a process that has these data sets, before it reads anything."""
    process = process_of(*datasets)
    process_id = f"{corporation_id}/things"
    reading = Reading(
        process_id,
        corporation_id,
        CHARACTER,
        Requests(cast(EsiClient, esi), 4, reserve=False),
        store,
        esi.clock,
        RequestStats(),
        await store.read(lambda db: load_copies(db, process_id)),
        Failures(),
        4,
    )
    access = Access({dataset: [CHARACTER] for dataset in datasets}, {})
    return Run(1, process, access, reading, lambda _share, _detail: None, manual=False)
