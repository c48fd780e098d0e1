"""Commands that only look: what they print, into what, and by which exit code."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog_index import entries
from corpsync_tui.clock import Clock
from corpsync_tui.store.lock import OwnerLock
from tests.cli.conftest import Run
from tests.cli.streams import run_oddly
from tests.cli.terminal import Terminal
from tests.support.database import (
    CORPORATION,
    insert,
    insert_character,
    insert_process,
    insert_run,
    make_database,
)

PROCESS_KEYS = [
    "process_id",
    "process_type",
    "corporation_id",
    "corporation_name",
    "enabled",
    "interval_minutes",
    "status",
    "progress",
    "current_step",
    "last_run_time",
    "last_success_time",
    "next_run_time",
    "current_until",
    "error_kind",
    "error_message",
    "error_count",
    "items_processed",
    "total_items",
    "needs",
]
RUN_KEYS = [
    "id",
    "process_id",
    "process_type",
    "corporation_id",
    "trigger",
    "start_time",
    "duration",
    "result",
    "items",
    "rows_added",
    "rows_changed",
    "rows_removed",
    "requests_sent",
    "not_modified",
    "items_failed",
    "error_kind",
    "error_message",
    "note",
    "current_until",
]


@pytest.fixture
def database(home: Path) -> Path:
    return make_database(home, one_ill)


def one_ill(path: Path) -> None:
    """Two processes, one of which a role is missing for."""
    insert_character(path, name="Aldra \x1b]0;x\x07Vex")
    insert_process(path, "members", next_run_time=time.time() + 3_600)
    insert_process(
        path,
        "wallet",
        status="error",
        error_count=3,
        error_kind="auth",
        error_message="ESI asks for the in-game role Accountant",
        needs="role:Accountant",
        next_run_time=None,
    )


def test_status_for_a_reader(corpsync: Run, database: Path) -> None:
    result = corpsync("status")

    assert (result.returncode, result.stderr) == (0, "")
    assert "Hedion Freight Union" in result.stdout
    assert "current" in result.stdout
    assert "blocked" in result.stdout
    assert "role Accountant" in result.stdout
    assert "Aldra ␛]0;x␇Vex" in result.stdout
    assert "\x1b" not in result.stdout


def test_status_as_json(corpsync: Run, database: Path) -> None:
    document = json.loads(corpsync("status", "--json").stdout)

    assert document["database"] == str(database)
    assert [p["process_type"] for p in document["processes"]] == ["members", "wallet"]
    assert [list(process) for process in document["processes"]] == [PROCESS_KEYS] * 2
    (members, _) = document["processes"]
    assert members["enabled"] is True
    assert members["corporation_id"] == CORPORATION
    assert members["corporation_name"] == "Hedion Freight Union"
    assert document["characters"] == [
        {
            "character_id": 90000001,
            "name": "Aldra \x1b]0;x\x07Vex",
            "corporation_id": CORPORATION,
            "scopes": [],
            "roles": ["Director"],
            "needs": None,
        }
    ]


def test_history_as_json(corpsync: Run, database: Path) -> None:
    insert_run(database, "members", start_time=1_790_000_000.5)
    insert_run(database, "wallet", start_time=1_790_000_100)
    (run,) = json.loads(corpsync("history", "--json", "--process", "members").stdout)["runs"]

    assert list(run) == RUN_KEYS
    assert (run["process_type"], run["start_time"]) == ("members", 1_790_000_000.5)


def test_history_of_a_process_that_is_not_known(corpsync: Run, database: Path) -> None:
    insert_run(database, "assets")  # of a login that is gone
    result = corpsync("history", "--process", "1/members")

    assert (result.returncode, result.stdout) == (2, "")
    assert "unknown process '1/members'" in result.stderr
    for known in ("members", "assets"):
        assert corpsync("history", "--process", f"{CORPORATION}/{known}").returncode == 0


def test_check_says_who_is_ill(corpsync: Run, database: Path) -> None:
    result = corpsync("status", "--check", "--json")

    assert result.returncode == 1
    assert f"{CORPORATION}/wallet" in result.stderr
    assert "members" not in result.stderr
    assert json.loads(result.stdout)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"next_run_time": time.time() - 600}, 0),
        ({"next_run_time": time.time() - 3600}, 1),
        ({"next_run_time": time.time() - 3600, "enabled": 0}, 0),
        ({"status": "error", "error_count": 1}, 1),
    ],
)
def test_check(corpsync: Run, home: Path, change: dict[str, Any], code: int) -> None:
    path = make_database(home)
    insert_process(path, "members", **{"next_run_time": time.time() + 600} | change)

    assert corpsync("status", "--check").returncode == code


@pytest.mark.parametrize(("minutes", "code"), [("0", 1), ("1", 0), ("false", 0)])
def test_check_knows_from_which_minute_on_a_process_is_overdue(
    corpsync: Run, home: Path, minutes: str, code: int
) -> None:
    insert_process(make_database(home), "members", next_run_time=time.time() - 5)
    (home / "config").mkdir()
    (home / "config/settings.toml").write_text(f"[attention]\noverdue = {minutes}\n")

    assert corpsync("status", "--check").returncode == code


def test_nothing_is_overdue_while_the_schedule_is_paused(corpsync: Run, home: Path) -> None:
    path = make_database(home)
    insert_process(path, "members", next_run_time=time.time() - 3600)
    insert(path, "setting", key="schedule_paused", value="true")

    assert corpsync("status", "--check").returncode == 0


def test_status_beside_a_holder(corpsync: Run, database: Path) -> None:
    lock = OwnerLock(database.parent, "corpsync run", Clock())
    lock.acquire()
    try:
        assert corpsync("status", "--json").returncode == 0
        assert corpsync("backup").returncode == 0
    finally:
        lock.release()


def test_before_the_first_login(corpsync: Run, home: Path) -> None:
    assert json.loads(corpsync("status", "--json").stdout)["processes"] == []
    assert json.loads(corpsync("history", "--json").stdout) == {"runs": []}
    assert "corpsync login" in corpsync("status").stdout
    assert corpsync("history").stderr == "No run yet.\n"
    assert corpsync("export", "member", "--format", "json").stdout == "[]\n"
    assert not home.exists()


def test_history_for_a_reader(corpsync: Run, database: Path) -> None:
    insert_run(database, "members", rows_added=4300)
    result = corpsync("history")

    assert "+4,300 ~0 −0" in result.stdout
    assert "members" in result.stdout
    assert str(CORPORATION) not in result.stdout
    assert "2026-09-21" in result.stdout


def shell(line: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `corpsync` is started by the interpreter itself."""
    return subprocess.run(
        ["bash", "-c", f'corpsync() {{ {sys.executable} -m corpsync_tui "$@"; }}; {line}'],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_a_reader_that_leaves_is_no_fault(environment: dict[str, str], database: Path) -> None:
    for _ in range(5):
        insert_run(database, "members", note="x" * 50_000)
    for command in ("history", "history --json", "export sync_history", "--help", "status"):
        result = run_oddly(command.split(), environment, leaves_after=1)
        assert (result.returncode, result.stderr) == (0, ""), command
    result = shell("corpsync history | head -c 1; echo ${PIPESTATUS[0]}", environment)
    assert result.stderr == ""
    assert result.stdout.endswith("0\n")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_are_no_fault(
    environment: dict[str, str], database: Path, closed: tuple[int, ...]
) -> None:
    for command in ("status", "history --json", "export asset", "paths", "--version"):
        result = run_oddly(command.split(), environment, closed=closed)
        assert (result.returncode, result.stderr) == (0, ""), command
    result = shell(f"corpsync status {' '.join(f'{number}>&-' for number in closed)}", environment)
    assert (result.returncode, result.stderr) == (0, "")


LONG_AND_SHORT = (
    *("status", "history --json", "export member", "export asset", "--help", "board members"),
)
NO_ROOM = "corpsync: the output is not whole: No space left on device"


@pytest.mark.parametrize("unbuffered", [False, True])
def test_output_that_found_no_room_is_a_failure(
    environment: dict[str, str], database: Path, unbuffered: bool
) -> None:
    """Of stdout and not of corpsync, whether it fails in the middle or at the end."""
    for command in LONG_AND_SHORT:
        result = run_oddly(command.split(), environment, into="/dev/full", unbuffered=unbuffered)
        assert result.returncode == 1, command
        assert result.stderr.splitlines()[-1] == NO_ROOM, command
        assert "Traceback" not in result.stderr, command
    variables = environment | {"PYTHONUNBUFFERED": "1" if unbuffered else ""}
    result = shell("corpsync status >/dev/full", variables)
    assert (result.returncode, result.stderr) == (1, f"{NO_ROOM}\n")


@pytest.mark.parametrize("command", ["status", "history --json", "export sync_history"])
def test_output_is_utf8_whatever_the_locale(
    environment: dict[str, str], database: Path, command: str
) -> None:
    insert_process(database, "contracts", status="error", error_message="Зара ✓")
    insert_run(database, "members", result="error", error_message="Зара ✓")
    result = subprocess.run(
        [sys.executable, "-m", "corpsync_tui", *command.split()],
        env=environment | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert (result.returncode, result.stderr) == (0, b"")
    assert "Зара ✓" in result.stdout.decode()


def all_busy(path: Path) -> None:
    """Every process, with large numbers, a long error and a long history."""
    said = "the in-game role Accountant is missing; " * 5
    for process_type in entries():
        insert_process(
            path,
            process_type,
            status="error",
            error_count=12,
            error_kind="auth",
            error_message=said,
            items_processed=1_234_567,
            last_success_time=time.time() - 9 * 86_400,
            next_run_time=time.time() + 86_400,
        )
        insert_run(
            path,
            process_type,
            result="error",
            duration=3_599.0,
            requests_sent=12_345,
            rows_added=123_456,
            rows_changed=1_234,
            rows_removed=12_345,
            error_message=said,
        )


def test_every_line_fits_80_columns(corpsync: Run, home: Path) -> None:
    make_database(home, all_busy)
    for command in ("status", "history"):
        lines = corpsync(command).stdout.splitlines()

        assert max(map(len, lines)) <= 80
        assert all(any(process_type in line for line in lines) for process_type in entries())
        assert "role Accountant" in " ".join(lines)


def test_numbers_are_right_aligned(corpsync: Run, home: Path) -> None:
    path = make_database(home)
    insert_process(path, "members", items_processed=7)
    insert_process(path, "assets", items_processed=1_234_567)
    lines = corpsync("status").stdout.splitlines()
    (header,) = (line for line in lines if "Items" in line)
    end = header.index("Items") + len("Items")

    assert [line[:end].split()[-1] for line in lines[2:4]] == ["7", "1,234,567"]
    assert {len(line[:end].rstrip()) for line in lines[2:4]} == {end}


def test_history_tells_two_corporations_apart(corpsync: Run, database: Path) -> None:
    insert_run(database, "members")
    insert_run(database, "members", process_id="98000002/members", corporation_id=98000002)
    result = corpsync("history")

    assert f"{CORPORATION}/members" in result.stdout
    assert "98000002/members" in result.stdout


def test_a_quiet_check_says_nothing(corpsync: Run, database: Path) -> None:
    result = corpsync("status", "--check", "--quiet")

    assert (result.returncode, result.stdout, result.stderr) == (1, "", "")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_on_a_terminal_only(
    environment: dict[str, str], database: Path, variables: dict[str, str], coloured: bool
) -> None:
    plain = {k: v for k, v in environment.items() if k != "NO_COLOR"}
    terminal = Terminal([sys.executable, "-m", "corpsync_tui", "status"], plain | variables)

    assert terminal.end(30) == 0
    assert (b"\x1b[" in terminal.painted) is coloured
    assert b"\x1b]0" not in terminal.painted


def test_no_colour_anywhere(corpsync: Run, database: Path) -> None:
    for variables in ({"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}, {}):
        assert "\x1b" not in corpsync("status", **variables).stdout
        assert "\x1b" not in corpsync("--help", **variables).stdout


def test_export_to_a_file(corpsync: Run, database: Path, tmp_path: Path) -> None:
    target = tmp_path / "members.json"
    result = corpsync("export", "sync_schedule", "-o", str(target))

    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == f"2 rows written to {target}\n"
    assert [row["process_type"] for row in json.loads(target.read_text())] == ["members", "wallet"]
    assert corpsync("export", "member", "-o", str(target), "--quiet").stderr == ""


def test_export_into_nowhere_is_one_sentence(corpsync: Run, database: Path) -> None:
    result = corpsync("export", "member", "-o", "/nowhere/at/all.csv")

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "There is no folder /nowhere/at:" in result.stderr


@pytest.mark.parametrize(
    ("command", "file", "why"),
    [
        ("export member -o", "/" + "e" * 300, "cannot be written: File name too long"),
        ("board members -o", "/" + "e" * 300, "cannot be written: File name too long"),
        ("backup", "/" + "b" * 300, "File name too long"),
        ("backup", "~nobody-of-that-name/b.db", "There is no folder"),
        ("backup", "b.db", "There is no folder for b.db: name it in full"),
    ],
)
def test_a_file_that_cannot_be_there_is_one_sentence(
    environment: dict[str, str], database: Path, tmp_path: Path, command: str, file: str, why: str
) -> None:
    """Seen from a folder that is gone."""
    result = run_oddly([*command.split(), file], environment, gone=tmp_path / "gone")
    assert result.returncode == 1
    assert why in result.stderr
    assert "internal error" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_export_ends_its_lines_as_the_standard_says(corpsync: Run, database: Path) -> None:
    insert(database, "eve_name", id=587, name="-Rifter", category="inventory_type", fetched_at=0.0)
    raw = subprocess.run(
        [sys.executable, "-m", "corpsync_tui", "export", "eve_name"],
        env=os.environ | {"CORPSYNC_HOME": str(database.parent.parent)},
        capture_output=True,
        check=True,
        timeout=30,
    ).stdout

    assert raw.splitlines(keepends=True)[1] == b"587,'-Rifter,inventory_type,0.0\r\n"


def test_backup_prints_where_it_is(corpsync: Run, database: Path) -> None:
    result = corpsync("backup")
    path = Path(result.stdout.removesuffix("\n"))

    assert (result.returncode, result.stderr) == (0, "")
    assert path.parent == database.parent / "backups"
    assert path.stat().st_mode & 0o777 == 0o600


def test_backup_overwrites_nothing(corpsync: Run, database: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine.db"
    target.write_text("mine")
    result = corpsync("backup", str(target))

    assert result.returncode == 1
    assert result.stdout == ""
    assert str(target) in result.stderr
    assert target.read_text() == "mine"


def test_backup_before_the_first_login(corpsync: Run, home: Path) -> None:
    result = corpsync("backup")

    assert result.returncode == 1
    assert "no database" in result.stderr
    assert not (home / "data").exists()


def test_a_damaged_database_is_one_sentence(corpsync: Run, database: Path) -> None:
    database.write_bytes(b"<html>" * 1000)
    for command in (["status"], ["history"], ["export", "asset"], ["backup"]):
        result = corpsync(*command)

        assert result.returncode == 1
        assert result.stderr.count("\n") == 1
        assert "corpsync.db" in result.stderr
        assert "Traceback" not in result.stderr
    assert database.read_bytes() == b"<html>" * 1000
