"""`changes` and `attention`: what they print, into what, and by which exit code."""

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.cli.attention import _lines
from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.store.writable import FailureMark
from tests.cli.conftest import Run
from tests.support.database import CORPORATION, insert, insert_process, make_database

HOSTILE = "Aldra \x1b]0;x\x07Vex [/b]"


@pytest.fixture
def database(home: Path) -> Path:
    path = make_database(home)
    insert_process(path, "members", next_run_time=time.time() + 600)
    insert_process(path, "wallet", next_run_time=time.time() + 600)
    insert(path, "eve_name", id=7, name=HOSTILE, category="character", fetched_at=0.0)
    return path


def change(database: Path, hours: float, **values: Any) -> None:
    told = {"run_id": 1, "corporation_id": CORPORATION, "time": time.time() - hours * 3600}
    row = {"table_name": "member", "kind": "added", "row_key": {"character_id": 7}, "after": {}}
    insert(database, "change", **told, **(row | values))


def test_changes_for_a_reader(corpsync: Run, database: Path) -> None:
    change(database, 2)
    change(database, 1, kind="removed", before={}, after=None)
    result = corpsync("changes")

    assert (result.returncode, result.stderr) == (0, "")
    assert [line[21:] for line in result.stdout.splitlines()] == [
        "− Aldra ␛]0;x␇Vex [/b] left",
        "+ Aldra ␛]0;x␇Vex [/b] joined",
    ]


def test_changes_as_json(corpsync: Run, database: Path) -> None:
    change(database, 1, kind="changed", before={"base_id": 1}, after={"base_id": None})
    (row,) = json.loads(corpsync("changes", "--json").stdout)["changes"]

    assert row["row_key"] == {"character_id": 7}
    assert (row["before"], row["after"]) == ({"base_id": 1}, {"base_id": None})
    assert row["sentence"] == f"Member {HOSTILE} (7): base 1 → nothing"


def test_changes_since_and_of_a_table(corpsync: Run, database: Path) -> None:
    change(database, 30)
    change(database, 1)
    change(database, 1, table_name="asset", row_key={"item_id": 4}, after={"quantity": 40})
    documents = [
        json.loads(corpsync("changes", "--json", *options).stdout)["changes"]
        for options in ((), ("--since", "1d"), ("--since", "1d", "--table", "member"))
    ]

    assert [len(rows) for rows in documents] == [3, 2, 1]


@pytest.mark.parametrize(
    ("options", "word"), [(["--table", "nothing"], "nothing"), (["--since", "soon"], "soon")]
)
def test_wrong_usage(corpsync: Run, database: Path, options: list[str], word: str) -> None:
    result = corpsync("changes", *options)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert word in result.stderr


def test_more_than_the_limit_is_told(corpsync: Run, database: Path) -> None:
    change(database, 2)
    change(database, 1)
    result = corpsync("changes", "--limit", "1")

    assert len(result.stdout.splitlines()) == 1
    assert "--limit" in result.stderr


def test_a_bulk_change_says_so(corpsync: Run, database: Path) -> None:
    counts = {"added": 0, "changed": 12_000, "removed": 3}
    change(database, 1, table_name="asset", kind="bulk", row_key=None, after=counts)

    assert "12,000 changed, 3 removed; too many" in corpsync("changes").stdout


def test_attention_says_what_and_exits_1(corpsync: Run, database: Path) -> None:
    insert(database, "wallet_balance", corporation_id=CORPORATION, division=1, balance=5.0)
    change(database, 1)
    result = corpsync("attention")
    document = json.loads(corpsync("attention", "--json").stdout)

    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines()[0] == "✗ Master wallet holds 5.00, less than 100.0 M"
    assert "\x1b" not in result.stdout
    assert [i["rule"] for i in document["items"]] == ["wallet_floor", "member"]
    assert document["items"][0]["process_id"] == f"{CORPORATION}/wallet"


def test_a_database_that_takes_nothing_is_an_alert_and_not_well(
    corpsync: Run, database: Path
) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        result = corpsync("attention", "--json")
        check = corpsync("status", "--check")
        other.execute("ROLLBACK")
    (item,) = json.loads(result.stdout)["items"]

    assert (result.returncode, item["level"]) == (1, "high")
    assert "keeps corpsync.db locked" in item["sentence"]
    assert (check.returncode, "keeps corpsync.db locked" in check.stderr) == (1, True)
    assert corpsync("attention").returncode == 0
    assert corpsync("status", "--check").returncode == 0


def test_the_room_that_a_writer_missed_is_told_until_it_writes_again(
    corpsync: Run, database: Path
) -> None:
    mark = FailureMark(database)
    mark.set("The disk is full at /data; nothing was changed.")
    assert corpsync("attention").stdout == "✗ The disk is full at /data; nothing was changed.\n"
    assert corpsync("status", "--check").returncode == 1
    mark.clear()
    assert corpsync("status", "--check").returncode == 0


def test_many_alerts_of_one_rule_are_five_lines_and_a_number(corpsync: Run, database: Path) -> None:
    for number in range(180):
        insert(database, "member", corporation_id=CORPORATION, character_id=number)
    lines = corpsync("attention").stdout.splitlines()

    assert len(lines) == 6
    assert lines[-1] == "· 175 more of absent"
    assert len(json.loads(corpsync("attention", "--json").stdout)["items"]) == 180


def test_five_lines_of_a_rule_are_of_each_corporation() -> None:
    alerts = [
        OpenAlert(corporation, "fuel", str(number), "high", f"{corporation} {number}", "open")
        for number in range(7)
        for corporation in (11, 12)
    ]
    lines = [*_lines(alerts, datetime.now(UTC))]
    assert [sum(f" {corporation} " in line for line in lines) for corporation in (11, 12)] == [5, 5]
    assert sum("2 more of fuel" in line for line in lines) == 2


def test_attention_tells_of_fuel_by_the_bands_of_the_settings(
    corpsync: Run, database: Path, home: Path
) -> None:
    insert_process(database, "structures", next_run_time=time.time() + 600)
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 20.5 * 86_400))
    told = {"structure_id": 10**12, "name": "Keep", "state": "shield_vulnerable"}
    ids = {"profile_id": 1, "system_id": 30_000_142, "type_id": 35_832}
    insert(database, "structure", corporation_id=CORPORATION, fuel_expires=ends, **told, **ids)
    assert corpsync("attention").returncode == 0

    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config/settings.toml").write_text("[fuel]\nbands = [30, 7]\n")
    (item,) = json.loads(corpsync("attention", "--json").stdout)["items"]
    assert (item["rule"], item["level"]) == ("fuel", "low")
    assert item["sentence"] == "Keep runs out of fuel in 20 days"
    assert (item["table_name"], item["row_key"]) == ("structure", {"structure_id": 10**12})


def test_attention_to_nothing(corpsync: Run, database: Path) -> None:
    result = corpsync("attention")

    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "Nothing needs attention.\n"


def test_before_the_first_login(corpsync: Run, home: Path) -> None:
    assert json.loads(corpsync("changes", "--json").stdout) == {"changes": [], "more": False}
    assert corpsync("attention", "--json").returncode == 0
    assert corpsync("export", "change", "--format", "json").stdout == "[]\n"
    assert not home.exists()


def test_the_log_can_be_exported(corpsync: Run, database: Path) -> None:
    change(database, 1, after={"base_id": 5})
    (row,) = json.loads(corpsync("export", "change", "--format", "json").stdout)

    assert (row["row_key"], row["before"], row["after"]) == (
        {"character_id": 7},
        None,
        {"base_id": 5},
    )
