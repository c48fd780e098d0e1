"""To add a data set is to add one file: a ninth process from `tests/support/ninth.py`."""

from datetime import timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from tests.support import ninth
from tests.support.house import House, open_house
from tests.support.ninth import STANDINGS

pytestmark = pytest.mark.anyio

ROWS: list[dict[str, Any]] = [
    {"from_id": 500_001, "from_type": "faction", "standing": 4.96},
    {"from_id": 1_000_035, "from_type": "npc_corp", "standing": 10.0},
    {"from_id": 3_009_841, "from_type": "agent", "standing": -2.5},
]
ABOUT_THE_CHARACTER = 2
"""A run by hand also asks for corporation and roles, once the copies of these have expired."""


def serve(house: House, *pages: list[dict[str, Any]] | None) -> None:
    """Have the simulator answer the route with these pages; None is an unchanged one."""
    house.simulator.clear_faults()
    now = house.simulator.now()
    for number, rows in enumerate(pages, start=1):
        house.simulator.fault(
            STANDINGS.path,
            page=number,
            **({"status": 304, "body": ""} if rows is None else {"json": rows}),
            headers={
                "X-Pages": str(len(pages)),
                "ETag": f'"page-{number}"',
                "Last-Modified": formatdate(now, usegmt=True),
                "Expires": formatdate(now + 3_600, usegmt=True),
            },
        )


async def test_it_is_synced_from_route_to_view(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", processes=[*ALL, ninth.PROCESS]) as house:
        workspace = house.workspace
        config = workspace.scheduler.get_process_config(house.id_of("standings"))
        assert config is not None
        assert (config.interval_minutes, config.enabled) == (120, True)
        assert STANDINGS.scope in workspace.scopes

        house.simulator.name(500_001, "Caldari State", "faction")
        serve(house, ROWS[:2], ROWS[2:])
        run = await house.sync("standings")
        assert (run.result, run.error_message, run.rows_added) == ("success", None, 3)
        assert await house.rows("standing") == sorted(ROWS, key=lambda row: row["from_id"])
        named = {row["from_id"]: row for row in await house.rows("standing_named")}
        columns = ["corporation_name", "from_id", "from_name", "from_type", "standing"]
        assert list(named[500_001]) == columns
        assert named[500_001]["from_name"] == "Caldari State"

        house.advance(3_700)
        house.simulator.clear_log()
        serve(house, None, [ROWS[2] | {"standing": -3.0}])
        run = await house.sync("standings")
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (0, 1, 0)
        assert (run.requests_sent, run.not_modified) == (2 + ABOUT_THE_CHARACTER, 1)
        assert [r["if_none_match"] for r in house.simulator.requests(path=path_of(house))] == [
            '"page-1"',
            '"page-2"',
        ]
        ended = house.status("standings").last_success_time
        assert ended is not None
        assert house.status("standings").next_run_time == ended + timedelta(hours=2)

        house.advance(3_700)
        serve(house, ROWS[:1])
        run = await house.sync("standings")
        assert (run.rows_changed, run.rows_removed) == (0, 2)
        assert await house.rows("standing") == ROWS[:1]


def path_of(house: House) -> str:
    return STANDINGS.path.format(corporation_id=house.corporation_id)
