"""The service over a workspace: what its actions run, and what it says of itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from corpsync_tui.errors import AuthError, DatabaseError, NetworkError
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.queries.records import SyncConfig
from corpsync_tui.reference.prices import MARKET
from corpsync_tui.service.esi_report import IDLE_SECONDS, UPDATE_SECONDS, EsiReport
from corpsync_tui.service.local import LocalService
from corpsync_tui.sync.events import Noticed, ScheduleStatus, SyncEvent
from corpsync_tui.workspace import Workspace
from tests.support.clock import ManualClock
from tests.support.house import House, open_house

pytestmark = pytest.mark.anyio

OTHER = 98_000_999
"""A corporation that nobody is logged in of."""
PATIENCE = 10
"""Seconds to wait for what a thread reads."""

Change = Callable[[Workspace, str], Awaitable[None]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        for process_id in (f"{OTHER}/wallet", f"{OTHER}/members"):
            process_type = process_id.partition("/")[2]
            await house.workspace.scheduler.schedule_process(
                SyncConfig(process_id, process_type, OTHER)
            )
        yield house


async def fail(house: House, process_id: str) -> None:
    await house.workspace.state.start_sync(process_id)
    await house.workspace.state.fail_sync(process_id, NetworkError("No answer."))


async def ran(house: House) -> set[str]:
    """The processes whose last run a director asked for."""
    state = house.workspace.state
    for process_id in [s.process_id for s in state.get_statuses()]:
        await house.workspace.scheduler.finished(process_id)
    return {r.process_id for r in await state.get_sync_history() if r.trigger == "manual"}


async def test_a_retry_runs_what_is_on_and_failed_in_the_corporation_shown(house: House) -> None:
    for process_id in (house.id_of("wallet"), house.id_of("members"), f"{OTHER}/wallet"):
        await fail(house, process_id)
    await house.workspace.scheduler.toggle_process(house.id_of("wallet"), enabled=False)
    result = await LocalService(house.workspace).retry(house.corporation_id)
    assert result.sentence == "Members started."
    assert await ran(house) == {house.id_of("members")}


async def test_with_nothing_failed_a_retry_says_so(house: House) -> None:
    result = await LocalService(house.workspace).retry(house.corporation_id)
    assert result.sentence == "Nothing has failed: there is nothing to retry."


async def test_sync_all_keeps_to_the_corporation_shown(house: House) -> None:
    await LocalService(house.workspace).sync_all(OTHER)
    assert {process_id.partition("/")[0] for process_id in await ran(house)} == {str(OTHER)}


@pytest.mark.parametrize("one", [True, False])
async def test_a_check_of_access_tries_what_is_blocked_again(house: House, one: bool) -> None:
    state, blocked = house.workspace.state, {house.id_of("wallet"), f"{OTHER}/wallet"}
    for process_id in blocked:
        await state.start_sync(process_id)
        await state.fail_sync(process_id, AuthError("Nobody may.", needs="role:Accountant"))
    result = await LocalService(house.workspace).check_access(OTHER if one else None)
    wanted = {f"{OTHER}/wallet"} if one else blocked
    assert result.sentence.startswith(f"{len(wanted)} blocked process")
    assert await ran(house) == wanted


async def test_pausing_is_an_event(house: House) -> None:
    heard: list[SyncEvent] = []
    service = LocalService(house.workspace)
    service.subscribe(heard.append)
    await service.pause()
    await service.pause()
    await service.resume()
    assert heard == [ScheduleStatus(paused=True), ScheduleStatus()]


async def test_esi_is_shown_also_where_the_days_runs_cannot_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[SyncEvent] = []
    service = LocalService(house.workspace)
    service.subscribe(heard.append)

    async def read(_: object) -> None:
        raise DatabaseError("The database could not be read")

    monkeypatch.setattr(house.workspace.store, "read", read)
    esi = await anext(service.watch_esi())
    assert [character.name for character in esi.characters][-1] == f"corporation {OTHER}"
    assert [e.sentence for e in heard if isinstance(e, Noticed)] == [
        "The database could not be read"
    ]


async def test_who_watches_esi_for_the_second_time_sees_what_ran_meanwhile(house: House) -> None:
    report = EsiReport(house.workspace)
    async with aclosing(report.watch()) as watched:
        first = await anext(watched)
    await house.sync("members")
    async with aclosing(report.watch()) as watched:
        second = await anext(watched)
    assert second.requests_today > first.requests_today


async def choose(workspace: Workspace, process_id: str) -> None:
    await workspace.roster.choose(process_id, next(iter(workspace.roster.characters)))


async def park(workspace: Workspace, process_id: str) -> None:
    await workspace.state.set_needs(process_id, "role:Accountant")


async def ask_esi(workspace: Workspace, _: str) -> None:
    await workspace.connection.client.get(MARKET.route, traffic=RequestStats())


@pytest.mark.parametrize("change", [choose, park, ask_esi])
async def test_who_watches_esi_sees_a_change_within_a_second(house: House, change: Change) -> None:
    workspace = house.workspace
    workspace.clock = clock = ManualClock(workspace.clock.time())
    async with aclosing(EsiReport(workspace).watch()) as watched:
        first = await anext(watched)
        following = asyncio.ensure_future(anext(watched))
        await clock.advance(UPDATE_SECONDS)
        await change(workspace, house.id_of("wallet"))
        await clock.advance(UPDATE_SECONDS)
        assert await asyncio.wait_for(following, PATIENCE) != first


async def test_who_watches_esi_sees_a_stop_end_though_nothing_happens(house: House) -> None:
    workspace = house.workspace
    workspace.clock = clock = ManualClock(workspace.clock.time())
    errors = workspace.connection.limits.errors
    errors.remaining, errors.until = 0, clock.time() + 1
    async with aclosing(EsiReport(workspace).watch()) as watched:
        assert (await anext(watched)).errors_left == 0
        following = asyncio.ensure_future(anext(watched))
        await clock.advance(IDLE_SECONDS)
        assert (await asyncio.wait_for(following, PATIENCE)).errors_left == 100


async def test_a_look_at_esi_after_the_end_is_no_news(house: House) -> None:
    heard: list[SyncEvent] = []
    service = LocalService(house.workspace)
    service.subscribe(heard.append)

    await house.workspace.store.aclose()
    await anext(service.watch_esi())
    assert not [event for event in heard if isinstance(event, Noticed)]
