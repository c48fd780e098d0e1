"""Moon chunks that leave ESI's list, and miners who change corporation."""

from datetime import UTC, datetime

import pytest

from tests.support.house import House

pytestmark = pytest.mark.anyio

RENEWED = 3_700
HOUR = 3_600.0


def iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


async def states(house: House) -> dict[tuple[int, str], str]:
    rows = await house.rows("mining_extraction")
    return {(r["structure_id"], r["extraction_start_time"]): r["state"] for r in rows}


async def move(house: House, structure_id: int, arrival: float, decay: float) -> None:
    """Let a stored chunk arrive and decay so many hours after the next renewal."""
    now = house.workspace.clock.time() + RENEWED
    times = iso(now + arrival * HOUR), iso(now + decay * HOUR)
    await house.workspace.store.write(
        lambda db: db.execute(
            "UPDATE mining_extraction SET chunk_arrival_time = ?, natural_decay_time = ? "
            "WHERE structure_id = ?",
            (*times, structure_id),
        )
    )


async def test_an_extraction_that_leaves_the_list_says_how_it_ended(house: House) -> None:
    await house.sync_data("mining")
    listed = house.served("mining_extraction")
    assert set((await states(house)).values()) == {"active"}
    gone = {}
    for end, arrival, decay in (
        ("cancelled", 100, 103),
        ("fractured", -1, 2),
        ("decayed", -4, -1),
    ):
        row = listed.pop()
        await move(house, row["structure_id"], arrival, decay)
        gone[row["structure_id"], row["extraction_start_time"]] = end
    house.advance(RENEWED)

    run = await house.sync_data("mining")
    after = await states(house)

    assert {key: after[key] for key in gone} == gone
    assert run.rows_changed >= len(gone)
    assert {end for key, end in after.items() if key not in gone} <= {"active"}
    house.advance(RENEWED)
    assert (await house.sync_data("mining")).rows_changed == 0


async def test_extractions_that_cannot_be_read_stay_as_they_are(house: House) -> None:
    await house.sync_data("mining")
    before = await states(house)
    house.simulator.fault(f"/corporation/{house.corporation_id}/mining/extractions", status=404)
    house.advance(RENEWED)
    await house.sync_data("mining")

    assert await states(house) == before


async def test_a_miner_who_changes_corporation_has_two_rows_of_one_day(house: House) -> None:
    await house.sync_data("mining")
    unit = house.simulator.truth("mining_observer")[0]["observer_id"]
    rows = house.served("mining_ledger", unit)
    rows.append({**rows[0], "recorded_corporation_id": 98_000_099, "quantity": 5})
    house.advance(RENEWED)
    run = await house.sync_data("mining")
    rows.reverse()
    house.advance(RENEWED)
    again = await house.sync_data("mining")

    assert run.rows_added == 1
    assert (again.rows_added, again.rows_changed) == (0, 0)
