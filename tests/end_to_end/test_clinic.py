"""What a login can lack: the clinic shows it with the key that mends it, then all runs again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog.members import PROCESS as MEMBERS
from corpsync_tui.catalog.wallet import PROCESS as WALLET
from corpsync_tui.tui.screens.login.screen import LoginScreen
from corpsync_tui.workspace import Workspace
from tests.support.house import House, log_in, open_house
from tests.support.live import Live, open_app

pytestmark = pytest.mark.anyio

HOUR = 3_700
SCOPE = "esi-wallet.read_corporation_wallets.v1"
PROCESSES = (MEMBERS, WALLET)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    """A director whose members and wallet are current."""
    async with open_app(tmp_path, processes=PROCESSES, corporations=2) as opened:
        await opened.until(lambda: is_current(opened))
        yield opened


def is_current(live: Live) -> bool:
    return all(live.state(process.type) == "current" for process in PROCESSES)


async def sync_again(live: Live, *parked: str) -> None:
    """An hour later all that is due meets what has changed."""
    live.advance(HOUR)
    await live.press("1", "a")
    await live.until(lambda: all(live.state(process_type) == "blocked" for process_type in parked))
    await live.press("4")


async def test_a_role_taken_away_is_named_and_r_runs_once_it_is_back(live: Live) -> None:
    director = live.simulator.character_id
    live.simulator.roles(director, ["Factory_Manager"])
    await sync_again(live, "members", "wallet")
    await live.reads("Role Accountant is missing: blocks Wallet")
    await live.reads("Role Director is missing: blocks Members")
    live.simulator.roles(director, ["Director"])
    live.advance(HOUR)
    await live.press("r")
    await live.told("2 blocked processes tried again")
    await live.until(lambda: is_current(live))
    await live.reads("Nothing is missing.")


async def test_a_scope_not_granted_is_named_and_a_login_grants_it(live: Live) -> None:
    director = live.simulator.character_id
    scopes = [s for s in live.workspace.logins.scopes() if s != SCOPE]
    live.simulator.scopes(director, scopes)
    await sync_again(live, "wallet")
    await live.reads("1 scope not granted: blocks Wallet")
    await live.reads(f"✗ {SCOPE}")
    assert live.state("members") == "current"
    live.simulator.scopes(director, list(live.workspace.logins.scopes()))
    await live.press("L")
    await live.log_in_again()
    await live.until(lambda: is_current(live))


async def test_a_process_left_out_of_a_login_keeps_its_data_and_comes_with_the_next(
    live: Live,
) -> None:
    house = House(live.simulator, live.workspace)
    before = await house.rows("wallet_journal")
    await live.press("4", "L")
    await live.until(lambda: isinstance(live.app.screen, LoginScreen))
    await live.reads("What it is for: all 2 processes")
    await live.press("c", "j", "space", "escape")
    await live.reads("What it is for: Members (")
    await live.log_in_again()
    await live.told("is logged in")
    await sync_again(live, "wallet")
    await live.reads(f"✗ {SCOPE}")
    await live.reads("Wallet: wallet balances, wallet journal")
    assert live.state("members") == "current"
    assert await house.rows("wallet_journal") == before
    await live.press("L")
    await live.log_in_again()
    await live.until(lambda: is_current(live))
    assert len(await house.rows("wallet_journal")) >= len(before) > 0


async def test_a_revoked_login_is_named_and_a_new_one_keeps_everything(live: Live) -> None:
    live.simulator.revoke(live.simulator.character_id)
    await sync_again(live, "members", "wallet")
    await live.reads("The login of")
    await live.reads("L  logs ")
    await live.press("L")
    await live.until(lambda: isinstance(live.app.screen, LoginScreen))
    await live.log_in_again()
    await live.until(lambda: is_current(live))
    assert len(live.workspace.roster.characters) == 1
    runs = await live.workspace.state.get_sync_history()
    assert {run.result for run in runs} == {"success", "error"}


async def test_a_sold_character_is_told_by_its_new_owner(live: Live) -> None:
    live.simulator.character(live.simulator.character_id, owner="someone-else=")
    await sync_again(live, "members", "wallet")
    await live.reads("has a new owner")
    await live.press("L")
    await live.log_in_again()
    await live.until(lambda: is_current(live))


async def test_a_character_that_left_is_told_and_another_takes_over(live: Live) -> None:
    here, elsewhere = live.simulator.world()
    director, deputy = (c["character_id"] for c in here["characters"][:2])
    live.simulator.character(director, corporation_id=elsewhere["corporation_id"])
    live.simulator.roles(deputy, ["Director"])
    await sync_again(live, "members", "wallet")
    await live.press("r")
    await live.reads(f"It left {here['name']}, whose processes have no character now")
    await live.reads("Nobody of it is logged in")
    live.simulator.login(character_id=deputy)
    await live.press("l")
    await live.log_in_again()
    await live.until(lambda: is_current(live))
    assert set(live.workspace.roster.characters) == {director, deputy}
    configs = live.workspace.state.get_configs()
    assert {c.corporation_id for c in configs} == {live.corporation_id}


async def test_a_character_is_removed_and_its_data_stays(live: Live) -> None:
    await live.press("4", "x")
    await live.reads("All rows and the whole history stay")
    await live.press("enter")
    await live.told("is logged out; all data stays")
    await live.reads("Nobody of it is logged in")
    assert live.workspace.roster.characters == {}
    rows = await live.workspace.store.read(
        lambda db: db.execute("SELECT COUNT(*) FROM member").fetchone()[0]
    )
    assert rows == len(live.simulator.truth("member"))
    await live.press("l")
    await live.log_in_again()
    await live.told("is logged in")
    live.advance(HOUR)
    await live.until(lambda: live.workspace.state.needs(f"{live.corporation_id}/wallet") is None)


async def test_the_director_decides_who_serves_and_it_is_so(live: Live) -> None:
    deputy = live.simulator.world()[0]["characters"][1]["character_id"]
    live.simulator.roles(deputy, ["Accountant"])
    live.simulator.login(character_id=deputy)
    await live.press("l")
    await live.log_in_again()
    await live.told("is logged in")
    await live.press("4")
    name = live.workspace.roster.characters[deputy].name
    await live.reads(name)
    await live.press("enter", "j", "w")
    await live.reads("Choose the character for Wallet")
    place = sorted(c.name for c in live.workspace.roster.characters.values()).index(name)
    await live.press(*["j"] * (place + 1), "enter")
    await live.told(f"Wallet uses {name}")
    live.simulator.clear_log()
    live.advance(HOUR)
    await live.press("1", "a")
    wallets = f"/corporations/{live.corporation_id}/wallets"
    await live.until(lambda: live.simulator.requests(path=wallets))
    asked = {request["character_id"] for request in live.simulator.requests(path=wallets)}
    assert asked == {deputy}
    await live.until(lambda: is_current(live))


async def test_limits_and_requests_are_those_of_esi(live: Live) -> None:
    await live.press("4")
    await live.reads("corp-wallet")
    await live.reads("/wallets/7/journal")
    esi = await anext((await live.app.opened()).watch_esi())
    asked = sum(r.requests_sent for r in await live.workspace.state.get_sync_history())
    assert esi.requests_today == asked
    buckets = {b.group: b for b in esi.buckets}
    spent = 2 * len([r for r in esi.requests if r.group == "corp-wallet"])
    assert buckets["corp-wallet"].remaining == buckets["corp-wallet"].limit - spent
    urls = 1 + 7 + 7  # balances, and each division's journal and transactions
    assert dict(buckets["corp-wallet"].uses) == {"wallet": 2 * urls}


async def test_logins_of_another_corpsync_are_noticed(tmp_path: Path) -> None:
    async with open_house(tmp_path, processes=PROCESSES) as house:
        holder = house.workspace
        (character,) = holder.roster.characters.values()
        wallet = house.id_of("wallet")

        async with await beside(house) as other:
            await other.logins.log_out(character.character_id)
        await holder.scheduler.refresh()
        assert holder.roster.characters == {}
        assert holder.state.needs(wallet) == "login"

        async with await beside(house) as other:
            await log_in(other)
        await holder.scheduler.refresh()
        assert set(holder.roster.characters) == {character.character_id}
        assert holder.state.needs(wallet) is None
        assert (await house.sync("wallet")).result == "success"


async def test_a_new_login_beside_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """What is in memory of the old login is forgotten, the new owner expected."""
    async with open_house(tmp_path, processes=PROCESSES) as house:
        await house.sync("members")
        house.simulator.character(house.simulator.character_id, owner="new=")
        house.simulator.revoke(house.simulator.character_id)
        async with await beside(house) as other:
            await log_in(other)
        await house.workspace.scheduler.refresh()
        assert (await house.sync("wallet")).result == "success"


def beside(house: House) -> Coroutine[Any, Any, Workspace]:
    workspace = house.workspace
    return Workspace.open(
        workspace.settings,
        workspace.clock,
        command="corpsync login",
        hold=False,
        processes=PROCESSES,
    )
