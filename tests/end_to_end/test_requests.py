"""What is asked of ESI, and what is not: a good guest asks for nothing it has."""

import itertools
import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.clock import to_seconds
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.support.differences import tables_of, watch_writes, writes
from tests.support.house import House, open_house
from tests.support.openapi import operation

pytestmark = pytest.mark.anyio

RENEWED, DAY = 3_700, 86_460
ASSETS = "/corporations/{corporation_id}/assets"
FIVE_PAGES = replace(SCALES["small"], assets=430)
ABOUT_THE_CHARACTER = 2
"""A run by hand also asks for corporation and roles, once the copies of these have expired."""


async def test_inside_the_cache_time_nothing_is_asked(house: House) -> None:
    tables = [t for process in ALL for t in dict.fromkeys(tables_of(process))]
    for process in ALL:
        await house.sync(process.type)
    house.simulator.clear_log()
    watch_writes(house.workspace.store.path, tables)
    for process in ALL:
        run = await house.sync(process.type)
        uncached = [d for d in process.datasets if not d.route.cache_seconds]
        assert run.result == "success"
        assert run.requests_sent == 0 or uncached, process.type
    late = {r["route"] for r in house.simulator.requests()}
    assert all(not operation(route).get("x-cache-age") for route in late)
    assert writes(house.workspace.store.path) == {}


async def test_sync_now_inside_the_cache_time_says_until_when(house: House) -> None:
    run = await house.sync_data("members")
    until = run.current_until
    assert to_seconds(until) == pytest.approx(house.workspace.clock.time() + 3_600, abs=5)
    house.simulator.clear_log()
    asked = await house.workspace.scheduler.run_process_now(house.id_of("members"))
    assert (asked.kind, asked.current_until) == ("current", until)
    assert house.simulator.requests() == []
    assert len(await house.workspace.state.get_sync_history()) == 1


async def test_one_changed_page_of_five_asks_five_and_reads_one(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        await house.sync_data("assets")
        changed = house.simulator.mutate("asset", page=3, change=10)["changed"]
        house.advance(RENEWED)
        house.simulator.clear_log()
        watch_writes(house.workspace.store.path, ["asset"])
        run = await house.sync_data("assets")
        statuses = {request["page"]: request["status"] for request in house.asked()}
        assert statuses == {1: 304, 2: 304, 3: 200, 4: 304, 5: 304}
        assert (run.requests_sent, run.not_modified) == (5 + ABOUT_THE_CHARACTER, 5)  # roles, too
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (0, changed, 0)
        assert writes(house.workspace.store.path) == {"asset": changed}
        assert run.items == 430
        await house.assert_true("asset")


async def test_a_removed_row_moves_all_behind_it_and_removes_one(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        await house.sync_data("assets")
        assets = house.served("asset")
        del assets[150]
        house.advance(RENEWED)
        house.simulator.clear_log()
        run = await house.sync_data("assets")
        statuses = {request["page"]: request["status"] for request in house.asked()}
        assert statuses == {1: 304, 2: 200, 3: 200, 4: 200, 5: 200}
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (0, 0, 1)
        await house.assert_true("asset")


async def test_pages_that_are_no_more_take_their_rows_along(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        await house.sync_data("assets")
        assets = house.served("asset")
        del assets[200:]
        for sent in (2, 2):
            house.advance(RENEWED)
            house.simulator.clear_log()
            run = await house.sync_data("assets")
            assert len(house.asked()) == sent
        assert run.rows_removed == 0
        assert len(await house.rows("asset")) == 200
        await house.assert_true("asset")


async def test_a_snapshot_renewed_while_it_is_read_is_begun_anew(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        later = {"verb": "clock", "advance": RENEWED}
        rows = {"verb": "mutate", "table": "asset", "change": 50, "add": 3, "remove": 90}
        house.simulator.fault(
            "/corporations/{corporation_id}/assets", page=3, nth=1, do=[rows, later]
        )
        run = await house.sync_data("assets")
        assert run.result == "success"
        assert [r["page"] for r in house.asked() if r["early"]] == []
        await house.assert_true("asset")


async def test_a_snapshot_that_is_always_renewed_ends_in_an_error(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        await house.sync_data("assets")
        before = await house.rows("asset")
        house.simulator.mutate("asset", change=200)
        house.advance(RENEWED)
        house.simulator.clear_log()
        renewal = [
            {"verb": "mutate", "table": "asset", "change": 200},
            {"verb": "clock", "advance": 5},
            {"verb": "snapshots"},
        ]
        for page in (2, 3, 4, 5):
            house.simulator.fault(ASSETS, page=page, do=renewal)
        run = await house.sync_data("assets")
        assert (run.result, run.error_kind) == ("error", "esi")
        assert len([r for r in house.asked() if r["page"] == 1]) == 3
        assert [r["page"] for r in house.asked() if r["early"]] == []
        assert await house.rows("asset") == before


CONTRADICTIONS: list[dict[str, Any]] = [
    {"page": 3, "status": 404},
    {"page": 3, "status": 400},
    {"page": 3, "headers": {"Last-Modified": "Mon, 01 Jan 2029 00:00:00 GMT"}},
    {"page": 3, "headers": {"Last-Modified": "Mon, 06 Jan 2020 00:00:00 GMT"}},
    {"page": 1, "headers": {"X-Pages": "7"}},
    {"page": 1, "headers": {"X-Pages": "0"}},
    {"page": 1, "headers": {"X-Pages": None}},
    {"page": 1, "headers": {"X-Pages": "5, 5"}},
]


async def test_a_snapshot_that_contradicts_itself_is_asked_once_and_costs_no_row(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        await house.sync_data("assets")
        for fault in CONTRADICTIONS:
            before = await house.rows("asset")
            house.simulator.mutate("asset", change=400)
            house.advance(RENEWED)
            house.simulator.clear_log()
            house.simulator.fault(ASSETS, **fault)
            run = await house.sync_data("assets")
            assert (run.result, run.error_kind) == ("error", "esi"), fault
            assert "rows kept" in str(run.error_message), fault
            pages = [r["query"].get("page") for r in house.asked()]
            assert len(set(pages)) == len(pages), fault
            assert await house.rows("asset") == before, fault
            house.simulator.clear_faults()
            house.advance(RENEWED)
            assert (await house.sync_data("assets")).result == "success", fault
            await house.assert_true("asset")


async def test_a_page_that_repeats_another_costs_no_row(tmp_path: Path) -> None:
    """A cache that forgets the query answers page 3 with what page 1 holds."""
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        await house.sync_data("assets")
        before = await house.rows("asset")
        rows = house.served("asset")
        for which, share in itertools.product(("unchanged", "changed"), (100, 50, 11)):
            if which == "changed":
                house.simulator.mutate("asset", change=430)
            house.advance(RENEWED)
            page = [*rows[:share], *rows[200 + share : 300]]
            house.simulator.clear_faults()
            house.simulator.fault(ASSETS, page=3, body=json.dumps(page))
            run = await house.sync_data("assets")
            assert (run.result, run.error_kind) == ("error", "esi"), (which, share)
            assert "page" in str(run.error_message), (which, share)
            assert await house.rows("asset") == before, (which, share)


async def test_an_older_snapshot_is_not_merged(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        await house.sync_data("assets")
        before = await house.rows("asset")
        house.simulator.mutate("asset", change=300)
        house.advance(RENEWED)
        house.simulator.fault(
            "/corporations/{corporation_id}/assets",
            headers={"Last-Modified": "Mon, 06 Jan 2020 00:00:00 GMT"},
        )
        run = await house.sync_data("assets")
        assert (run.result, run.error_kind) == ("error", "esi")
        assert "older" in str(run.error_message)
        assert await house.rows("asset") == before


async def test_a_row_on_two_pages_is_one_row_and_is_noted(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=FIVE_PAGES)) as house:
        assets = house.served("asset")
        assets.append(dict(assets[0]))
        run = await house.sync_data("assets")
        assert (run.result, run.rows_added, run.note) == ("success", 430, "1 duplicate")
        assert len(await house.rows("asset")) == 430
        house.advance(RENEWED)
        again = await house.sync_data("assets")
        assert (again.rows_added, again.rows_changed, again.rows_removed) == (0, 0, 0)
        del assets[0]
        house.advance(RENEWED)
        again = await house.sync_data("assets")
        assert (again.rows_removed, again.note) == (0, None)
        await house.assert_true("asset")


async def test_new_transactions_are_walked_back_and_no_further(tmp_path: Path) -> None:
    scale = replace(SCALES["small"], transactions=1_000, transaction_limit=250)
    async with open_house(tmp_path / "home", SimulatorConfig(scale=scale)) as house:
        await house.sync_data("wallet")
        newest = max(
            row["transaction_id"]
            for row in await house.rows("wallet_transaction")
            if row["division"] == 1
        )
        house.simulator.mutate("wallet_transaction", division=1, add=3_000)
        house.advance(RENEWED)
        house.simulator.clear_log()
        run = await house.sync_data("wallet")
        path = f"/corporations/{house.corporation_id}/wallets/1/transactions"
        asked = [int(r["query"].get("from_id", 0)) for r in house.asked() if r["path"] == path]
        assert len(asked) == 13  # 250 rows, then 249 new ones an answer
        assert asked[0] == 0
        assert asked[1:] == sorted(asked[1:], reverse=True)
        assert asked[-1] > newest
        assert run.rows_added == 2 * 3_000  # each has its entry in the journal
        await house.assert_true("wallet_transaction", "wallet_journal")


async def test_a_walk_that_failed_half_way_is_walked_again_to_its_end(tmp_path: Path) -> None:
    scale = replace(SCALES["small"], transactions=1_000, transaction_limit=250)
    async with open_house(tmp_path / "home", SimulatorConfig(scale=scale)) as house:
        path = f"/corporations/{house.corporation_id}/wallets/1/transactions"
        house.simulator.fault(path, status=502, first=3)
        run = await house.sync_data("wallet")
        assert (run.result, run.items_failed) == ("error", 1)
        rows = await house.rows("wallet_transaction")
        assert [row for row in rows if row["division"] == 1] == []
        house.simulator.clear_faults()
        assert (await house.sync_data("wallet")).result == "success"
        await house.assert_true("wallet_transaction")


async def test_names_of_containers_are_asked_once_a_day_and_when_new(house: House) -> None:
    path = f"/corporations/{house.corporation_id}/assets/names"
    await house.sync_data("assets")
    named = [row for row in await house.rows("asset") if row["name"]]
    assert named
    house.advance(RENEWED)
    house.simulator.clear_log()
    await house.sync_data("assets")
    assert [r for r in house.asked() if r["path"] == path] == []
    item = named[0]["item_id"]
    house.simulator.call("POST", "asset_name", item_id=item, value="Renamed")
    house.advance(86_400)
    run = await house.sync_data("assets")
    assert len([r for r in house.asked() if r["path"] == path]) == 1
    assert run.rows_changed == 1
    await house.assert_true("asset")


async def test_names_that_esi_refuses_cost_no_other_name(house: House) -> None:
    assets = house.served("asset")
    path = f"/corporations/{house.corporation_id}/assets/names"
    assert len(assets) == 300
    house.simulator.fault(path, method="POST", status=404, nth=1)
    run = await house.sync_data("assets")
    assert (run.result, run.note) == ("success", None)
    assert [r["status"] for r in house.simulator.requests(path=path)] == [404, 200, 200]
    await house.assert_true("asset")


async def test_names_that_cannot_be_had_fail_no_run_and_come_later(house: House) -> None:
    path = f"/corporations/{house.corporation_id}/assets/names"
    house.simulator.fault(path, method="POST", status=500)
    run = await house.sync_data("assets")
    assert run.result == "success"
    assert "names" in str(run.note)
    house.simulator.clear_faults()
    house.advance(RENEWED)
    await house.sync_data("assets")
    await house.assert_true("asset")


ODD_NAMES = [
    b'[{"item_id": 5, "name": "\xff"}]',
    b'[{"item_id": "5", "name": null}, [], null]',
    b'{"item_id": 5}',
    b'[{"item_id": 99999999999999999999999, "name": "x"}]',
]


async def test_odd_names_of_containers_fail_no_run(house: House) -> None:
    path = f"/corporations/{house.corporation_id}/assets/names"
    for body in ODD_NAMES:
        house.simulator.clear_faults()
        house.simulator.clear_log()
        house.simulator.fault(path, method="POST", body_base64=b64encode(body).decode())
        run = await house.sync_data("assets")
        assert house.simulator.requests(path=path), body
        assert (run.result, run.error_kind) == ("success", None), body
        assert len(await house.rows("asset")) == 300, body
        house.advance(DAY)


async def test_names_that_are_refused_fail_no_run(house: House) -> None:
    path = f"/corporations/{house.corporation_id}/assets/names"
    for status in (403, 401, 420):
        house.simulator.clear_faults()
        house.simulator.fault(path, method="POST", status=status)
        run = await house.sync_data("assets")
        assert (run.result, run.error_kind) == ("success", None), status
        assert "names" in str(run.note), status
        assert house.workspace.state.needs(house.id_of("assets")) is None, status
        house.advance(DAY)
