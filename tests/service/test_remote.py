"""Beside a holder: what it does is seen within two seconds, and what is done here is done there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar, get_args

import pytest

from corpsync_tui.boards.kit.marks import Mark
from corpsync_tui.errors import OtherVersionError
from corpsync_tui.service.esi_report import EsiReport
from corpsync_tui.service.esi_status import EsiStatus
from corpsync_tui.service.holder import Verb, served
from corpsync_tui.service.local import LocalService
from corpsync_tui.service.remote import RemoteService
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.store.lock import holder
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.sync.events import AttentionChanged, Noticed, RunRecorded, SyncEvent, Watching
from corpsync_tui.workspace import Workspace
from tests.support.house import browse
from tests.support.virtual import VirtualHouse, open_watched, virtual_house

pytestmark = pytest.mark.anyio

Event = TypeVar("Event", AttentionChanged, Noticed, RunRecorded, Watching)

NOT_FROM_A_SCREEN = {"run_to_end", "reload"}
LONG = {"update_reference"}
"""Answered when all is read; how far that is shows on the ESI screen."""
SOON = 2.0
"""Virtual seconds within which a watcher sees what happens, and the holder what it does."""


class Watcher:
    """A watcher of the house, and what its front end hears."""

    def __init__(self, service: RemoteService, workspace: Workspace) -> None:
        self.service, self.workspace = service, workspace
        self.heard: list[SyncEvent] = []
        self.esi = EsiStatus()
        service.subscribe(self.heard.append)

    async def follow_esi(self) -> None:
        async for status in self.service.watch_esi():
            self.esi = status

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.heard if isinstance(event, kind)]


class HeldHouse:
    """A house whose holder follows the schedule, and those who watch it."""

    def __init__(self, house: VirtualHouse, home: Path, service: LocalService) -> None:
        self.house, self.home, self.service = house, home, service

    @asynccontextmanager
    async def watched(
        self, meanwhile: Callable[[RemoteService], Awaitable[object]] | None = None
    ) -> AsyncIterator[Watcher]:
        """One more watcher; `meanwhile` happens as it opens, before it follows the holder."""
        house = self.house
        opening = open_watched(
            self.home, house.simulator, house.clock, command="corpsync", hold=False
        )
        async with await opening as workspace:
            found = holder(self.home / "data")
            assert found is not None
            service = RemoteService(workspace, found)
            watcher = Watcher(service, workspace)
            if meanwhile is not None:
                await meanwhile(service)
            await service.start()
            esi = asyncio.create_task(watcher.follow_esi())
            await house.live(SOON)
            yield watcher
            esi.cancel()
            with house.clock.busy():
                await service.close()


@asynccontextmanager
async def held_house(home: Path, config: SimulatorConfig | None = None) -> AsyncIterator[HeldHouse]:
    async with virtual_house(home, config) as house, served(house.workspace) as service:
        await service.start()
        await house.live(60)
        await house.workspace.names.settled()
        yield HeldHouse(house, home, service)


async def asking(it: HeldHouse, action: Coroutine[Any, Any, ActionResult | None]) -> str:
    """What is answered; time passes meanwhile, but not more than soon."""
    asked = asyncio.create_task(action)
    await it.house.live(SOON)
    assert asked.done()
    answer = asked.result()
    return answer.sentence if answer else ""


async def esi_of(it: HeldHouse) -> EsiStatus:
    """ESI as the holder has it; the names that a run asks for are counted at the next one."""
    return without_counts(await EsiReport(it.house.workspace).look())


async def settled_esi(it: HeldHouse) -> EsiStatus:
    """The same once nothing is asked any more: the names a run needs are looked up after it."""
    before = None
    while (now := await esi_of(it)) != before:
        await it.house.workspace.names.settled()
        await it.house.live(SOON)
        before = now
    return now


def without_counts(status: EsiStatus) -> EsiStatus:
    return replace(status, requests_today=0, unchanged_today=0)


async def test_esi_is_as_the_holder_knows_it(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it, it.watched() as watcher:
        first = await settled_esi(it)
        assert without_counts(watcher.esi) == first
        assert first.sent > 0
        await it.service.pause()
        await it.house.sleep(7_200)
        await it.service.sync_now(it.house.id_of("members"))
        await it.house.live(1)
        now = await settled_esi(it)
        assert without_counts(watcher.esi) == now
        assert watcher.esi.sent > first.sent


async def test_what_the_holder_notices_is_told_to_its_watchers_once(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it:
        it.house.workspace.state.notice("Before.")
        async with it.watched() as watcher:
            await it.house.live(SOON)
            it.house.workspace.state.notice("The clock was set.")
            await it.house.live(30)
            assert [e.sentence for e in watcher.of(Noticed)] == ["The clock was set."]


async def test_a_run_that_ends_while_a_watcher_opens_is_told_to_it(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it:
        state, wallet = it.house.workspace.state, it.house.id_of("wallet")
        await it.service.pause()
        await state.start_sync(wallet)

        async def meanwhile(service: RemoteService) -> None:
            shown = (await service.snapshot()).runs
            assert [run.process_id for run in shown if run.result == "running"] == [wallet]
            await state.complete_sync(wallet, 1)

        async with it.watched(meanwhile) as watcher:
            told = [event.run for event in watcher.of(RunRecorded)]
            assert [(run.process_id, run.result) for run in told] == [(wallet, "success")]


async def test_the_end_of_the_holder_is_told_with_its_command_alone_in_quotes(
    tmp_path: Path,
) -> None:
    async with held_house(tmp_path) as it, it.watched() as watcher:
        command = watcher.service.holder.command
        await it.house.workspace.close()
        await it.house.live(10)
        assert watcher.of(Watching)[-1].words == f"{command} has ended · T takes over"
        sentence = f"`{command}` has ended: T takes the schedule over."
        assert watcher.of(Noticed)[-1].sentence == sentence


async def test_a_watcher_reads_the_report_that_the_holder_reads(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it, it.watched() as watcher:
        here, there = [
            await service.read_month("", it.house.corporation_id)
            for service in (watcher.service, it.service)
        ]
        assert here.report == there.report
        assert here.report.month.income


async def test_whatever_may_be_asked_is_answered_soon(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it, it.watched() as watcher:
        values = {
            "process_id": it.house.id_of("members"),
            "corporation_id": it.house.corporation_id,
            "character_id": it.house.simulator.character_id,
            "minutes": 45,
            "enabled": False,
        }
        for verb in sorted({*get_args(Verb)} - NOT_FROM_A_SCREEN - LONG):
            names = signature(getattr(it.service, verb)).parameters
            chosen = {name: values[name] for name in names}
            here = await asking(it, getattr(watcher.service, verb)(**chosen))
            there = await asking(it, getattr(it.service, verb)(**chosen))
            assert "mistake" not in here, verb
            assert bool(here) is bool(there), verb


async def test_an_answer_comes_as_soon_as_the_database_takes_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    full = "CREATE TRIGGER full BEFORE UPDATE ON command WHEN new.state = 'done'"
    async with held_house(tmp_path) as it, it.watched() as watcher:
        store = it.house.workspace.store
        await store.write(lambda db: db.execute(f"{full} BEGIN SELECT RAISE(ABORT, 'full'); END"))
        run = asyncio.create_task(watcher.service.run_to_end(it.house.id_of("wallet")))
        await it.house.live(30)
        assert not run.done()
        await store.write(lambda db: db.execute("DROP TRIGGER full"))
        await it.house.live(SOON)
        assert run.done()
        assert run.result().result in ("success", "current")
    assert caplog.text.count("the answer to run_to_end waits") == 1


async def test_a_disk_that_is_full_for_long_does_not_fill_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with held_house(tmp_path) as it, it.watched():
        store = it.house.workspace.store
        full = "CREATE TRIGGER full BEFORE INSERT ON setting WHEN new.key = 'live'"
        await store.write(lambda db: db.execute(f"{full} BEGIN SELECT RAISE(ABORT, 'full'); END"))
        it.house.workspace.state.notice("This cannot be shown to who watches.")
        await it.house.live(120)
    assert caplog.text.count("commands could not be read") == 1


async def test_what_is_new_is_told_to_every_watcher_once(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it, it.watched() as first, it.watched() as second:
        house = it.house
        alerts = house.workspace.alerts
        await house.live(120)
        told_before = [len(watcher.of(AttentionChanged)) for watcher in (first, second)]
        house.simulator.revoke(house.simulator.character_id)
        await house.sleep(400)  # the copies of the wallet expire
        await it.service.sync_now(house.id_of("wallet"))
        await house.live(120)
        new = {alert.key for alert in alerts.alerts if alert.rule == "login"}
        assert len(new) == 1
        await house.live(30)
        for watcher, before in zip((first, second), told_before, strict=True):
            told = watcher.of(AttentionChanged)[before:]
            assert [a.key for event in told for a in event.new if a.rule == "login"] == [*new]
            assert watcher.workspace.alerts.alerts == alerts.alerts


async def test_what_a_watcher_mutes_is_muted_everywhere_at_once(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it, it.watched() as first, it.watched() as second:
        house = it.house
        seen = [house.workspace.alerts, first.workspace.alerts, second.workspace.alerts]
        await house.live(120)
        alert = seen[1].alerts[0]
        answer = await asking(it, first.service.mute(alert, "alert", None))
        await house.live(SOON)
        assert "Muted" in answer
        assert [alert in alerts.alerts for alerts in seen] == [False] * 3
        assert await asking(it, second.service.unmute_all()) == "1 lifted."
        await house.live(SOON)
        assert [alert in alerts.alerts for alerts in seen] == [True] * 3


async def test_what_a_watcher_decides_of_a_loss_holds_for_all(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it, it.watched() as watcher:
        own = it.house.corporation_id
        page = await it.service.read_board("kills", own, "losses")
        loss = next(row["killmail_id"] for row in page.rows if row["srp"] == "open")
        said = await asking(it, watcher.service.mark_losses(own, [Mark(loss, "to_pay", 1e6)]))
        assert said == "1 loss to be paid, 1.0 M ISK."
        page = await it.service.read_board("kills", own, "losses")
        assert {r["killmail_id"]: r["owed"] for r in page.rows if r["srp"] == "to_pay"} == {
            loss: 1e6
        }


async def test_logins_and_logouts_of_a_watcher_are_the_holders_at_once(tmp_path: Path) -> None:
    config = SimulatorConfig(corporations=2)
    async with (
        held_house(tmp_path, config) as it,
        it.watched() as first,
        it.watched() as second,
    ):
        house = it.house
        _, other = house.simulator.state.world.corporations.values()
        house.simulator.login(character_id=other.ceo_id)
        url = await first.service.begin_login(house.simulator.config.client_id)
        address = await asyncio.to_thread(browse, url)
        assert "Welcome" in await asking(it, first.service.paste(address))
        await house.live(SOON)
        assert {*house.workspace.roster.characters} == {house.simulator.character_id, other.ceo_id}
        runs = await house.workspace.state.get_sync_history(f"{other.corporation_id}/members")
        assert len(runs) == 1
        corporations = (await second.service.snapshot()).corporations
        assert other.corporation_id in [c.corporation_id for c in corporations]
        assert "logged out" in await asking(it, second.service.log_out(other.ceo_id))
        await house.live(SOON)
        assert house.workspace.state.needs(f"{other.corporation_id}/members") == "login"
        assert [c.character_id for c in first.esi.characters] == [
            house.simulator.character_id,
            None,
        ]


async def test_a_watcher_of_another_version_does_nothing_any_more(tmp_path: Path) -> None:
    async with held_house(tmp_path) as it, it.watched() as watcher:
        with closing(sqlite3.connect(it.home / "data/corpsync.db")) as db, db:
            db.execute("PRAGMA user_version = 99")
        await it.house.live(10)
        assert "another version" in watcher.of(Watching)[-1].words
        with pytest.raises(OtherVersionError, match="upgrade corpsync"):
            await watcher.service.pause()
        await it.house.workspace.close()
        assert holder(it.home / "data") is None
        with pytest.raises(OtherVersionError, match="upgrade corpsync"):
            await watcher.service.take_over()
        assert holder(it.home / "data") is None
