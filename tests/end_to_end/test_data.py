"""Logs, ledgers and texts: what is kept, what grows, what arrives."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.killmails import DETAILS
from corpsync_tui.catalog.kit.plans import Budget, ForEach
from corpsync_tui.simulator.config import SimulatorConfig
from tests.support.house import House, comparable, log_in, open_house

pytestmark = pytest.mark.anyio

CONTAINER_LOGS = "/corporations/{corporation_id}/containers/logs"
RENEWED = 3_700
HOSTILE = [
    "[red]not red[/red] [/] {braces}",
    "\x1b]52;c;aGk=\x07 \x9b31m \x00 \x7f \r\n\t",
    "👩‍🚀🛰️ \U0001f680 ñ ﷽ z͑ͫ",
    "\u202etxt.exe\u202c שלום עולם",
    '\'); DROP TABLE wallet_journal; -- "quoted" `tick`',
    '=HYPERLINK("http://x")',
    "x" * 300,
    "",
    "   ",
]


async def test_container_logs_alike_are_all_kept_and_never_added_twice(house: House) -> None:
    lines = house.served("container_log")
    lines[0:0] = [dict(lines[10]) for _ in range(3)]
    run = await house.sync_data("container_logs")
    assert run.rows_added == len(lines) == 123
    await house.assert_true("container_log")
    for _ in range(2):
        house.advance(RENEWED)
        assert (await house.sync_data("container_logs")).rows_added == 0
    lines.insert(0, dict(lines[0]))
    house.advance(RENEWED)
    assert (await house.sync_data("container_logs")).rows_added == 1
    await house.assert_true("container_log")


async def test_container_logs_that_move_over_the_pages_stay_as_many(house: House) -> None:
    await house.sync_data("container_logs")
    for added in (1, 98, 7):
        house.simulator.mutate("container_log", add=added)
        house.advance(RENEWED)
        assert (await house.sync_data("container_logs")).rows_added == added
        await house.assert_true("container_log")


async def test_a_page_of_container_logs_that_only_seems_unchanged_makes_no_row_twice(
    house: House,
) -> None:
    house.simulator.mutate("container_log", add=150)
    house.advance(RENEWED)
    await house.sync_data("container_logs")
    for page in (1, 2):
        house.simulator.mutate("container_log", add=1)
        house.advance(RENEWED)
        house.simulator.fault(CONTAINER_LOGS, page=page, status=304)
        assert (await house.sync_data("container_logs")).error_kind == "esi", page
        house.simulator.clear_faults()
        house.advance(RENEWED)
        assert (await house.sync_data("container_logs")).rows_added == 1, page
        await house.assert_true("container_log")


async def test_container_logs_that_esi_forgets_are_kept(house: House) -> None:
    await house.sync_data("container_logs")
    house.simulator.mutate("container_log", remove=100)
    house.advance(RENEWED)
    run = await house.sync_data("container_logs")
    assert (run.rows_added, run.rows_removed) == (0, 0)
    assert len(await house.rows("container_log")) == 120


async def test_the_mining_row_of_a_day_grows_in_place(house: House) -> None:
    await house.sync_data("mining")
    before = {ledger_key(row): row["quantity"] for row in await house.rows("mining_ledger")}
    observer = house.simulator.truth("mining_observer")[0]["observer_id"]
    grown = house.served("mining_ledger", observer)
    grown[3] = grown[3] | {"quantity": grown[3]["quantity"] + 1_234}
    house.advance(RENEWED)
    run = await house.sync_data("mining")
    assert (run.rows_added, run.rows_changed, run.rows_removed) == (0, 1, 0)
    after = {ledger_key(row): row["quantity"] for row in await house.rows("mining_ledger")}
    differing = [after[key] - before[key] for key in after if after[key] != before[key]]
    assert differing == [1_234]
    assert after.keys() == before.keys()


def ledger_key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["observer_id"], row["character_id"], row["type_id"], row["last_updated"]


async def test_jobs_that_esi_forgets_are_kept(house: House) -> None:
    await house.sync_data("manufacturing")
    house.simulator.mutate("industry_job", remove=10, change=3)
    house.advance(RENEWED)
    run = await house.sync_data("manufacturing")
    assert (run.rows_changed, run.rows_removed) == (3, 0)
    assert len(await house.rows("industry_job")) == 25
    await house.assert_true("industry_job")


async def test_completed_jobs_are_asked_for(house: House) -> None:
    await house.sync_data("manufacturing")
    assert {request["query"]["include_completed"] for request in house.asked()} == {"true"}


async def states(house: House) -> dict[int, str]:
    return {row["order_id"]: row["state"] for row in await house.rows("market_order")}


async def test_an_order_that_left_the_market_gets_its_end(house: House) -> None:
    await house.sync_data("market")
    for state, stored in (("expired", "expired"), ("cancelled", "cancelled"), (None, "closed")):
        before = await states(house)
        house.simulator.mutate("market_order", close=3, state=state)
        house.advance(RENEWED)
        run = await house.sync_data("market")
        after = await states(house)
        left = [order for order in before if before[order] != after[order]]
        assert [after[order] for order in left] == [stored] * 3
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (0, 3, 0), state
        await house.assert_true("market_order")


async def test_a_closed_order_gets_its_end_when_the_history_tells_it(house: House) -> None:
    await house.sync_data("market")
    order = dict(house.served("market_order")[4])
    del house.served("market_order")[4]
    house.advance(1_300)  # the open orders are renewed, the history is not
    assert (await house.sync_data("market")).rows_changed == 1
    assert (await states(house))[order["order_id"]] == "closed"
    house.served("market_order_history").insert(0, order | {"state": "expired"})
    house.advance(RENEWED)
    assert (await house.sync_data("market")).rows_changed == 1
    assert (await states(house))[order["order_id"]] == "expired"
    house.advance(1_300)
    assert (await house.sync_data("market")).rows_changed == 0


async def test_an_order_in_both_lists_has_ended(house: House) -> None:
    order = dict(house.served("market_order")[2])
    house.served("market_order_history").append(order | {"state": "cancelled"})
    await house.sync_data("market")
    assert (await states(house))[order["order_id"]] == "cancelled"
    for _ in range(3):
        house.simulator.mutate("market_order", change=1)
        house.advance(1_300)
        await house.sync_data("market")
        assert (await states(house))[order["order_id"]] == "cancelled"


async def test_a_killmail_is_asked_for_once(house: House) -> None:
    await house.sync_data("killmails")
    details = [r for r in house.asked() if r["path"].startswith("/killmails/")]
    assert len({r["path"] for r in details}) == len(details) == 12
    house.simulator.mutate("killmail", add=2)
    house.advance(RENEWED)
    house.simulator.clear_log()
    run = await house.sync_data("killmails")
    assert (run.rows_added, run.items) == (2, 14)
    details = [r for r in house.asked() if r["path"].startswith("/killmails/")]
    assert [r["authorization"] for r in details] == [False, False]
    await house.assert_true("killmail")


async def test_a_long_list_of_killmails_is_read_in_several_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(DETAILS.plan, ForEach)
    plan = replace(DETAILS.plan, budget=Budget(5), batch=2)
    monkeypatch.setattr(DETAILS, "plan", plan)
    for added in (5, 5, 2):
        run = await house.sync_data("killmails")
        status = house.status("killmails")
        assert (run.result, run.rows_added) == ("success", added)
        assert status.next_run_time is not None
        due_at_once = status.next_run_time <= house.workspace.clock.now()
        assert due_at_once is (added == 5)
    await house.assert_true("killmail")


async def test_hostile_texts_arrive_verbatim(house: House) -> None:
    journal, jobs = house.served("wallet_journal", 1), house.served("industry_job")
    for number, text in enumerate(HOSTILE):
        journal[number] = journal[number] | {"description": text, "reason": text}
        jobs[number] = jobs[number] | {"status": text}
    run = await house.sync_data("wallet")
    assert run.result == "success"
    await house.sync_data("manufacturing")
    rows = {row["id"]: row for row in await house.rows("wallet_journal")}
    for number, text in enumerate(HOSTILE):
        stored = rows[journal[number]["id"]]
        assert (stored["description"], stored["reason"]) == (text, text)
    await house.assert_true("wallet_journal", "industry_job")


async def test_hostile_names_of_containers_arrive_verbatim(house: House) -> None:
    named = [row["item_id"] for row in house.simulator.truth("asset") if row["name"]]
    texts = [text for text in HOSTILE if text]
    wanted = dict(zip(named, texts, strict=False))
    for item, text in wanted.items():
        house.simulator.call("POST", "asset_name", item_id=item, value=text)
    await house.sync_data("assets")
    stored = {row["item_id"]: row["name"] for row in await house.rows("asset")}
    assert {item: stored[item] for item in wanted} == wanted
    assert len(wanted) > 3


async def test_ids_beyond_a_double_arrive_exactly(house: House) -> None:
    assets = house.served("asset")
    row = next(row for row in assets if not row["is_singleton"])
    for number in (2**53 + 1, 2**63 - 1):
        assets.append(row | {"item_id": number, "location_id": number})
    await house.sync_data("assets")
    stored = {row["item_id"]: row["location_id"] for row in await house.rows("asset")}
    assert stored[2**53 + 1] == 2**53 + 1
    assert stored[2**63 - 1] == 2**63 - 1


async def test_unknown_fields_and_words_and_missing_fields(house: House) -> None:
    rows = house.served("member")
    number = rows[0]["character_id"]
    rows[0] = {"character_id": number, "mood": {"deep": [1, 2]}}
    assets = house.served("asset")
    assets[0] = assets[0] | {"location_flag": "PocketOfCCP"}
    assert (await house.sync_data("members")).result == "success"
    assert (await house.sync_data("assets")).result == "success"
    stored = {row["character_id"]: row for row in await house.rows("member")}[number]
    assert {value for name, value in stored.items() if name != "character_id"} == {None}
    await house.assert_true("asset")


async def test_two_corporations_keep_their_rows_apart(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(corporations=2)) as house:
        first, second = (told["corporation_id"] for told in house.simulator.world())
        character = house.simulator.world()[1]["characters"][0]["character_id"]
        shared = house.served("killmail")[0]
        worlds = house.simulator.state.world.corporations
        worlds[second].rows("killmail").insert(0, dict(shared))
        house.simulator.login(character_id=character)
        await log_in(house.workspace)
        assert len(house.workspace.scheduler.get_scheduled_processes()) == 2 * len(ALL)
        for corporation in (first, second):
            for process_type in ("members", "killmails", "container_logs"):
                run = await house.workspace.run(f"{corporation}/{process_type}", "manual")
                assert (run.result, run.corporation_id) == ("success", corporation)
        await house.workspace.names.settled()
        for table in ("member", "killmail", "container_log"):
            for corporation in (first, second):
                truth = house.simulator.truth(table, corporation_id=corporation)
                rows = await house.rows(table, corporation)
                assert comparable(rows, truth) == comparable(truth, truth)
