"""Exports hold what the database holds, whole or not at all."""

import csv
import io
import json
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.errors import DatabaseError
from corpsync_tui.upkeep.export import Export, export_to, sources
from corpsync_tui.upkeep.export_view import filter_rows
from tests.support.database import CORPORATION, insert, insert_run


def exported(database: Path, table: str, form: str) -> str:
    stream = io.StringIO(newline="")
    Export(database, sources()[table], form).write(stream)
    return stream.getvalue()


def add_asset(database: Path, item_id: int, **values: Any) -> None:
    asset = {
        "is_singleton": 1,
        "location_flag": "CorpSAG1",
        "location_id": 60003760,
        "location_type": "station",
        "quantity": 1,
        "type_id": 587,
        "name": None,
    }
    insert(database, "asset", corporation_id=CORPORATION, item_id=item_id, **asset | values)


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
def test_every_table_and_view_can_be_exported(database: Path, form: str) -> None:
    for table in sources():
        text = exported(database, table, form)

        if form == "csv":
            assert text.endswith("\r\n"), table
            assert text.count("\r\n") == 1, table
        else:
            assert text == {"json": "[]\n", "ndjson": ""}[form], table


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
def test_bytes_written_by_hand_are_a_sentence(database: Path, form: str) -> None:
    add_asset(database, 1, location_flag=b"\xff")

    with pytest.raises(DatabaseError, match="JSON cannot hold"):
        exported(database, "asset", form)


def test_before_the_first_login_the_header_is_there(tmp_path: Path, database: Path) -> None:
    missing = tmp_path / "elsewhere/corpsync.db"

    assert exported(missing, "asset_named", "csv") == exported(database, "asset_named", "csv")
    assert not missing.parent.exists()


CONTRACT = {
    "member",
    "asset",
    "industry_job",
    "market_order",
    "wallet_balance",
    "wallet_journal",
    "wallet_transaction",
    "mining_observer",
    "mining_ledger",
    "mining_extraction",
    "killmail",
    "container_log",
    "structure",
    "starbase",
    "starbase_detail",
    "customs_office",
    "skyhook",
    "skyhook_detail",
    "sovereignty_hub",
    "sovereignty_hub_detail",
    "facility",
    "contract",
    "contract_item",
    "contract_bid",
    "project",
    "project_detail",
    "project_contributor",
    "freelance_job",
    "freelance_job_participant",
    "corporation_info",
    "alliance_history",
    "division",
    "member_limit",
    "corporation_member",
    "member_role",
    "role_change",
    "title",
    "member_title",
    "blueprint",
    "contact",
    "contact_label",
    "standing",
    "shareholder",
    "medal",
    "medal_issued",
    "fw_stats",
    "corporation_icon",
    "notification",
}
"""The tables that others rely on."""


def test_the_contracts_tables_are_there() -> None:
    tables = {dataset.table for process in ALL for dataset in process.datasets} - {"killmail_ref"}

    assert tables >= CONTRACT
    assert set(sources()) >= {*tables, *(f"{table}_named" for table in tables)}
    assert set(sources()) >= {"eve_name", "sync_status", "sync_schedule", "sync_history"}


def test_rows_are_ordered_by_identity_and_exact(database: Path) -> None:
    for item_id in (3, 1, 2**53 + 1):
        add_asset(database, item_id, quantity=item_id)
    rows = json.loads(exported(database, "asset", "json"))

    assert [row["item_id"] for row in rows] == [1, 3, 2**53 + 1]
    assert rows[0]["is_singleton"] == 1
    assert rows[0]["is_singleton"] is not True
    assert rows[0]["name"] is None
    lines = exported(database, "asset", "ndjson").splitlines()
    assert [json.loads(line) for line in lines] == rows


def test_json_columns_are_nested(database: Path) -> None:
    victim = {"character_id": 1, "items": [{"flag": 5}], "name": "Зара"}
    insert(
        database,
        "killmail",
        corporation_id=CORPORATION,
        killmail_id=7,
        killmail_hash="f",
        killmail_time="2026-11-24T20:00:00Z",
        solar_system_id=30000142,
        victim=victim,
        attackers=[],
    )
    (row,) = json.loads(exported(database, "killmail_named", "json"))

    assert row["victim"] == victim
    assert row["attackers"] == []
    assert "Зара" in exported(database, "killmail", "ndjson")


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_spreadsheet_runs_no_cell(database: Path, text: str) -> None:
    add_asset(database, 1, name=text)
    ((header), (row)) = csv.reader(io.StringIO(exported(database, "asset", "csv"), newline=""))

    assert row[header.index("name")] == f"'{text}"


def test_numbers_stay_numbers_in_csv(database: Path) -> None:
    insert(database, "wallet_balance", corporation_id=CORPORATION, division=1, balance=-1234567.5)

    assert exported(database, "wallet_balance", "csv").endswith("1,-1234567.5\r\n")


def test_quotes_and_line_ends_survive(database: Path) -> None:
    add_asset(database, 1, name='a "b",\nc')
    header, row = csv.reader(io.StringIO(exported(database, "asset", "csv"), newline=""))

    assert row[header.index("name")] == 'a "b",\nc'


def test_interrupted_runs_are_told_as_such(database: Path) -> None:
    insert_run(database, "assets", result="running")

    assert json.loads(exported(database, "sync_history", "json"))[0]["result"] == "interrupted"


def test_a_file_is_written_whole_and_for_its_owner(database: Path, tmp_path: Path) -> None:
    add_asset(database, 1)
    target = tmp_path / "out/assets.csv"
    target.parent.mkdir()
    target.write_text("before")
    rows = export_to(Export(database, sources()["asset"], "csv"), target)

    assert rows == 1
    assert target.read_bytes().decode() == exported(database, "asset", "csv")
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(target.parent.iterdir()) == [target]


def test_an_error_leaves_no_file(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DROP TABLE asset")
    with pytest.raises(DatabaseError):
        export_to(Export(database, sources()["asset"], "csv"), tmp_path / "assets.csv")

    assert sorted(p.name for p in tmp_path.iterdir()) == ["data"]


def test_the_database_itself_is_no_target(database: Path) -> None:
    with pytest.raises(DatabaseError, match="itself"):
        export_to(Export(database, sources()["asset"], "csv"), database)


ROWS = 6_000


@pytest.mark.parametrize("table", ["asset", "asset_named"])
def test_memory_stays_flat_and_nothing_is_sorted(database: Path, table: str) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.executemany(
            "INSERT INTO asset (corporation_id, item_id, is_singleton, location_flag, location_id,"
            " location_type, quantity, type_id) VALUES (1, ?, 0, 'x', 1, 'station', 1, 1)",
            ((n,) for n in range(ROWS)),
        )
        plan = db.execute(f"EXPLAIN QUERY PLAN {sources()[table].select()}").fetchall()
    assert not any("TEMP B-TREE" in step for _, parent, _, step in plan if parent == 0)

    class Nowhere:
        def write(self, text: str) -> None:
            """Take it and forget it."""

    tracemalloc.start()
    try:
        assert Export(database, sources()[table], "ndjson").write(Nowhere()) == ROWS
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_500_000


@pytest.mark.parametrize("table", ["asset", "asset_named"])
def test_rows_are_filtered_as_on_the_data_screen(database: Path, table: str) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("INSERT INTO eve_name VALUES (587, 'Rifter', 'inventory_type', 0)")
    for number in range(1, 4):
        add_asset(database, number, quantity=number * 1_000, name="Spare" if number == 3 else None)
    add_asset(database, 4, type_id=34, quantity=9_000)

    def kept(words: str) -> list[int]:
        source, stream = sources()[table], io.StringIO()
        assert source.table is not None
        where = filter_rows(source.table, words, None, 0.0)
        Export(database, source, "json", where=where).write(stream)
        return [row["item_id"] for row in json.loads(stream.getvalue())]

    assert kept("type:rifter quantity>1000") == [2, 3]
    assert kept("rifter -spare") == [1, 2]
    assert kept("quantity>=9k") == [4]
    assert kept("") == [1, 2, 3, 4]
