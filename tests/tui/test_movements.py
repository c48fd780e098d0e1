"""M on Data and Boards: what became of a thing, a container or a fuel bay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from corpsync_tui.queries.story import Movement, Story
from corpsync_tui.tui.dialogs.movements import MovementsDialog
from corpsync_tui.tui.screens.changes.screen import ChangesScreen
from corpsync_tui.tui.screens.data.row_detail import RowDetail
from corpsync_tui.tui.widgets.line_list import LineList
from corpsync_tui.tui.widgets.lines import Lines
from tests.support.database import insert, insert_run, make_database
from tests.tui.boards_stage import boards_app, boards_home
from tests.tui.data_stage import BOX, DataApp, data_app, screen_text
from tests.tui.past import fill_past
from tests.tui.pictures import Compare
from tests.tui.stage import HEDU, NOW
from tests.tui.test_data_pictures import compare_data

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The box's last hours: somebody took from it, and something went without a trace."""
    return make_database(tmp_path, _fill)


def _fill(path: Path) -> None:
    fill_past(path)
    taken = NOW - timedelta(minutes=80)
    for number, hours in enumerate((2, 1)):
        insert_run(
            path,
            "assets",
            corporation_id=HEDU,
            id=number,
            start_time=(NOW - timedelta(hours=hours)).timestamp(),
        )
    insert_run(path, "container_logs", corporation_id=HEDU, start_time=NOW.timestamp())
    for number, (action, type_id, quantity) in enumerate(
        [("move", 35, 3_444), ("configure", None, None)]
    ):
        insert(
            path,
            "container_log",
            corporation_id=HEDU,
            row_hash=number,
            ordinal=0,
            action=action,
            character_id=90000001 + number,
            container_id=BOX,
            container_type_id=17366,
            location_flag="CorpSAG2",
            location_id=60003760,
            logged_at=f"{taken:%Y-%m-%dT%H:%M:%SZ}",
            type_id=type_id,
            quantity=quantity,
        )
    for who in (90000001, 90000002):
        insert(path, "member_seen", corporation_id=HEDU, character_id=who, day=f"{NOW:%Y-%m-%d}")
    insert(path, "member_role", corporation_id=HEDU, character_id=90000002,
           roles=["Container_Take_2"])  # fmt: skip


async def follow(app: DataApp, pilot: Pilot[str]) -> MovementsDialog:
    await pilot.press("M")
    await app.wait(pilot, lambda: isinstance(app.screen, MovementsDialog))
    assert isinstance(app.screen, MovementsDialog)
    return app.screen


async def test_the_story_of_a_container_and_the_ways_out_of_it(database: Path) -> None:
    async with data_app(database, size=(140, 30)) as (app, pilot):
        await pilot.press("j")
        dialog = await follow(app, pilot)
        assert "Movements: Spare [b]parts and what is in it" in screen_text(app)
        assert " · proven: the container log has the same 3,444" in dialog.lines.text
        shown = dialog.query_one("#movement", Lines).text
        await pilot.press("g")
        assert dialog.query_one("#movement", Lines).text != shown

        await pilot.press("y")
        assert app.notices[0].sentence.startswith("Copied ")
        await pilot.press("f", "f", "f")
        only = dialog.lines.text.splitlines()
        assert only
        assert all("cannot be proven" in line for line in only)
        await pilot.press("f", "g", "j", "enter")
        await app.wait(pilot)
        row = app.data._current()
        assert row is not None
        assert app.data.table.name == "container_log"

        dialog = await follow(app, pilot)
        await pilot.press("G")
        places = [m.run_id is not None for m in dialog._story.movements]
        dialog.lines.cursor = places.index(True)
        await pilot.press("enter")
        await app.wait(pilot, lambda: isinstance(app.screen, ChangesScreen))


async def test_the_box_of_a_row_leads_there_too(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pilot.press("j", "enter")
        await app.wait(pilot, lambda: isinstance(app.screen, RowDetail))
        dialog = await follow(app, pilot)
        assert "Movements: Spare [b]parts and what is in it" in screen_text(app)
        await pilot.press("escape")
        await app.wait(pilot, lambda: app.screen is not dialog)
        assert app.screen is app.data


async def test_tables_without_a_story_and_rows_that_are_gone_say_so(database: Path) -> None:
    async with data_app(database, table="wallet_balance") as (app, pilot):
        await pilot.press("M")
        await app.wait(pilot)
        assert app.notices[0].sentence.startswith("Movements are known of assets, of containers")
        app.data.show_table("member")
        await app.wait(pilot)
        await pilot.press("M")
        assert app.notices[0].sentence == "There is no row here to follow"


async def test_ten_thousand_movements_are_shown_and_walked_at_once(database: Path) -> None:
    movements = [Movement(float(n), "change log", f"number {n}", "likely") for n in range(10_000)]
    async with data_app(database) as (app, pilot):
        app.push_screen(MovementsDialog(Story("Much", HEDU, movements)))
        await app.wait(pilot, lambda: isinstance(app.screen, MovementsDialog))
        assert "number 9999" in screen_text(app)
        await pilot.press("g")
        assert "number 0 " in screen_text(app)
        assert len(app.screen.query_one(LineList)._rows) == 10_000


async def test_boards_too_follows_fuel_bays_and_audited_containers(tmp_path: Path) -> None:
    path = boards_home(tmp_path)
    async with boards_app(path, board="structures") as (app, pilot):
        await pilot.press("M")
        await app.rest(pilot)
        assert "Movements: Fuel bay of Moon Drill Delta" in screen_text(app)
        await pilot.press("escape")
        app.boards.show_board("audit")
        await app.rest(pilot)
        await pilot.press("M")
        await app.rest(pilot)
        assert "and what is in it" in screen_text(app)
        assert "took 4,000,000 × Tritanium out of Minerals" in screen_text(app)


@pytest.mark.parametrize("keys", [["j", "M"], ["M", "f", "f"]], ids=["container", "nothing"])
def test_pictures(database: Path, keys: Sequence[str], snap_compare: Compare) -> None:
    compare_data(database, "asset", keys, snap_compare)
