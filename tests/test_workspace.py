"""What the workspace asks of a login."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.house import open_house

pytestmark = pytest.mark.anyio

ASKED = {
    "esi-assets.read_corporation_assets.v1",
    "esi-characters.read_corporation_roles.v1",
    "esi-corporations.read_container_logs.v1",
    "esi-corporations.track_members.v1",
    "esi-industry.read_corporation_jobs.v1",
    "esi-industry.read_corporation_mining.v1",
    "esi-killmails.read_corporation_killmails.v1",
    "esi-markets.read_corporation_orders.v1",
    "esi-universe.read_structures.v1",
    "esi-wallet.read_corporation_wallets.v1",
}


async def test_a_login_asks_for_what_is_needed_and_no_more(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        workspace = house.workspace

        workspace.settings = replace(workspace.settings, division_names="no")
        assert set(workspace.scopes) == ASKED

        workspace.settings = replace(workspace.settings, division_names="yes")
        assert set(workspace.scopes) == ASKED | {"esi-corporations.read_divisions.v1"}
