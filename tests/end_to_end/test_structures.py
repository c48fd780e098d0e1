"""Structures in parts: each is granted alone, and a ghost among starbases asks for no details."""

from __future__ import annotations

import pytest

from tests.support.house import House

pytestmark = pytest.mark.anyio

STATION_MANAGER = ("structure", "skyhook", "skyhook_detail", "sovereignty_hub_detail")
DIRECTOR = ("starbase", "starbase_detail", "customs_office")
DETAIL = "/corporations/{corporation_id}/starbases/{starbase_id}"
RENEWED = 3_700


async def test_a_station_manager_reads_structures_skyhooks_and_hubs_alone(house: House) -> None:
    for character in house.workspace.roster.characters:
        house.simulator.roles(character, ["Station_Manager"])
    house.advance(RENEWED)
    run = await house.sync("structures")

    assert (run.result, house.status("structures").needs) == ("success", None)
    await house.assert_true(*STATION_MANAGER, "sovereignty_hub")
    for table in DIRECTOR:
        assert await house.rows(table) == []
    assert "starbase left out: role:Director is missing" in str(run.note)
    assert "facility left out: role:Factory_Manager is missing" in str(run.note)


async def test_a_ghost_without_a_system_is_kept_and_asked_no_details(house: House) -> None:
    """ESI lists starbases that are long gone (esi-issues#641)."""
    ghost = house.served("starbase")[0]
    del ghost["system_id"]
    house.simulator.clear_log()
    run = await house.sync("structures")
    asked = [r["path"] for r in house.simulator.requests() if r["route"] == DETAIL]
    rows = {row["starbase_id"]: row for row in await house.rows("starbase")}
    details = {row["starbase_id"] for row in await house.rows("starbase_detail")}

    assert (run.result, run.note) == ("success", None)
    assert rows[ghost["starbase_id"]]["system_id"] is None
    assert details == rows.keys() - {ghost["starbase_id"]}
    assert len(asked) == len(details)
