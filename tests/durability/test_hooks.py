"""300 skyhooks take twice the tokens that their group holds: they are read in turn, all of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.plans import ForEach
from corpsync_tui.catalog.structures import DETAILS, PROCESS
from corpsync_tui.esi.buckets import RESERVE_SHARE
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.durability.test_day import HOUR, SIZES, Use, count
from tests.support.virtual import virtual_house

pytestmark = pytest.mark.anyio

STRUCTURES, SKYHOOKS = 60, 300
ROUTES = [d.route.path for d in PROCESS.datasets if isinstance(d.plan, ForEach)]
HOOK = "/corporations/{corporation_id}/structures/skyhooks/{skyhook_id}"


async def test_sixty_structures_and_300_skyhooks_are_read_within_the_hour(tmp_path: Path) -> None:
    scale = replace(SCALES["small"], structures=STRUCTURES)
    config = SimulatorConfig(scale=scale)
    async with virtual_house(tmp_path / "home", config, processes=ALL) as house:
        some = len(house.simulator.truth("skyhook"))
        house.simulator.mutate("skyhook", add=SKYHOOKS - some)
        await house.workspace.start()
        await house.live(HOUR)
        requests = house.simulator.requests()
        runs = await house.workspace.state.get_sync_history(house.id_of("structures"))
        for table in ("structure", "starbase_detail", "skyhook_detail", "sovereignty_hub_detail"):
            assert len(await house.rows(table)) == len(house.simulator.truth(table)), table

    uses: dict[str, Use] = defaultdict(Use)
    count(uses, requests)
    assert sum(r["route"] == HOOK for r in requests) >= SKYHOOKS
    assert not {420, 429} & {r["status"] for r in requests}
    for group, use in uses.items():
        assert not group or SIZES[group] - use.most >= SIZES[group] * RESERVE_SHARE, group
    details = sum(r["route"] in ROUTES for r in requests)
    assert SKYHOOKS <= details <= DETAILS.requests * len(runs)
