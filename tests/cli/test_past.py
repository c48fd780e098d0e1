"""`export --at`, `board --at` and `diff`: the past, or a sentence that says how far it reaches."""

import csv
import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.cli.kinds import moment
from tests.cli.conftest import Run
from tests.support.database import CORPORATION, insert, insert_process, make_database

HOUR = 3_600


@pytest.fixture
def database(home: Path) -> Path:
    """Two members, one of them new since an hour, and one who left then."""
    path = make_database(home)
    insert_process(path, "members", next_run_time=time.time() + 600)
    now = time.time()
    insert(path, "change_start", corporation_id=CORPORATION, table_name="member", time=now - 90_000)
    for id_, base in ((1, 11), (2, 22)):
        insert(path, "member", corporation_id=CORPORATION, character_id=id_, base_id=base)
    told = {"run_id": 1, "corporation_id": CORPORATION, "table_name": "member", "time": now - HOUR}
    for kind, id_, before, after in (
        ("added", 2, None, {"base_id": 22}),
        ("changed", 1, {"base_id": 10}, {"base_id": 11}),
        ("removed", 3, {"base_id": 33}, None),
    ):
        key = {"character_id": id_}
        insert(path, "change", **told, kind=kind, row_key=key, before=before, after=after)
    return path


def test_a_table_as_it_stood(corpsync: Run, database: Path) -> None:
    for name in ("member", "member_named"):
        result = corpsync("export", name, "--at", "2h")
        rows = list(csv.DictReader(io.StringIO(result.stdout)))

        assert result.returncode == 0, result.stderr
        assert [(r["character_id"], r["base_id"]) for r in rows] == [("1", "10"), ("3", "33")]


def test_rows_of_the_past_are_filtered_as_they_stood_then(corpsync: Run, database: Path) -> None:
    result = corpsync("export", "member_named", "--at", "2h", "--where=base:10", "--format", "json")

    assert result.returncode == 0, result.stderr
    assert [row["character_id"] for row in json.loads(result.stdout)] == [1]


def test_what_is_no_data_set_is_not_filtered(corpsync: Run, database: Path) -> None:
    result = corpsync("export", "sync_history", "--where", "members")

    assert (result.returncode, result.stdout) == (2, "")
    assert "not sync_history" in result.stderr


def test_a_corporation_that_came_today_does_not_end_the_past_of_another(
    corpsync: Run, database: Path
) -> None:
    insert(database, "change_start", corporation_id=7, table_name="member", time=time.time() - 60)
    insert(database, "member", corporation_id=7, character_id=9, base_id=9)
    result = corpsync("board", "members", "--at", "2h", "--json")

    assert result.returncode == 0, result.stderr
    assert [row["character_id"] for row in json.loads(result.stdout)["rows"]] == [1, 3]


def test_one_corporation_alone_is_exported_and_compared(corpsync: Run, database: Path) -> None:
    insert(database, "change_start", corporation_id=7, table_name="member", time=time.time() - 60)
    insert(database, "member", corporation_id=7, character_id=9, base_id=9)
    mine = ["--corporation", str(CORPORATION)]

    assert corpsync("export", "member", "--at", "2h").returncode == 1
    for where, expected in (([], [1, 3]), (["--where", "base_id=33"], [3])):
        result = corpsync("export", "member", "--at", "2h", *mine, "--format", "json", *where)
        assert result.returncode == 0, result.stderr
        assert [row["character_id"] for row in json.loads(result.stdout)] == expected
    result = corpsync("export", "change", *mine, "--format", "json")
    assert {row["corporation_id"] for row in json.loads(result.stdout)} == {CORPORATION}
    assert corpsync("diff", "member", "--from", "2h").returncode == 1
    assert corpsync("diff", "member", "--from", "2h", *mine).stdout.endswith("+1 ~1 −1\n")


def test_what_lies_before_the_first_load_is_refused(corpsync: Run, database: Path) -> None:
    result = corpsync("export", "member", "--at", "3d")

    assert (result.returncode, result.stdout) == (1, "")
    assert "known back to" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_difference_for_a_script(corpsync: Run, database: Path) -> None:
    found = json.loads(corpsync("diff", "member", "--from", "2h", "--json").stdout)

    assert [row["character_id"] for row in found["added"]] == [2]
    assert [row["character_id"] for row in found["removed"]] == [3]
    assert [(c["before"]["base_id"], c["after"]["base_id"]) for c in found["changed"]] == [(10, 11)]
    assert found["to"] - found["from"] == pytest.approx(2 * HOUR, abs=1)


def test_a_difference_for_a_reader(corpsync: Run, database: Path) -> None:
    lines = corpsync("diff", "member", "--from", "2h").stdout.splitlines()

    assert [line[:1] for line in lines] == ["+", "~", "−", "+"]
    assert lines[-1] == "+1 ~1 −1"


@pytest.mark.parametrize(
    "line",
    [
        ["export", "member", "--at", "soon"],
        ["export", "eve_name", "--at", "1h"],
        ["board", "wallet", "--at", "tue 25:00"],
        ["diff", "member", "--from", "1h", "--to", "2h"],
        ["diff", "nothing", "--from", "1h"],
        ["diff", "member"],
        ["diff", "member", "--from", "1h", "--corporation", "5"],
        ["export", "member", "--corporation", "5"],
        ["export", "eve_name", "--corporation", str(CORPORATION)],
    ],
    ids=" ".join,
)
def test_wrong_usage(corpsync: Run, database: Path, line: list[str]) -> None:
    result = corpsync(*line)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7d", "2026-11-21T21:57"),
        ("tue 20:00", "2026-11-24T20:00"),
        ("Saturday 21:57", "2026-11-28T21:57"),
        ("sat 21:58", "2026-11-21T21:58"),
        ("2026-11-24", "2026-11-24T00:00"),
        ("2026-11-24T14:05", "2026-11-24T14:05"),
        ("1795824000", "2026-11-28T00:00"),
    ],
)
def test_moments(text: str, meant: str) -> None:
    now = datetime(2026, 11, 28, 21, 57, tzinfo=UTC).timestamp()
    found: Any = moment(text)(now)

    assert f"{datetime.fromtimestamp(found, UTC):%Y-%m-%dT%H:%M}" == meant


def test_a_board_s_file_has_the_form_that_its_name_says(
    corpsync: Run, database: Path, tmp_path: Path
) -> None:
    for options in (["--json"], []):
        file = tmp_path / f"board{len(options)}.json"
        result = corpsync("board", "members", *options, "-o", str(file))

        assert (result.returncode, result.stdout) == (0, "")
        assert len(json.loads(file.read_text())["rows"]) == 2
    assert corpsync("board", "members", "-o", str(tmp_path / "x.csv")).returncode == 0
    assert (tmp_path / "x.csv").read_text().startswith("character_id,name,")


def test_a_board_for_a_reader_ends_with_its_sums(corpsync: Run, database: Path) -> None:
    told = {"corporation_id": CORPORATION, "location_flag": "Hangar", "location_type": "station"}
    for item_id, quantity in ((1, 2_000), (2, 40)):
        row = {"item_id": item_id, "type_id": item_id, "quantity": quantity, "location_id": 60}
        insert(database, "asset", is_singleton=0, **told, **row)
    last = corpsync("board", "stock").stdout.splitlines()[-1]

    assert last.split()[:2] == ["Σ", "2,040"]
