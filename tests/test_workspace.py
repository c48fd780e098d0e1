"""What the workspace asks of a login, and what it leaves alone."""

import asyncio
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.store.changepack import PACKED_AT_ONCE
from corpsync_tui.store.reference import present_build
from corpsync_tui.upkeep.hourly import UPKEEP_EVERY
from corpsync_tui.workspace import Workspace
from tests.support.house import House, open_house
from tests.support.noon import noon

pytestmark = pytest.mark.anyio

ASKED = {
    "esi-assets.read_corporation_assets.v1",
    "esi-characters.read_corporation_roles.v1",
    "esi-characters.read_notifications.v1",
    "esi-contracts.read_corporation_contracts.v1",
    "esi-corporations.read_blueprints.v1",
    "esi-corporations.read_contacts.v1",
    "esi-corporations.read_container_logs.v1",
    "esi-corporations.read_corporation_membership.v1",
    "esi-corporations.read_divisions.v1",
    "esi-corporations.read_facilities.v1",
    "esi-corporations.read_freelance_jobs.v1",
    "esi-corporations.read_fw_stats.v1",
    "esi-corporations.read_medals.v1",
    "esi-corporations.read_projects.v1",
    "esi-corporations.read_standings.v1",
    "esi-corporations.read_starbases.v1",
    "esi-corporations.read_structures.v1",
    "esi-corporations.read_titles.v1",
    "esi-corporations.track_members.v1",
    "esi-industry.read_corporation_jobs.v1",
    "esi-industry.read_corporation_mining.v1",
    "esi-killmails.read_corporation_killmails.v1",
    "esi-markets.read_corporation_orders.v1",
    "esi-planets.read_customs_offices.v1",
    "esi-structures.read_corporation.v1",
    "esi-universe.read_structures.v1",
    "esi-wallet.read_corporation_wallets.v1",
}


async def test_a_login_asks_for_what_is_needed_and_no_more(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert set(house.workspace.logins.scopes()) == ASKED


class StillClock(Clock):
    """Nobody wakes who went to sleep."""

    def __init__(self) -> None:
        super().__init__(noon())
        self.upkeep_done = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds == UPKEEP_EVERY:
            self.upkeep_done.set()
        await asyncio.Event().wait()


async def _keep_up(house: House, clock: StillClock) -> None:
    clock.upkeep_done.clear()
    await house.workspace.start()
    await asyncio.wait_for(clock.upkeep_done.wait(), 20)


async def test_a_newer_build_is_read_once_a_day_where_there_is_one(tmp_path: Path) -> None:
    clock = StillClock()
    async with open_house(tmp_path, processes=(), clock=clock) as house:
        reference = house.workspace.settings.reference
        await _keep_up(house, clock)
        assert not reference.exists()

        await house.workspace.reference.newest()
        newer = house.simulator.static(build=4_000_000)
        await _keep_up(house, clock)
        assert present_build(reference) != newer

        house.advance(86_401)
        await _keep_up(house, clock)
        assert present_build(reference) == newer


async def test_the_upkeep_trims_and_packs_the_change_log(tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.toml"
    file.parent.mkdir()
    file.write_text("[changes]\nkept_days = 10\nkept_rows = 100\n")
    clock = StillClock()
    async with open_house(tmp_path, processes=(), clock=clock) as house:
        now = clock.time()
        old, recent = now - 11 * 86_400, now - 9 * 86_400
        changes = [(old if n < 5 else recent, n) for n in range(PACKED_AT_ONCE + 110)]
        await house.workspace.store.write(
            lambda db: db.executemany(
                "INSERT INTO change (run_id, time, corporation_id, table_name, kind, row_key) "
                "VALUES (1, ?, 1, 'wallet_journal', 'added', json_object('id', ?))",
                changes,
            )
        )
        await _keep_up(house, clock)
        found = await house.workspace.store.read(
            lambda db: db.execute(
                "SELECT kind, COUNT(*), MIN(time), MAX(json_extract(after, '$.added')) "
                "FROM change GROUP BY kind ORDER BY kind"
            ).fetchall()
        )

    assert found == [("added", 105, recent, None), ("bulk", 1, recent, PACKED_AT_ONCE)]


@pytest.mark.parametrize("process_id", ["98000001/dreams", "nonsense"])
async def test_a_process_that_this_version_does_not_know_is_left_alone(
    tmp_path: Path, process_id: str
) -> None:
    row = (process_id, process_id.rpartition("/")[2], 1, 5.0, 0.0)
    async with open_house(tmp_path) as house:
        workspace, types = house.workspace, set(house.workspace.processes)
        await workspace.store.write(
            lambda db: db.execute("INSERT INTO sync_schedule VALUES (?, ?, ?, ?, ?)", row)
        )
        assert await workspace.state.refresh() == []
        await workspace.close()
        opening = Workspace.open(workspace.settings, workspace.clock, command="corpsync")
        async with await opening as again:
            await again.start()
            assert {config.process_type for config in again.state.get_configs()} == types
            found = await again.store.read(
                lambda db: db.execute(
                    "SELECT * FROM sync_schedule WHERE process_id = ?", (process_id,)
                ).fetchall()
            )
            assert found == [row]
