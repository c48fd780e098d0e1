"""A data set that may not be read is left out and told; the others of its process go on."""

from __future__ import annotations

import pytest

from corpsync_tui.esi.identity import Identity
from tests.engine import declared
from tests.engine.conftest import OpenHouse
from tests.engine.serving import asked, renew, serve
from tests.support.house import House

pytestmark = pytest.mark.anyio

ROOM = {"hangar": [{"number": 1, "name": "Ore"}]}


async def log_in_without(house: House, scope: str) -> None:
    """Have the character grant all scopes but one."""
    roster = house.workspace.roster
    character = next(iter(roster.characters.values()))
    scopes = tuple(sorted(character.scopes - {scope}))
    await roster.welcome(Identity(character.character_id, character.name, character.owner, scopes))


async def test_a_scope_that_is_missing_costs_its_data_set_alone(house_of: OpenHouse) -> None:
    async with house_of(declared.CAP, declared.ROLE_ROOMS) as house:
        serve(house, "cap", 40)
        serve(house, "rooms", ROOM)
        await house.sync("things")
        renew(house)
        await log_in_without(house, declared.ASSETS_SCOPE)
        serve(house, "cap", 41)
        run = await house.sync("things", "schedule")
        status = house.status("things")
        assert (run.result, run.rows_changed, status.needs) == ("success", 1, None)
        assert run.note == f"room left out: scope:{declared.ASSETS_SCOPE} is missing"
        assert len(await house.rows("room")) == 1


async def test_where_nothing_can_be_read_the_process_says_what_the_first_lacks(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.ROLE_ROOMS) as house:
        await log_in_without(house, declared.ASSETS_SCOPE)
        run = await house.sync("things")
        assert (run.result, run.error_kind) == ("error", "auth")
        assert house.status("things").needs == f"scope:{declared.ASSETS_SCOPE}"


async def test_a_role_that_is_missing_costs_its_data_set_alone_and_one_request_a_day(
    house_of: OpenHouse,
) -> None:
    async with house_of(declared.CAP, declared.ROLE_ROOMS) as house:
        serve(house, "cap", 40)
        house.simulator.fault("/corporations/{corporation_id}/rooms", status=403)
        told = "room left out: role:Station_Manager is missing"
        for number, trigger in enumerate(("schedule", "schedule", "manual")):
            house.simulator.clear_log()
            run = await house.sync("things", trigger)  # type: ignore[arg-type]  # one of the words
            assert (run.result, run.note) == ("success", told), trigger
            assert house.status("things").needs is None
            assert bool(asked(house, "rooms")) is (number != 1), trigger
            house.advance(3_700)

        house.simulator.clear_faults()
        serve(house, "cap", 40)
        serve(house, "rooms", ROOM)
        run = await house.sync("things")
        assert (run.result, run.note, run.rows_added) == ("success", None, 1)


async def test_a_new_login_has_what_was_refused_asked_for_again(house_of: OpenHouse) -> None:
    async with house_of(declared.CAP, declared.ROLE_ROOMS) as house:
        serve(house, "cap", 40)
        house.simulator.fault("/corporations/{corporation_id}/rooms", status=403)
        await house.sync("things")
        renew(house)
        serve(house, "cap", 40)
        serve(house, "rooms", ROOM)
        character = next(iter(house.workspace.roster.characters.values()))
        await house.workspace.roster.welcome(
            Identity(
                character.character_id,
                character.name,
                character.owner,
                tuple(sorted(character.scopes)),
            )
        )
        run = await house.sync("things", "schedule")
        assert (run.note, run.rows_added) == (None, 1)


async def test_an_ill_login_service_is_no_missing_role(house_of: OpenHouse) -> None:
    async with house_of(declared.CAP, declared.ROLE_ROOMS) as house:
        serve(house, "cap", 40)
        house.simulator.fault(
            "/corporations/{corporation_id}/rooms",
            status=403,
            json={"error": "…", "sso_status": 500},
        )
        run = await house.sync("things")
        assert (run.result, run.error_kind, run.note) == ("error", "esi", None)
        assert house.status("things").needs is None
        assert [row["value"] for row in await house.rows("cap")] == [40]
