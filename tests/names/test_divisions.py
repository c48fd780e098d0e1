"""The corporation's own names of its divisions, which cost no run anything."""

import asyncio
from pathlib import Path

import pytest

from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.names.divisions import DIVISIONS, DivisionNames
from corpsync_tui.simulator.world.model import HANGAR_NAMES
from tests.support.house import House, open_house

pytestmark = pytest.mark.anyio


async def asked(house: House) -> int:
    return sum("/divisions" in r["path"] for r in house.simulator.requests())


async def test_hangars_bear_their_names_and_are_asked_for_once_a_day(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert (await house.sync("assets")).result == "success"
        await house.workspace.names.settled()
        places = [row["place"] for row in await house.rows("asset_named")]
        assert all(any(name in str(place) for place in places) for name in HANGAR_NAMES[:2])
        once = await asked(house)
        assert once == 1

        house.advance(4_000)
        await house.sync("wallet")
        await house.workspace.names.settled()
        assert await asked(house) == once
        balances = await house.rows("wallet_balance_named")
        assert all(row["division_name"] for row in balances)


async def test_a_refusal_fails_no_run_and_is_remembered(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.simulator.fault(DIVISIONS.path, status=403)
        run = await house.sync("assets")
        await house.workspace.names.settled()
        assert (run.result, run.error_kind) == ("success", None)
        assert await house.rows("division") == []
        once = await asked(house)

        house.advance(4_000)
        await house.sync("assets")
        await house.workspace.names.settled()
        assert await asked(house) == once
        assert house.workspace.state.needs(f"{house.corporation_id}/assets") is None


async def test_look_ups_side_by_side_ask_once(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        names = DivisionNames(
            house.workspace.store, house.workspace.connection.client, house.workspace.clock
        )
        character_id = house.simulator.character_id
        await asyncio.gather(
            *(
                names.refresh(
                    house.corporation_id, character_id=character_id, traffic=RequestStats()
                )
                for _ in range(2)
            )
        )
        assert await asked(house) == 1
