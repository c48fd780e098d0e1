"""Structures in parts: each is granted alone, and a ghost among starbases asks for no details."""

from __future__ import annotations

import pytest

from tests.support.house import House

pytestmark = pytest.mark.anyio

STATION_MANAGER = ("structure", "skyhook", "skyhook_detail", "sovereignty_hub_detail")
DIRECTOR = ("starbase", "starbase_detail", "customs_office")
DETAIL = "/corporations/{corporation_id}/starbases/{starbase_id}"
DETAILS = frozenset(
    {
        DETAIL,
        "/corporations/{corporation_id}/structures/skyhooks/{skyhook_id}",
        "/corporations/{corporation_id}/structures/sovereignty-hubs/{sovereignty_hub_id}",
    }
)
RENEWED = 3_700


async def test_a_station_manager_reads_structures_skyhooks_and_hubs_alone(house: House) -> None:
    for character in house.workspace.roster.characters:
        house.simulator.roles(character, ["Station_Manager"])
    house.advance(RENEWED)
    run = await house.sync_data("structures")

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
    run = await house.sync_data("structures")
    asked = [r["path"] for r in house.simulator.requests() if r["route"] == DETAIL]
    rows = {row["starbase_id"]: row for row in await house.rows("starbase")}
    details = {row["starbase_id"] for row in await house.rows("starbase_detail")}

    assert (run.result, run.note) == ("success", None)
    assert rows[ghost["starbase_id"]]["system_id"] is None
    assert details == rows.keys() - {ghost["starbase_id"]}
    assert len(asked) == len(details)


async def details_of_a_run(house: House) -> set[str]:
    """The details that one more run asks for."""
    house.simulator.clear_log()
    run = await house.sync_data("structures")
    assert run.error_message is None
    asked = [r["path"] for r in house.simulator.requests() if r["route"] in DETAILS]
    assert len(set(asked)) == len(asked)
    return set(asked)


async def test_details_are_asked_a_hundred_a_run_and_the_oldest_copies_first(house: House) -> None:
    house.simulator.mutate("skyhook", add=150)
    house.advance(RENEWED)
    first = await details_of_a_run(house)
    house.advance(RENEWED / 2)
    second = await details_of_a_run(house)
    count = sum(len(house.served(table)) for table in ("starbase", "skyhook", "sovereignty_hub"))

    assert (len(first), len(second), len(first | second)) == (100, count - 100, count)
    await house.assert_true("starbase_detail", "skyhook_detail", "sovereignty_hub_detail")

    house.advance(RENEWED / 2)
    assert await details_of_a_run(house) == first  # so that the second are the oldest
    house.advance(RENEWED)
    third, fourth = [await details_of_a_run(house) for _ in range(2)]
    assert (len(third), third | fourth) == (100, first | second)
    assert third >= {path for path in second if "/skyhooks/" in path}
