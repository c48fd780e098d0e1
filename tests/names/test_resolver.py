"""Names come behind the runs, with few requests, and cost no run anything."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.names.ids import FIRST_STRUCTURE
from corpsync_tui.names.resolver import REFUSALS, STRUCTURE
from corpsync_tui.workspace import Workspace
from tests.support.house import House, open_house
from tests.support.noon import noon

pytestmark = pytest.mark.anyio

NAMES = "/universe/names"
STRUCTURES = "/universe/structures/"


def asked(house: House, beginning: str) -> list[dict[str, Any]]:
    return [r for r in house.simulator.requests() if r["path"].startswith(beginning)]


async def insert(house: House, sql: str, rows: list[tuple[object, ...]]) -> None:
    await house.workspace.store.write(lambda db: db.executemany(sql, rows))


async def members(house: House, ids: list[int]) -> None:
    """Put members into the database that no run has brought."""
    rows: list[tuple[object, ...]] = [(house.corporation_id, id) for id in ids]
    sql = "INSERT INTO member (corporation_id, character_id) VALUES (?, ?)"
    await insert(house, sql, rows)


async def observers(house: House, ids: list[int], corporation_id: int | None = None) -> None:
    """Put structures into the database that no run has brought."""
    rows: list[tuple[object, ...]] = [(corporation_id or house.corporation_id, id) for id in ids]
    sql = (
        "INSERT INTO mining_observer (corporation_id, observer_id, last_updated, observer_type)"
        " VALUES (?, ?, '2026-11-24', 'structure')"
    )
    await insert(house, sql, rows)


async def resolve(house: House, corporation_id: int | None = None) -> int:
    resolver = house.workspace.names._resolver
    own = corporation_id or house.corporation_id
    await resolver.collect(own)
    return await resolver.resolve(
        own, character_id=house.simulator.character_id, traffic=RequestStats()
    )


async def names(house: House) -> dict[int, str]:
    return {row["id"]: row["name"] for row in await house.rows("eve_name")}


async def among(house: House, *ids: int) -> dict[int, str]:
    """The names of these ids, as far as there are any."""
    return {id: name for id, name in (await names(house)).items() if id in ids}


async def test_all_names_are_there_after_one_sync(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        for process_type in house.workspace.processes:
            assert (await house.sync(process_type)).result == "success"

        for view, name in {
            "member_named": "character_name",
            "asset_named": "type_name",
            "mining_extraction_named": "structure_name",
            "wallet_transaction_named": "client_name",
        }.items():
            rows = await house.rows(view)
            assert rows
            assert all(row[name] for row in rows), view
        known = await names(house)
        for kill in await house.rows("killmail"):
            assert all(a["ship_type_id"] in known for a in kill["attackers"])

        nameless = [row["id"] for row in await house.rows("nameless_id")]
        assert [id for id in nameless if id < FIRST_STRUCTURE] == []

        house.simulator.clear_log()
        assert await resolve(house) == 0
        assert house.simulator.requests() == []


async def test_who_waits_for_names_waits_for_look_ups_that_began_meanwhile(tmp_path: Path) -> None:
    newcomers = {91_000_001: "First Pilot", 91_000_002: "Second Pilot"}
    async with open_house(tmp_path) as house:
        lookups, character = house.workspace.names, house.simulator.character_id
        for id, name in newcomers.items():
            house.simulator.name(id, name)

        async def arrive(id: int) -> None:
            await members(house, [id])
            await lookups._resolver.collect(house.corporation_id)

        async def another(_: int) -> None:
            await arrive(91_000_002)
            lookups.look_up(house.id_of("members"), [], character)

        await arrive(91_000_001)
        lookups.look_up(house.id_of("members"), [], character, on_requests=another)
        await lookups.finished()
        assert await among(house, *newcomers) == newcomers


async def test_a_batch_with_an_unknown_id_is_halved(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.sync("members")
        await resolve(house)  # what the login told of the corporation
        known = len(await names(house))
        await members(house, [999])
        for number in range(40):
            house.simulator.name(91_000_000 + number, f"Pilot {number}")
        await members(house, [91_000_000 + number for number in range(40)])
        house.simulator.clear_log()

        assert await resolve(house) == 40
        assert len(await names(house)) == known + 40
        assert len(asked(house, NAMES)) < 15
        house.simulator.clear_log()
        assert await resolve(house) == 0
        assert asked(house, NAMES) == []

        house.advance(31 * 86_400)
        await resolve(house)
        assert asked(house, NAMES)


async def test_many_unknown_ids_stay_far_from_the_error_limit(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await members(house, list(range(1000, 1300)))
        house.simulator.clear_log()
        await resolve(house)

        refused = [r for r in asked(house, NAMES) if r["status"] >= 400]
        assert len(refused) <= REFUSALS


async def test_forbidden_structures_are_remembered_for_a_day(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        forbidden = [1_035_999_000_000 + number for number in range(40)]
        await observers(house, forbidden)
        house.simulator.fault(STRUCTURE.path, status=403, json={"error": "Forbidden"})
        first = await _structures_asked(house)
        second = await _structures_asked(house)

        assert len(first) == REFUSALS
        assert first | second == set(forbidden)
        nameless = {row["id"]: row for row in await house.rows("nameless_id")}
        assert {nameless[id]["reason"] for id in first} == {"forbidden"}
        assert await _structures_asked(house) == set()
        house.advance(86_401)
        assert await _structures_asked(house) == first


async def _structures_asked(house: House, corporation_id: int | None = None) -> set[int]:
    house.simulator.clear_log()
    await resolve(house, corporation_id)
    return {int(r["path"].rpartition("/")[2]) for r in asked(house, STRUCTURES)}


OTHERS = (98_000_101, 98_000_102)
TENANTED = 1_035_999_000_000


async def tenants(house: House) -> None:
    """Two more corporations that are logged in, and a structure that all know."""
    sql = (
        "INSERT INTO character (character_id, name, owner, corporation_id, scopes, roles,"
        " logged_in_at) VALUES (?, 'Other', 'hash', ?, '[]', '[]', 0)"
    )
    await insert(house, sql, [(other, other) for other in OTHERS])
    for own in (house.corporation_id, *OTHERS):
        await observers(house, [TENANTED], own)


async def test_a_structure_is_named_by_the_corporation_that_may_dock_there(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await tenants(house)
        house.simulator.fault(STRUCTURE.path, status=403, json={"error": "Forbidden"})
        turns = (house.corporation_id, *OTHERS) * 2
        asked = [await _structures_asked(house, own) for own in turns]
        assert asked == [{TENANTED}] * 3 + [set()] * 3  # each is refused, for a week
        house.advance(7 * 86_400 + 1)
        assert await _structures_asked(house, OTHERS[1]) == {TENANTED}
        house.simulator.clear_faults()
        house.simulator.fault(STRUCTURE.path, json={"name": "Open To Some"})
        assert await _structures_asked(house, OTHERS[0]) == {TENANTED}
        assert await among(house, TENANTED) == {TENANTED: "Open To Some"}


async def test_what_one_that_logged_out_left_is_asked_by_another(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        for own in (OTHERS[0], house.corporation_id):
            await observers(house, [TENANTED], own)
        await house.workspace.names._resolver.collect(OTHERS[0])
        house.simulator.fault(STRUCTURE.path, json={"name": "Found"})
        await resolve(house)
        assert await among(house, TENANTED) == {TENANTED: "Found"}


async def test_a_service_that_fails_costs_no_run(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.simulator.fault(NAMES, status=500)
        run = await house.sync("members")

        assert (run.result, run.error_kind) == ("success", None)
        assert (
            (await names(house))
            .keys()
            .isdisjoint(row["character_id"] for row in await house.rows("member"))
        )
        house.simulator.clear_faults()
        house.advance(60)
        assert await resolve(house) > 0


async def test_an_answer_that_is_no_list_of_names(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.simulator.fault(NAMES, json={"names": 5})
        run = await house.sync("members")

        assert run.result == "success"


async def test_names_are_renewed_when_they_are_old(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.sync("members")
        character_id = next(row["character_id"] for row in await house.rows("member"))
        house.simulator.name(character_id, "New Name")
        await resolve(house)
        assert (await names(house))[character_id] != "New Name"

        house.advance(30 * 86_400 + 1)
        await resolve(house)
        assert (await names(house))[character_id] == "New Name"


async def test_what_names_cost_is_told_in_the_history(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.simulator.clear_log()
        run = await house.sync("members")
        (stored,) = await house.workspace.state.get_sync_history(run.process_id)

        sent = [r for r in house.simulator.requests() if not r["path"].startswith("/v2")]
        assert asked(house, NAMES)
        assert stored.requests_sent == len(sent)


async def test_boxes_are_not_taken_for_structures(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.sync("assets")
        boxes = {row["item_id"] for row in await house.rows("asset")}

        looked_up = {int(r["path"].rpartition("/")[2]) for r in asked(house, STRUCTURES)}
        assert looked_up.isdisjoint(boxes)


async def test_runs_that_end_together_share_their_requests(tmp_path: Path) -> None:
    async with open_house(tmp_path, clock=Clock(noon())) as house:
        for process_type in ("members", "wallet", "mining"):
            await house.workspace.run(house.id_of(process_type), "manual")
        await house.workspace.names.settled()

        assert len(asked(house, NAMES)) == 1
        known = await names(house)
        assert all(row["character_id"] in known for row in await house.rows("member"))
        assert all(row["type_id"] in known for row in await house.rows("mining_ledger"))
        runs = await house.workspace.state.get_sync_history()
        sent = [r for r in house.simulator.requests() if _is_of_a_run(house, r)]
        assert sum(run.requests_sent for run in runs) == len(sent)


def _is_of_a_run(house: House, request: dict[str, Any]) -> bool:
    path = str(request["path"])
    of_login = ("/v2", "/characters", "/.well-known", "/oauth", "/jwks")
    return not path.startswith(of_login) and path != f"/corporations/{house.corporation_id}"


async def test_a_look_up_that_was_given_up_stands_in_no_later_ones_way(tmp_path: Path) -> None:
    async with open_house(tmp_path, clock=Clock(noon())) as house:
        await house.workspace.run(house.id_of("members"), "manual")
        await house.workspace.names.close()
        assert asked(house, NAMES) == []
        await house.workspace.run(house.id_of("wallet"), "manual")
        await house.workspace.names.settled()

        assert len(asked(house, NAMES)) == 1


RECRUIT = 91_234_567


async def lacking(house: House) -> set[int]:
    """Members without a name."""
    return {row["character_id"] for row in await house.rows("member")} - (await names(house)).keys()


async def renewed(house: House, seconds: float = 3_700) -> None:
    """A run whose data answer 304, and its names."""
    house.advance(seconds)
    run = await house.sync("members")
    assert (run.result, run.rows_added, run.rows_changed) == ("success", 0, 0)


async def test_what_failed_is_asked_for_behind_a_run_that_brings_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.simulator.fault(NAMES, status=500)
        await house.sync("members")
        assert await lacking(house)
        house.simulator.clear_faults()
        await renewed(house)

        assert not await lacking(house)
        house.simulator.clear_log()
        await renewed(house)
        assert asked(house, NAMES) == []


async def test_a_route_that_fails_is_left_alone_for_longer_and_longer(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.simulator.fault(NAMES, status=500)
        await house.sync("members")
        for pause in (60, 120, 240):
            house.simulator.clear_log()
            house.advance(pause - 5)
            assert await resolve(house) == 0
            assert asked(house, NAMES) == []
            house.advance(6)
            await resolve(house)
            assert len(asked(house, NAMES)) == 5


@pytest.mark.parametrize("how", ["names fail", "cut off before the search"])
async def test_names_are_asked_for_at_the_next_start(tmp_path: Path, how: str) -> None:
    async with open_house(tmp_path) as house:
        if how == "names fail":
            house.simulator.fault(NAMES, status=500)
            await house.sync("members")
            house.simulator.clear_faults()
        else:
            await house.workspace.executor.execute(house.id_of("members"), "manual")
        assert await lacking(house)
        settings, clock = house.workspace.settings, house.workspace.clock
        await house.workspace.close()

        house.simulator.clear_log()
        async with await Workspace.open(settings, clock, command="corpsync") as workspace:
            workspace.resume_names()
            await workspace.names.settled()
            found = await workspace.store.read(
                lambda db: db.execute(
                    "SELECT COUNT(*) FROM member_named WHERE character_name IS NULL"
                ).fetchone()
            )
        assert found == (0,)
        assert len(asked(house, NAMES)) == 1


async def test_an_unknown_id_is_asked_for_after_an_hour_a_day_and_a_week(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.sync("members")
        await members(house, [RECRUIT])
        await resolve(house)
        for wait in (3_600, 86_400, 7 * 86_400, 7 * 86_400):
            house.simulator.clear_log()
            house.advance(wait - 10)
            await resolve(house)
            assert asked(house, NAMES) == []
            house.advance(20)
            await resolve(house)
            assert len(asked(house, NAMES)) == 1
        house.simulator.name(RECRUIT, "Late Recruit")
        house.advance(7 * 86_400 + 20)
        await resolve(house)
        assert (await names(house))[RECRUIT] == "Late Recruit"
        assert RECRUIT not in {row["id"] for row in await house.rows("nameless_id")}


async def test_what_an_older_corpsync_gave_up_for_a_month_is_asked_for(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        month = house.workspace.clock.time() + 30 * 86_400
        house.simulator.name(RECRUIT, "Late Recruit")
        sql = "INSERT INTO nameless_id (id, reason, ask_again) VALUES (?, 'unknown', ?)"
        await insert(house, sql, [(RECRUIT, month)])
        await resolve(house)
        assert (await names(house))[RECRUIT] == "Late Recruit"


@pytest.mark.parametrize(
    "odd",
    [
        {"id": RECRUIT, "name": None, "category": "character"},
        {"id": str(RECRUIT), "name": "x", "category": "character"},
        {"id": RECRUIT, "name": "x"},
        {"id": 2**70, "name": "x", "category": "character"},
        {"id": RECRUIT, "name": "\ud800", "category": "character"},
        [],
        None,
    ],
)
async def test_an_odd_entry_spoils_only_itself(tmp_path: Path, odd: Any) -> None:
    async with open_house(tmp_path) as house:
        await members(house, [RECRUIT, RECRUIT + 1])
        sound = {"id": RECRUIT + 1, "name": "Sound", "category": "character"}
        house.simulator.fault(NAMES, method="POST", body=json.dumps([odd, sound]))
        await resolve(house)
        assert await among(house, RECRUIT, RECRUIT + 1) == {RECRUIT + 1: "Sound"}
        house.simulator.clear_log()
        await resolve(house)
        assert asked(house, NAMES) == []


async def test_bytes_that_are_no_text_spoil_one_name(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await members(house, [RECRUIT, RECRUIT + 1])
        body = (
            b'[{"id":91234567,"name":"\xff","category":"character"},'
            b'{"id":91234568,"name":"Sound","category":"character"}]'
        )
        house.simulator.fault(NAMES, method="POST", body_base64=b64encode(body).decode())
        await resolve(house)
        assert await among(house, RECRUIT, RECRUIT + 1) == {RECRUIT + 1: "Sound"}


async def test_a_structure_without_a_name_stays_an_id(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        ids = [1_035_999_000_000, 1_035_999_000_001]
        await observers(house, ids)
        house.simulator.fault(STRUCTURE.path, json={"name": "Sound"})
        house.simulator.fault(STRUCTURE.path.format(structure_id=ids[0]), json={"owner_id": 5})
        await resolve(house)
        assert await among(house, *ids) == {ids[1]: "Sound"}


async def test_structures_that_fail_cost_no_other_name(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await observers(house, [1_035_999_000_000])
        house.simulator.name(RECRUIT, "Sound")
        await members(house, [RECRUIT])
        house.simulator.fault(STRUCTURE.path, status=500)
        await resolve(house)
        assert await among(house, RECRUIT) == {RECRUIT: "Sound"}
        house.simulator.clear_faults()
        house.simulator.fault(STRUCTURE.path, json={"name": "Late"})
        house.simulator.fault(NAMES, status=500)
        house.advance(61)
        assert await resolve(house) == 1


MOON = 40_027_602


async def kills(house: House, moons: list[int]) -> None:
    """Put killmails at moons into the database that no run has brought."""
    rows: list[tuple[object, ...]] = [(house.corporation_id, id, id) for id in moons]
    sql = (
        "INSERT INTO killmail (corporation_id, killmail_id, moon_id, killmail_hash, killmail_time,"
        " solar_system_id, victim, attackers) VALUES (?, ?, ?, '', '', 30000142, '{}', '[]')"
    )
    await insert(house, sql, rows)


async def test_static_data_name_places_and_types_before_anybody_is_asked(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.workspace.reference.newest()
        await kills(house, [MOON])
        house.simulator.clear_log()
        await resolve(house)

        (row,) = await house.rows("killmail_named")
        assert row["moon_name"] == "Ikuchi I - Moon 1"
        assert row["solar_system_name"] == "Jita"
        assert [r["path"] for r in house.simulator.requests()] == [NAMES]  # the corporation's


async def test_a_moon_that_static_data_lack_is_asked_for_once(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await kills(house, [MOON, 49_999_999])
        house.simulator.clear_log()
        await resolve(house)
        await resolve(house)

        found = {row["moon_id"]: row["moon_name"] for row in await house.rows("killmail_named")}
        assert found == {MOON: "Ikuchi I - Moon 1", 49_999_999: None}
        paths = sorted(r["path"] for r in asked(house, "/universe/moons/"))
        assert paths == [f"/universe/moons/{id}" for id in (MOON, 49_999_999)]

        house.advance(3_601)
        await resolve(house)
        assert len(asked(house, "/universe/moons/")) == 3
