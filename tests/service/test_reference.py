"""Static data as the front ends see them: brought, watched and stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.service.esi_status import ReferenceStatus
from corpsync_tui.service.local import LocalService
from corpsync_tui.settings import load_settings
from corpsync_tui.workspace import Workspace
from tests.support.static_data import BUILD, StaticServer, static_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def server() -> Iterator[StaticServer]:
    with static_server() as served:
        yield served


@pytest.fixture
async def service(tmp_path: Path, server: StaticServer) -> AsyncIterator[LocalService]:
    home = {"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_STATIC_URL": server.url}
    async with await Workspace.open(load_settings(home), Clock(), command="corpsync") as workspace:
        service = LocalService(workspace)
        yield service
        await service.close()


async def seen(service: LocalService) -> ReferenceStatus:
    """What the ESI screen would show now."""
    async with aclosing(service.watch_esi()) as statuses:  # type: ignore[type-var]
        return (await anext(statuses)).reference


async def test_what_was_read_is_seen(service: LocalService) -> None:
    assert await seen(service) == ReferenceStatus()
    assert "were read" in (await service.update_reference()).sentence
    found = await seen(service)
    assert (found.build, found.step, found.prices_time) == (BUILD, "", None)
    assert found.updated is not None
    assert f"{found.released:%Y-%m-%d}" == "2026-11-24"
    assert "newest already" in (await service.update_reference()).sentence


async def test_a_second_press_stops_the_reading(
    service: LocalService, server: StaticServer
) -> None:
    server.held.clear()
    reading = asyncio.ensure_future(service.update_reference())
    await asyncio.to_thread(server.reached.wait, 10)
    assert "stops" in (await service.update_reference()).sentence
    assert "as they were" in (await reading).sentence
    assert replace(await seen(service), prices_time=None) == ReferenceStatus()


async def test_leaving_ends_the_reading(service: LocalService, server: StaticServer) -> None:
    server.held.clear()
    reading = asyncio.ensure_future(service.update_reference())
    await asyncio.to_thread(server.reached.wait, 10)
    await service.close()
    assert "as they were" in (await reading).sentence
