"""From ESI's answer to the line on the screen: what happened, and what needs attention."""

import asyncio
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL as PROCESSES
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.service.local import LocalService
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.sync.events import AttentionChanged, SyncEvent
from corpsync_tui.tui.screens.attention.screen import AttentionScreen
from tests.end_to_end.test_first_attention import CORPORATION
from tests.end_to_end.test_three_syncs import RENEWED
from tests.support.house import House, open_house
from tests.tui.changes_stage import app_at_night

ALL = ChangeFilter()


async def a_night(house: House) -> int:
    """Somebody joins, a stack shrinks; the answer is the run that found the newcomer."""
    for process in ("members", "assets"):
        await house.sync(process)
    house.simulator.mutate("member", add=1)
    house.simulator.mutate("asset", change=1)
    house.advance(RENEWED)
    run = await house.sync("members")
    await house.sync("assets")
    return run.id or 0


@pytest.mark.anyio
async def test_the_night_can_be_read_line_by_line(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home") as house:
        run = await a_night(house)
        service = LocalService(house.workspace)
        found = await service.changes(ALL, "", None)

        assert [(c.process_type, c.kind) for c in found.lines] == [
            ("assets", "changed"),
            ("members", "added"),
        ]
        assert found.older is None
        assert found.lines[1].sentence.endswith(" joined")
        assert found.lines[1].run_id == run

        runs = await service.changed_runs(ALL, 0, None, 1)
        assert (runs.total, runs.new, runs.newest, runs.more) == (2, 2, found.lines[0].id, True)
        assert runs.runs[0].lines == [found.lines[0]]
        (older,) = (await service.changed_runs(ALL, 0, runs.runs[0].run_id, 1)).runs
        assert (older.run_id, older.process_type, older.counts) == (run, "members", {"added": 1})

        name = found.lines[1].sentence.removesuffix(" joined")
        by_name = await service.changes(ALL, name.upper(), None)
        assert len(by_name.lines) == 1
        assert (await service.changes(ALL, "", found.lines[0].id)).lines == by_name.lines

        detail = await service.change(found.lines[1].id)
        assert detail is not None
        assert name in detail.key
        assert {f.column for f in detail.fields} >= {"start_date", "location_id"}
        assert all(f.before is None and f.after for f in detail.fields)
        assert await service.change(99_999) is None


@pytest.mark.anyio
async def test_the_newcomer_is_told_by_the_running_schedule(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home") as house:
        await a_night(house)
        told: asyncio.Future[AttentionChanged] = asyncio.get_running_loop().create_future()

        def hear(event: SyncEvent) -> None:
            if isinstance(event, AttentionChanged) and not told.done():
                told.set_result(event)

        house.workspace.state.subscribe(hear)
        await house.workspace.start()
        async with asyncio.timeout(20):
            event = await told
        joined = [i for i in event.new if i.rule == "member"]

    assert [i.sentence.endswith(" joined") for i in joined] == [True]


@pytest.mark.anyio
async def test_the_first_sync_of_180_members_fits_on_a_screen(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=CORPORATION)) as house:
        for process in PROCESSES:
            await house.sync_data(process.type)
        await house.workspace.alerts.evaluate()
        alerts = house.workspace.alerts.alerts
        corporation_id = house.corporation_id
    app = app_at_night()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        app.stage.say(AttentionChanged(alerts, ()))
        await pilot.press("6")
        await pilot.pause()
        assert isinstance(app.screen, AttentionScreen)
        lines = app.screen.lines.text.splitlines()

    assert len(alerts) > 50
    assert {alert.corporation_id for alert in alerts} == {corporation_id}
    assert len(lines) <= 20
