"""Who serves a process, and how often ESI is asked about characters."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.notifications import ELSEWHERE
from corpsync_tui.errors import AuthError, EsiError, KeyringError
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.sync.roster import Character, Roster
from corpsync_tui.sync.roster_rows import forget_character
from tests.support.house import House, log_in, open_house

pytestmark = pytest.mark.anyio

HOUR = 3_700
AFFILIATION = "/characters/affiliation"
ROLES = "/characters/{character_id}/roles"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home") as opened:
        opened.simulator.clear_log()
        yield opened


def only(roster: Roster) -> Character:
    (character,) = roster.characters.values()
    return character


def put(roster: Roster, character: Character) -> None:
    """Let the roster know a character so, in memory alone."""
    roster.characters = {**roster.characters, character.character_id: character}


def add(roster: Roster, **changes: object) -> Character:
    """A second character, in memory alone."""
    first = only(roster)
    second = replace(first, character_id=first.character_id + 1, **changes)  # type: ignore[arg-type]
    put(roster, second)
    return second


def wallet(house: House) -> Process:
    return house.workspace.processes["wallet"]


async def test_a_director_may_everything_and_any_role_of_a_route_will_do(house: House) -> None:
    director = only(house.workspace.roster)
    assert "Director" in director.roles
    assert director.lacks(wallet(house)) is None
    assert replace(director, roles=frozenset({"Accountant"})).lacks(wallet(house)) is None
    trader = replace(director, roles=frozenset({"Trader"}))
    assert trader.lacks(wallet(house)) == "role:Accountant"


async def test_what_reads_part_of_a_process_lacks_nothing_of_it(house: House) -> None:
    manager = replace(only(house.workspace.roster), roles=frozenset({"Station_Manager"}))
    processes = house.workspace.processes
    assert manager.lacks(processes["structures"]) is None
    assert manager.lacks(processes["killmails"]) == "role:Director"
    assert replace(manager, scopes=frozenset()).lacks(processes["corporation"]) is None


async def test_details_of_a_list_that_nobody_may_read_are_no_reason_to_run(house: House) -> None:
    roster = house.workspace.roster
    put(roster, replace(only(roster), scopes=frozenset({"esi-assets.read_corporation_assets.v1"})))
    with pytest.raises(AuthError) as refused:
        roster.access(house.corporation_id, house.workspace.processes["killmails"])
    assert refused.value.needs == "scope:esi-killmails.read_corporation_killmails.v1"


async def test_a_login_knows_character_corporation_and_roles(house: House) -> None:
    roster = house.workspace.roster
    (told,) = house.simulator.world()
    first = told["characters"][0]
    character = only(roster)
    assert (character.character_id, character.name) == (first["character_id"], first["name"])
    assert character.corporation_id == house.corporation_id
    assert character.roles == set(first["roles"])
    assert roster.corporation_name(house.corporation_id) == told["name"]


@pytest.mark.parametrize("status", [403, 404])
async def test_a_login_does_without_roles_and_the_name_of_the_corporation(
    house: House, status: int
) -> None:
    roster = house.workspace.roster
    await house.workspace.logins.log_out(only(roster).character_id)
    await house.workspace.store.write(lambda db: db.execute("DELETE FROM corporation"))
    await roster.load()
    house.simulator.fault(ROLES, status=status)
    house.simulator.fault("/corporations/{corporation_id}", status=status)

    await log_in(house.workspace)
    assert only(roster).corporation_id == house.corporation_id
    assert not only(roster).roles
    assert house.status("members").needs is None

    house.simulator.clear_faults()
    house.advance(HOUR)
    assert (await house.sync("members")).result == "success"
    (told,) = house.simulator.world()
    assert roster.corporation_name(house.corporation_id) == told["name"]
    assert "Director" in only(roster).roles


async def test_nothing_is_kept_of_a_login_whose_corporation_is_not_told(house: House) -> None:
    roster, tokens = house.workspace.roster, house.workspace.connection.tokens
    character_id = only(roster).character_id
    await house.workspace.logins.log_out(character_id)
    house.simulator.fault(AFFILIATION, status=404)

    with pytest.raises(EsiError, match="affiliation"):
        await log_in(house.workspace)
    assert not roster.characters
    with pytest.raises(KeyringError):
        await tokens.access(character_id)

    house.simulator.clear_faults()
    await log_in(house.workspace)
    assert (await house.sync("members")).result == "success"


async def test_the_one_with_a_fitting_role_serves(house: House) -> None:
    roster = house.workspace.roster
    first = only(roster)
    put(roster, replace(first, roles=frozenset()))
    second = add(roster, roles=frozenset({"Accountant"}))
    assert roster.access(house.corporation_id, wallet(house)).first == second.character_id


async def test_without_a_fitting_role_esi_has_the_last_word(house: House) -> None:
    roster = house.workspace.roster
    first = only(roster)
    put(roster, replace(first, roles=frozenset()))
    assert roster.access(house.corporation_id, wallet(house)).first == first.character_id


async def test_the_one_with_the_scope_serves(house: House) -> None:
    roster = house.workspace.roster
    first = only(roster)
    put(roster, replace(first, scopes=frozenset()))
    second = add(roster, scopes=first.scopes)
    assert roster.access(house.corporation_id, wallet(house)).first == second.character_id


async def test_a_missing_scope_is_named(house: House) -> None:
    roster = house.workspace.roster
    first = only(roster)
    put(roster, replace(first, scopes=frozenset()))
    with pytest.raises(AuthError) as refused:
        roster.access(house.corporation_id, wallet(house))
    assert refused.value.needs == "scope:esi-wallet.read_corporation_wallets.v1"
    assert "esi-wallet.read_corporation_wallets.v1" in refused.value.message


async def test_nobody_logged_in_needs_a_login(house: House) -> None:
    roster = house.workspace.roster
    await roster.mark(only(roster).character_id, "login")
    with pytest.raises(AuthError, match="corpsync login") as refused:
        roster.access(house.corporation_id, wallet(house))
    assert refused.value.needs == "login"


async def test_what_is_known_is_not_asked_again(house: House) -> None:
    await house.workspace.roster.refresh()
    assert house.simulator.requests() == []


async def test_what_has_expired_is_asked_once_by_all_runs_together(house: House) -> None:
    roster = house.workspace.roster
    house.advance(HOUR)
    await asyncio.gather(*(roster.refresh() for _ in range(3)))
    routes = [r["route"] for r in house.simulator.requests() if r["route"] in (AFFILIATION, ROLES)]
    assert sorted(routes) == [AFFILIATION, ROLES]
    assert not any(r["early"] for r in house.simulator.requests())


async def test_what_a_run_asks_about_its_character_counts_among_its_requests(house: House) -> None:
    house.advance(HOUR)
    run = await house.sync("members")
    (stored,) = await house.workspace.state.get_sync_history(run.process_id)
    sent = [r for r in house.simulator.requests() if not r["path"].startswith("/v2")]
    assert {AFFILIATION, ROLES} <= {r["route"] for r in sent}
    assert stored.requests_sent == len(sent)


async def test_roles_that_are_as_they_were_cost_an_unchanged_answer(house: House) -> None:
    roster = house.workspace.roster
    before = only(roster)
    house.simulator.clear_log()
    house.advance(3_700)
    await roster.refresh()
    (asked,) = house.simulator.requests(route=ROLES)
    assert asked["status"] == 304
    after = only(roster)
    assert after.roles == before.roles != frozenset()
    assert after.roles_until > before.roles_until


async def test_new_roles_are_learned(house: House) -> None:
    roster = house.workspace.roster
    house.simulator.roles(only(roster).character_id, ["Accountant"])
    house.advance(HOUR)
    await roster.refresh()
    assert only(roster).roles == {"Accountant"}


async def test_a_character_that_left_serves_no_more(house: House) -> None:
    roster = house.workspace.roster
    asked = house.workspace.clock.time()
    character_id = only(roster).character_id
    house.simulator.character(character_id, corporation_id=1_000_006)
    house.advance(HOUR)
    run = await house.sync("members")
    assert (run.result, run.error_kind) == ("error", "auth")
    assert only(roster).corporation_id == 1_000_006
    assert house.status("members").needs == "login"
    (seen,) = await house.workspace.store.read(
        lambda db: db.execute(
            "SELECT CAST(strftime('%s', json_extract(value, '$')) AS INTEGER) FROM setting"
            " WHERE key = ?",
            (f"{ELSEWHERE}1000006.{character_id}",),
        ).fetchone()
    )
    assert seen == pytest.approx(asked, abs=60)  # when it was known to be there last


async def test_an_ill_route_keeps_what_is_known_and_is_left_alone_for_a_while(
    house: House,
) -> None:
    roster = house.workspace.roster
    house.advance(HOUR)
    house.simulator.fault(AFFILIATION, status=500)
    before = only(roster)
    await roster.refresh()
    sent = len(house.simulator.requests(path=AFFILIATION))
    await roster.refresh()
    assert len(house.simulator.requests(path=AFFILIATION)) == sent
    assert only(roster) == before
    house.simulator.clear_faults()
    house.advance(61)
    house.workspace.clock.leap(61)  # type: ignore[attr-defined]
    await roster.refresh()
    assert only(roster).corporation_until > before.corporation_until


async def test_a_second_login_of_a_known_character_renews_it(house: House) -> None:
    roster = house.workspace.roster
    await roster.mark(only(roster).character_id, "login")
    await log_in(house.workspace)
    assert only(roster).needs is None


async def test_a_forgotten_character_leaves_its_data(house: House) -> None:
    await house.sync("members")
    roster = house.workspace.roster
    await house.workspace.logins.log_out(only(roster).character_id)
    assert roster.characters == {}
    await house.assert_true("member")
    assert house.status("members").needs == "login"


async def test_one_that_is_logged_out_while_esi_is_asked_about_it_fails_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = house.workspace.roster
    ask = roster._ask_corporation_of

    async def ask_slowly(character_id: int, traffic: RequestStats) -> None:
        await house.workspace.store.write(lambda _: forget_character(character_id))
        await ask(character_id, traffic)

    monkeypatch.setattr(roster, "_ask_corporation_of", ask_slowly)
    house.advance(HOUR)
    await roster.refresh()
    assert not roster.characters
