"""Several corporations ask for names: what one cannot do holds up no other."""

from pathlib import Path

import pytest

from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.names.resolver import STRUCTURE
from tests.support.house import House, log_in, open_house

pytestmark = pytest.mark.anyio

OTHER = 98_000_101
FIRST, SECOND = 1_035_999_000_000, 1_035_999_000_001


async def resolve(house: House, corporation_id: int, character_id: int, structure: int) -> int:
    """Let a corporation ask for the name of a structure that it has come upon."""
    await house.workspace.store.write(
        lambda db: db.execute(
            "INSERT INTO mining_observer (corporation_id, observer_id, last_updated,"
            " observer_type) VALUES (?, ?, '2026-11-24', 'structure')",
            (corporation_id, structure),
        )
    )
    resolver = house.workspace.names._resolver
    await resolver.collect(corporation_id)
    return await resolver.resolve(corporation_id, character_id=character_id, traffic=RequestStats())


async def test_a_login_that_ended_holds_up_no_other_corporations_structures(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path) as house:
        well = house.simulator.character_id
        (corporation,) = house.simulator.world()
        ill = corporation["characters"][1]["character_id"]
        house.simulator.login(character_id=ill)
        await log_in(house.workspace)
        house.simulator.revoke(ill)
        assert await resolve(house, OTHER, ill, FIRST) == 0

        house.simulator.fault(STRUCTURE.path, json={"name": "Found"})
        await resolve(house, house.corporation_id, well, SECOND)
        named = {row["id"] for row in await house.rows("eve_name")}
        assert SECOND in named
