"""A run that fails: one sentence, a count, data as before, and it heals by itself."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.plans import Batch, ForEach
from corpsync_tui.esi.identity import Identity
from corpsync_tui.esi.vault import FileVault
from corpsync_tui.simulator.config import SimulatorConfig
from tests.support.differences import tables_of
from tests.support.house import House, log_in, open_house

pytestmark = pytest.mark.anyio

RENEWED, DAY = 3_700, 86_460
MEMBERTRACKING = "/corporations/{corporation_id}/membertracking"
ASSETS = "/corporations/{corporation_id}/assets"
FIRST_ROUTES = {process.type: process.datasets[0].route.path for process in ALL}
BAD_ASSET: dict[str, Any] = {
    "is_singleton": False,
    "item_id": 1,
    "location_flag": "CorpSAG1",
    "location_id": 60003760,
    "location_type": "station",
    "quantity": 5,
    "type_id": 34,
}


async def contents(house: House, process: Process) -> dict[str, Any]:
    return {table: await house.rows(table) for table in tables_of(process)}


FAULTS: list[tuple[dict[str, Any], str, bool]] = [
    ({"status": 500}, "esi", False),
    ({"reset": True}, "network", False),
    ({"status": 403}, "auth", True),
    ({"status": 404}, "esi", False),
]
"""With the kind of the run's error, and whether it may be a role that is missing."""


@pytest.mark.parametrize("process", ALL, ids=lambda p: p.type)
async def test_a_route_that_fails(house: House, process: Process) -> None:
    await house.sync_data(process.type)
    for fault in FAULTS:
        house.advance(DAY)
        house.simulator.fault(FIRST_ROUTES[process.type], **fault[0])
        await assert_fails(house, process, *fault)
        house.simulator.clear_faults()


async def assert_fails(
    house: House, process: Process, fault: dict[str, Any], kind: str, needs_role: bool
) -> None:
    """It is told as what it is, twice, and the next run heals; or the others go on without it."""
    before = await contents(house, process)
    first = process.datasets[0]
    if needs_role and has_others(process) and first.route.roles:
        await assert_left_out(house, process)
        return
    if isinstance(first.plan, ForEach) and fault.get("status") == 404:
        run = await house.sync_data(process.type)  # a part that is gone is no failure of the run
        assert (run.result, run.items_failed) == ("success", 1)
        return
    if needs_role and not first.route.roles:  # no role is missing, so nobody is asked for one
        run = await house.sync_data(process.type)
        assert house.status(process.type).needs is None
        assert run.note or run.error_message
        assert await house.rows(first.table) == before[first.table]
        house.simulator.clear_faults()
        assert (await house.sync_data(process.type)).result == "success"
        return
    for failures in (1, 2):
        run = await house.sync_data(process.type)
        status = house.status(process.type)
        assert (run.result, run.error_kind) == ("error", kind)
        assert (status.status, status.error_kind, status.error_count) == ("error", kind, failures)
        assert status.error_message == run.error_message
        assert_one_sentence(str(run.error_message), process)
        assert (status.needs is not None) is needs_role
        assert (status.next_run_time is None) is needs_role
        assert await contents(house, process) == before
    house.simulator.clear_faults()
    run = await house.sync_data(process.type)
    status = house.status(process.type)
    assert run.result == "success"
    assert (status.status, status.error_count, status.needs) == ("success", 0, None)
    assert (status.error_kind, status.error_message) == (None, None)
    assert status.next_run_time is not None
    await house.assert_true(*tables_of(process))


def has_others(process: Process) -> bool:
    """Whether something can be read without the process's first data set."""
    first, *others = process.datasets
    return any(
        not isinstance(d.plan, Batch)
        and not (isinstance(d.plan, ForEach) and d.plan.of is first.model)
        for d in others
    )


async def assert_left_out(house: House, process: Process) -> None:
    """The first data set may not be read: it is left out and told, and the others go on."""
    first = process.datasets[0]
    before = await house.rows(first.table)
    run = await house.sync_data(process.type)
    status = house.status(process.type)
    assert (run.result, status.needs) == ("success", None)
    assert f"{first.table} left out: role:{first.route.roles[0]}" in str(run.note)
    assert status.next_run_time is not None
    assert await house.rows(first.table) == before
    house.simulator.clear_faults()
    assert (await house.sync_data(process.type)).note is None
    await house.assert_true(*tables_of(process))


def assert_one_sentence(message: str, process: Process) -> None:
    assert message.startswith(f"{process.title}: ")
    assert "\n" not in message
    assert "Traceback" not in message
    assert len(message) < 300


async def test_a_server_that_is_dead(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home") as house:
        await house.sync_data("members")
        before = await house.rows("member")
        config = house.simulator.config
        house.advance(RENEWED)
        house.simulator.__exit__(None, None, None)
        run = await house.sync_data("members")
        assert (run.result, run.error_kind) == ("error", "network")
        assert_one_sentence(str(run.error_message), house.workspace.processes["members"])
        assert house.status("members").error_count == 1
        assert await house.rows("member") == before
        assert config.scale.members == len(before)


WRONG_VALUES: list[tuple[dict[str, Any], str]] = [
    ({"item_id": "7"}, '$[0].item_id: expected `int`, got `str` ("7")'),
    ({"type_id": None}, "$[0].type_id: expected `int`, got `null` (null)"),
    ({"quantity": 2**63}, f"$[0].quantity: no 64-bit integer ({2**63})"),
    ({"location_flag": "\ud800"}, '$[0].location_flag: no valid text ("\\ud800")'),
]


async def test_a_wrong_value_on_the_last_page_leaves_all_as_it_was(house: House) -> None:
    await house.sync_data("assets")
    before = await house.rows("asset")
    for change, told in WRONG_VALUES:
        house.simulator.mutate("asset", change=200)
        house.advance(RENEWED)
        house.simulator.clear_log()
        house.simulator.clear_faults()
        house.simulator.fault(ASSETS, page=3, body=json.dumps([BAD_ASSET | change]))
        run = await house.sync_data("assets")
        assert (run.result, run.error_kind) == ("error", "validation"), told
        assert told in str(run.error_message)
        third = [r for r in house.asked() if r["query"].get("page") == "3"]
        assert len(third) == 1, "it is not asked again"
        assert await house.rows("asset") == before, told
        assert (run.rows_added, run.rows_changed, run.rows_removed) == (0, 0, 0), told


BODIES: list[tuple[dict[str, str], str]] = [
    ({"body": "[" * 100_000}, "esi"),
    ({"body": '[{"a":' + "[" * 100_000 + "]" * 100_000 + "}]"}, "validation"),
    ({"body": '[{"item_id":1e999}]'}, "validation"),
    ({"body": "<html>captive portal</html>"}, "esi"),
    ({"body": '{"error":"none"}'}, "validation"),
    ({"body": "null"}, "validation"),
    ({"body": ""}, "esi"),
    ({"body_base64": "W3siY2hhcmFjdGVyX2lkIjoiQf8ifV0="}, "validation"),  # no UTF-8
]


async def test_a_body_that_is_something_else(house: House) -> None:
    for body, kind in BODIES:
        told = str(body)[:60]
        house.simulator.clear_faults()
        house.simulator.fault(MEMBERTRACKING, **body)
        run = await house.sync_data("members")
        assert run.result == "error", told
        assert run.error_kind in (kind, "validation"), told
        assert_one_sentence(str(run.error_message), house.workspace.processes["members"])
        assert await house.rows("member") == [], told


async def test_an_empty_list_of_members_is_not_believed(house: House) -> None:
    await house.sync_data("members")
    house.advance(RENEWED)
    house.simulator.fault(MEMBERTRACKING, json=[])
    run = await house.sync_data("members")
    assert (run.result, run.error_kind) == ("error", "validation")
    assert len(await house.rows("member")) == 30


async def test_404_is_never_an_empty_snapshot(house: House) -> None:
    await house.sync_data("assets")
    house.advance(RENEWED)
    house.simulator.fault(ASSETS, status=404)
    run = await house.sync_data("assets")
    assert (run.result, run.error_kind, run.rows_removed) == ("error", "esi", 0)
    assert len(await house.rows("asset")) == 300


@pytest.mark.parametrize("left", [0, 120])
async def test_a_collapsed_snapshot_is_stored_after_a_backup(house: House, left: int) -> None:
    await house.sync_data("assets")
    assets = house.served("asset")
    del assets[left:]
    house.advance(RENEWED)
    run = await house.sync_data("assets")
    gone = 300 - left
    note = str(run.note)
    assert (run.result, run.rows_removed) == ("success", gone)
    assert note.startswith(f"removed {gone} of 300 rows of asset; backup of before: ")
    backup = Path(note.rpartition(": ")[2])
    assert backup.is_relative_to(house.workspace.settings.data_dir / "backups")
    assert count(backup, "asset") == 300
    assert len(await house.rows("asset")) == left


async def test_a_snapshot_that_loses_less_than_half_is_noted_without_a_backup(
    house: House,
) -> None:
    await house.sync_data("assets")
    assets = house.served("asset")
    del assets[160:]
    house.advance(RENEWED)
    run = await house.sync_data("assets")
    assert (run.rows_removed, run.note) == (140, "removed 140 of 300 rows of asset")


async def test_a_large_loss_has_its_backup_beside_a_small_one(house: House) -> None:
    titles, contacts = house.served("member_title"), house.served("contact")
    contacts += [{**contacts[0], "contact_id": 95_000_000 + number} for number in range(200)]
    before = len(contacts)
    await house.sync_data("corporation")
    del titles[20:], contacts[40:]
    house.advance(24 * 3_600)
    note = str((await house.sync_data("corporation")).note)
    assert "removed 10 of 30 rows of member_title; " in note
    said = f"removed {before - 40} of {before} rows of contact; backup of before: "
    assert said in note
    assert count(Path(note.partition(said)[2].partition("; ")[0]), "contact") == before


def count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


async def test_ill_sign_on_parks_nothing(house: House) -> None:
    house.simulator.fault(MEMBERTRACKING, status=403, json={"error": "ill", "sso_status": 500})
    run = await house.sync_data("members")
    assert (run.result, run.error_kind) == ("error", "esi")
    status = house.status("members")
    assert status.needs is None
    assert status.next_run_time is not None


async def test_a_session_with_another_keyring_writes_off_no_login(house: House) -> None:
    """As under cron or ssh, whose keyring is another, empty one."""
    await house.sync_data("members")
    character_id = house.simulator.character_id
    vault = FileVault(house.workspace.settings.data_dir)
    token = vault.read(character_id)
    assert token is not None
    vault.erase(character_id)
    house.advance(RENEWED)
    for process_type in ("members", "wallet"):
        run = await house.sync_data(process_type)
        assert (run.result, run.error_kind) == ("error", "auth")
        assert "does not hold the login of" in str(run.error_message)
        status = house.status(process_type)
        assert status.needs is None
        assert status.next_run_time is not None
    await house.workspace.roster.refresh()
    assert house.workspace.roster.characters[character_id].needs is None

    vault.write(character_id, token)
    assert (await house.sync_data("members")).result == "success"
    assert (await house.sync_data("wallet")).result == "success"


async def test_a_revoked_login_says_what_to_do(house: House) -> None:
    character = next(iter(house.workspace.roster.characters))
    house.simulator.revoke(character)
    run = await house.sync_data("members")
    assert (run.result, run.error_kind) == ("error", "auth")
    assert "corpsync login" in str(run.error_message)
    assert house.status("members").needs == "login"


async def test_a_lost_login_parks_all_that_it_served(house: House) -> None:
    await house.sync_data("members")
    house.simulator.revoke(house.simulator.character_id)
    house.advance(RENEWED)
    await house.sync_data("killmails")
    for process in ALL:
        status = house.status(process.type)
        assert (status.needs, status.next_run_time) == ("login", None), process.type

    house.simulator.login()
    await log_in(house.workspace)
    assert {house.status(process.type).needs for process in ALL} == {None}


async def test_a_missing_scope_is_named(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig()) as house:
        roster = house.workspace.roster
        character = next(iter(roster.characters.values()))
        scope = "esi-corporations.track_members.v1"
        kept = sorted(character.scopes - {scope})
        identity = Identity(character.character_id, character.name, character.owner, tuple(kept))
        await roster.welcome(identity)
        run = await house.sync_data("members")
        assert (run.result, run.error_kind) == ("error", "auth")
        assert scope in str(run.error_message)
        assert house.status("members").needs == f"scope:{scope}"


async def test_a_fault_that_several_share_names_each_alone(house: House) -> None:
    """The login service fails once for all; what one is told is not told of another."""
    house.advance(1_500)  # the access token has ended
    house.simulator.sso(forge="tampered", times=10)
    runs = [await house.sync_data(process) for process in ("members", "wallet", "market")]
    for run, title in zip(runs, ("Members", "Wallet", "Market"), strict=True):
        assert str(run.error_message).startswith(f"{title}: ")
        assert str(run.error_message).count(": ") == str(runs[0].error_message).count(": ")


async def test_what_esi_says_of_an_error_stays_one_printable_line(house: House) -> None:
    words = "\x1b]52;c;aGk=\x07 no\nline \u202e" * 100
    for status in (404, 418, 403):
        house.simulator.clear_faults()
        house.simulator.fault(FIRST_ROUTES["killmails"], status=status, json={"error": words})
        run = await house.sync_data("killmails")
        message = str(run.error_message)
        assert run.result == "error", status
        assert message.isprintable(), status
        assert len(message) <= 300, status
        assert status != 403 or "Director" in message


DETAILS = [
    (process, dataset.route.path, parent.table)
    for process in ALL
    for dataset in process.datasets
    for parent in process.datasets
    if isinstance(dataset.plan, ForEach)
    and dataset.plan.of is parent.model
    and hasattr(parent.model, "name")
]
"""Those of what has a name at ESI: projects and freelance jobs."""


@pytest.mark.parametrize(("process", "path", "parents"), DETAILS)
async def test_details_that_fail_are_called_by_the_name_of_what_they_are_of(
    house: House, process: Process, path: str, parents: str
) -> None:
    house.simulator.fault(path, status=502)
    run = await house.sync_data(process.type)
    named = [row["name"] for row in await house.rows(parents)]
    assert any(f"“{name}”" in str(run.error_message) for name in named)
    assert_one_sentence(str(run.error_message), process)
