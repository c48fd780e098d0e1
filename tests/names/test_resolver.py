"""Names come behind the runs, with few requests, and cost no run anything."""

from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.esi.routes import Traffic
from corpsync_tui.names.resolver import REFUSALS, STRUCTURE
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


async def observers(house: House, ids: list[int]) -> None:
    """Put structures into the database that no run has brought."""
    rows: list[tuple[object, ...]] = [(house.corporation_id, id) for id in ids]
    sql = (
        "INSERT INTO mining_observer (corporation_id, observer_id, last_updated, observer_type)"
        " VALUES (?, ?, '2026-11-24', 'structure')"
    )
    await insert(house, sql, rows)


async def resolve(house: House) -> int:
    return await house.workspace.names._resolver.resolve(
        house.corporation_id,
        character_id=house.simulator.character_id,
        traffic=Traffic(),
    )


async def names(house: House) -> dict[int, str]:
    return {row["id"]: row["name"] for row in await house.rows("eve_name")}


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

        house.simulator.clear_log()
        assert await resolve(house) == 0
        assert house.simulator.requests() == []


async def test_a_batch_with_an_unknown_id_is_halved(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.sync("members")
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
        forbidden = [1_035_999_000_000 + number for number in range(300)]
        await observers(house, forbidden)
        house.simulator.fault(STRUCTURE.path, status=403, json={"error": "Forbidden"})
        first = await _structures_asked(house)
        second = await _structures_asked(house)

        assert REFUSALS <= len(first) < REFUSALS + 4
        assert first & second == set()
        nameless = {row["id"]: row for row in await house.rows("nameless_id")}
        assert {nameless[id]["reason"] for id in first} == {"forbidden"}
        house.advance(86_401)
        assert await _structures_asked(house) & first


async def _structures_asked(house: House) -> set[int]:
    house.simulator.clear_log()
    await resolve(house)
    return {int(r["path"].rpartition("/")[2]) for r in asked(house, STRUCTURES)}


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
