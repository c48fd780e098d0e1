"""One division, observer or killmail that fails costs that one."""

from typing import Any

import pytest

from corpsync_tui.catalog.wallet import JOURNAL
from tests.support.house import House

pytestmark = pytest.mark.anyio

RENEWED = 3_700
SERIOUS = [({"status": 500}, "esi"), ({"reset": True}, "network")]


def wallet_path(house: House, division: int, log: str) -> str:
    return f"/corporations/{house.corporation_id}/wallets/{division}/{log}"


async def divisions_of(house: House, table: str) -> set[int]:
    return {row["division"] for row in await house.rows(table)}


@pytest.mark.parametrize(
    ("log", "fault", "kind"),
    [("journal", {"status": 500}, "esi"), ("transactions", {"reset": True}, "network")],
)
async def test_a_division_that_fails(
    house: House, log: str, fault: dict[str, Any], kind: str
) -> None:
    path = wallet_path(house, 3, log)
    house.simulator.fault(path, **fault)
    run = await house.sync_data("wallet")
    assert (run.result, run.error_kind, run.items_failed) == ("error", kind, 1)
    assert "division 3" in str(run.error_message)
    assert "division 2" not in str(run.error_message)
    failed = f"wallet_{log.removesuffix('s')}"
    other = {"wallet_journal", "wallet_transaction"} - {failed}
    assert await divisions_of(house, failed) == {1, 2, 4, 5, 6, 7}
    await house.assert_true("wallet_balance", *other)
    assert house.status("wallet").error_count == 1

    house.simulator.clear_faults()
    house.simulator.clear_log()
    run = await house.sync_data("wallet")
    assert run.result == "success"
    assert {request["path"] for request in house.asked()} == {path}
    assert house.status("wallet").error_count == 0
    await house.assert_true("wallet_balance", "wallet_journal", "wallet_transaction")


async def test_a_division_that_esi_does_not_know_is_no_error(house: House) -> None:
    path = wallet_path(house, 5, "journal")
    house.simulator.fault(path, status=404)
    run = await house.sync_data("wallet")
    assert (run.result, run.error_kind, run.items_failed) == ("success", None, 1)
    assert "division 5" in str(run.error_message)
    assert len([r for r in house.asked() if r["path"] == path]) == 1
    assert await divisions_of(house, "wallet_journal") == {1, 2, 3, 4, 6, 7}

    house.simulator.clear_log()
    run = await house.sync_data("wallet")
    assert (run.result, run.items_failed) == ("success", 1)
    assert {request["path"] for request in house.asked()} == {path}
    house.simulator.clear_faults()
    await house.sync_data("wallet")
    await house.assert_true("wallet_journal")


async def test_a_division_that_may_not_be_seen_blocks_no_other(house: House) -> None:
    house.simulator.fault(wallet_path(house, 3, "journal"), status=403)
    run = await house.sync_data("wallet")
    assert (run.result, run.error_kind, run.items_failed) == ("success", None, 1)
    assert "division 3" in str(run.error_message)
    assert "Accountant" in str(run.error_message)
    assert await divisions_of(house, "wallet_journal") == {1, 2, 4, 5, 6, 7}
    await house.assert_true("wallet_balance", "wallet_transaction")
    assert house.status("wallet").needs is None
    house.simulator.clear_faults()
    assert (await house.sync_data("wallet")).result == "success"
    assert house.status("wallet").next_run_time is not None
    await house.assert_true("wallet_journal")


async def test_a_wrong_value_in_a_division_costs_that_division(house: House) -> None:
    house.simulator.fault(wallet_path(house, 3, "journal"), json=[{"id": "1"}])
    run = await house.sync_data("wallet")
    assert (run.result, run.error_kind, run.items_failed) == ("error", "validation", 1)
    assert "division 3" in str(run.error_message)
    assert await divisions_of(house, "wallet_journal") == {1, 2, 4, 5, 6, 7}


async def test_two_divisions_that_fail_are_both_named(house: House) -> None:
    house.simulator.fault(wallet_path(house, 2, "journal"), status=404)
    house.simulator.fault(wallet_path(house, 6, "transactions"), status=500)
    run = await house.sync_data("wallet")
    assert (run.result, run.items_failed) == ("error", 2)
    assert "division 2, division 6" in str(run.error_message)


async def test_a_network_that_is_gone_is_not_asked_division_by_division(house: House) -> None:
    house.simulator.fault("^/corporations/.*/wallets/[0-9]/.*", reset=True)
    run = await house.sync_data("wallet")
    assert (run.result, run.error_kind, run.items_failed) == ("error", "network", 7)
    assert len(house.asked()) <= 1 + 2 * 5
    await house.assert_true("wallet_balance")


async def test_a_downtime_among_the_divisions_is_one_run(house: House) -> None:
    house.simulator.fault(
        wallet_path(house, 3, "journal"), status=502, do=[{"verb": "downtime", "down": True}]
    )
    with pytest.raises(Exception, match="downtime"):
        await house.sync_data("wallet")
    (run,) = await house.workspace.state.get_sync_history()
    assert (run.result, run.error_kind) == ("error", "esi")
    assert "downtime" in str(run.error_message)
    assert house.status("wallet").error_count == 1


@pytest.mark.parametrize(("fault", "kind"), SERIOUS)
async def test_an_observer_that_fails(house: House, fault: dict[str, Any], kind: str) -> None:
    observer = sorted(row["observer_id"] for row in house.simulator.truth("mining_observer"))[0]
    path = f"/corporation/{house.corporation_id}/mining/observers/{observer}"
    house.simulator.fault(path, **fault)
    run = await house.sync_data("mining")
    assert (run.result, run.error_kind, run.items_failed) == ("error", kind, 1)
    assert f"observer {observer}" in str(run.error_message)
    assert observer not in {row["observer_id"] for row in await house.rows("mining_ledger")}
    assert len(await house.rows("mining_ledger")) == 30
    await house.assert_true("mining_observer", "mining_extraction")

    house.simulator.clear_faults()
    house.simulator.clear_log()
    assert (await house.sync_data("mining")).result == "success"
    assert {request["path"] for request in house.asked()} == {path}
    await house.assert_true("mining_ledger")


async def test_an_observer_that_was_lost_is_no_error(house: House) -> None:
    await house.sync_data("mining")
    observer = house.simulator.truth("mining_observer")[0]["observer_id"]
    house.simulator.fault(
        f"/corporation/{house.corporation_id}/mining/observers/{observer}", status=404
    )
    house.advance(RENEWED)
    run = await house.sync_data("mining")
    assert (run.result, run.items_failed) == ("success", 1)
    await house.assert_true("mining_ledger")


async def test_extractions_that_fail_cost_no_ledger(house: House) -> None:
    path = f"/corporation/{house.corporation_id}/mining/extractions"
    house.simulator.fault(path, status=500)
    run = await house.sync_data("mining")
    assert (run.result, run.items_failed) == ("error", 1)
    assert "extractions" in str(run.error_message)
    await house.assert_true("mining_observer", "mining_ledger")


@pytest.mark.parametrize(
    ("fault", "result", "kind"),
    [
        ({"status": 500}, "error", "esi"),
        ({"json": {"killmail_id": "1"}}, "error", "validation"),
    ],
)
async def test_a_killmail_that_fails(
    house: House, fault: dict[str, Any], result: str, kind: str | None
) -> None:
    killmail = house.simulator.truth("killmail")[5]
    path = f"/killmails/{killmail['killmail_id']}/{killmail['killmail_hash']}"
    house.simulator.fault(path, **fault)
    run = await house.sync_data("killmails")
    assert (run.result, run.error_kind, run.items_failed) == (result, kind, 1)
    assert f"killmail {killmail['killmail_id']}" in str(run.error_message)
    assert len(await house.rows("killmail")) == run.rows_added == 11

    house.simulator.clear_faults()
    house.simulator.clear_log()
    run = await house.sync_data("killmails")
    assert (run.result, run.rows_added, run.items_failed) == ("success", 1, 0)
    assert {request["path"] for request in house.asked()} == {path}
    await house.assert_true("killmail")


async def test_killmails_that_esi_refuses_are_asked_for_again_after_a_day(house: House) -> None:
    refused = dict(zip((403, 404, 422), house.simulator.truth("killmail")[5:], strict=False))
    paths = {s: f"/killmails/{k['killmail_id']}/{k['killmail_hash']}" for s, k in refused.items()}
    for status, path in paths.items():
        house.simulator.fault(path, status=status)
    run = await house.sync_data("killmails")
    assert (run.result, run.error_kind, run.items_failed) == ("success", None, 3)
    for killmail in refused.values():
        assert f"killmail {killmail['killmail_id']}" in str(run.error_message)
    assert run.rows_added == 9

    house.simulator.clear_faults()
    house.simulator.clear_log()
    house.advance(RENEWED)
    run = await house.sync_data("killmails")
    assert (run.result, run.rows_added, run.items_failed) == ("success", 0, 0)
    assert not {*paths.values()} & {request["path"] for request in house.asked()}

    house.advance(86_400)
    assert (await house.sync_data("killmails")).rows_added == 3
    await house.assert_true("killmail")


async def test_killmails_of_a_route_that_is_ill_are_not_all_tried(house: House) -> None:
    house.simulator.mutate("killmail", add=60)
    house.simulator.fault("/killmails/{killmail_id}/{killmail_hash}", status=500)
    run = await house.sync_data("killmails")
    assert (run.result, run.error_kind, run.items_failed) == ("error", "esi", 72)
    assert "67 more" in str(run.error_message)
    assert len(house.asked()) < 72
    house.simulator.clear_faults()
    assert (await house.sync_data("killmails")).rows_added == 72
    await house.assert_true("killmail")


async def test_a_role_that_was_lost_keeps_the_data_and_parks(house: House) -> None:
    await house.sync_data("wallet")
    for character in house.workspace.roster.characters:
        house.simulator.roles(character, ["Hangar_Query_1"])
    house.advance(RENEWED)
    run = await house.sync_data("wallet")
    assert (run.result, run.error_kind) == ("error", "auth")
    assert house.status("wallet").needs == "role:Accountant"
    await house.assert_true("wallet_balance", "wallet_journal", "wallet_transaction")
    for character in house.workspace.roster.characters:
        house.simulator.roles(character, ["Accountant"])
    house.advance(RENEWED)
    assert (await house.sync_data("wallet")).result == "success"


async def test_a_station_manager_reads_what_the_role_opens_and_is_told_the_rest(
    house: House,
) -> None:
    house.simulator.roles(house.simulator.character_id, ["Station_Manager"])
    house.advance(RENEWED)
    run = await house.sync_data("mining")
    assert (run.result, house.status("mining").needs) == ("success", None)
    assert run.note == (
        "mining_observer left out: role:Accountant is missing; "
        "mining_ledger left out: role:Accountant is missing"
    )
    await house.assert_true("mining_extraction")
    assert await house.rows("mining_ledger") == []

    run = await house.sync_data("corporation")
    assert run.result == "success"
    assert "scope:" not in str(run.note), "the login grants them all"
    assert "member_role left out: role:Director is missing" in str(run.note)


async def test_a_journal_that_esi_cut_off_says_so_at_its_first_load(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JOURNAL, "most", len(house.served("wallet_journal", 1)))
    first = await house.sync_data("wallet")
    house.advance(RENEWED)
    house.simulator.mutate("wallet_journal", division=1, add=5)
    second = await house.sync_data("wallet")

    assert "wallet journal begins late for " in str(first.note)
    assert second.note is None
