"""To add a data set is to add one file: the README's five kinds, dropped into the package."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.cli.logins import Cli

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "corpsync_tui"
KINDS = ("ore_mined", "colonies", "open_jobs", "jump_fatigue", "fittings")


def examples() -> dict[str, str]:
    """The files that the README shows, by the name that each must have."""
    text = (ROOT / "README.md").read_text("utf-8")
    part = text.partition("### How to add a data set")[2].partition("\n### ")[0]
    blocks = re.findall(r"```python\n(.*?)```", part, re.DOTALL)
    found = {
        re.findall(r'^PROCESS = Process\(\n    "(\w+)"', b, re.MULTILINE)[0]: b for b in blocks
    }
    assert tuple(found) == KINDS
    return found


@pytest.fixture
def extended(cli: Cli, tmp_path: Path) -> Cli:
    """The command line of a copy of the package that has the five files, and nothing else."""
    copy = tmp_path / "package"
    shutil.copytree(PACKAGE, copy / "corpsync_tui")
    for name, text in examples().items():
        (copy / f"corpsync_tui/catalog/{name}.py").write_text(text, "utf-8")
    return replace(cli, environment=cli.environment | {"PYTHONPATH": str(copy)})


def serve(cli: Cli, path: str, body: Any, **which: Any) -> None:
    """Have the simulator answer with this."""
    pages = str(which.pop("pages", 1))
    now = formatdate(cli.sim.now(), usegmt=True)
    headers = {"X-Pages": pages, "Last-Modified": now, "ETag": None}
    cli.sim.fault(path, json=body, headers=headers, **which)


def ore(day: int, quantity: int, type_id: int = 34) -> dict[str, Any]:
    return {
        "date": f"2026-11-{day:02}",
        "quantity": quantity,
        "solar_system_id": 30_000_142,
        "type_id": type_id,
    }


def colony(planet: int) -> dict[str, Any]:
    return {
        "last_update": "2026-11-27T10:00:00Z",
        "num_pins": 1,
        "owner_id": 2_112_000_001,
        "planet_id": planet,
        "planet_type": "barren",
        "solar_system_id": 30_000_142,
        "upgrade_level": 5,
    }


def job(number: int, current: int) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "last_modified": "2026-11-27T10:00:00Z",
        "name": f"Job {number}",
        "progress": {"current": current, "desired": 9},
        "state": "Active",
    }


def fitting(number: int, *flags: str) -> dict[str, Any]:
    items = [{"flag": flag, "quantity": 1, "type_id": 35} for flag in flags]
    return {
        "description": "",
        "fitting_id": number,
        "items": items,
        "name": f"Fit {number}",
        "ship_type_id": 587,
    }


def first_answers(cli: Cli) -> None:
    me = "/characters/{character_id}"
    serve(cli, f"{me}/mining", [ore(1, 5), ore(2, 7)], page=1, pages=2)
    serve(cli, f"{me}/mining", [ore(2, 9, 35)], page=2, pages=2)
    serve(cli, f"{me}/planets", [colony(1), colony(2)])
    for planet in (1, 2):
        layout = {"links": [], "pins": [{"pin_id": planet}], "routes": []}
        serve(cli, f"{me}/planets/{planet}", layout)
    jobs = "/freelance-jobs"
    serve(cli, jobs, {"freelance_jobs": []}, query={"before": "b1"})
    older = {"freelance_jobs": [job(1, 0), job(2, 0)], "cursor": {"before": "b1", "after": "a0"}}
    serve(cli, jobs, older, query={"before": "b2"})
    newest = {"freelance_jobs": [job(2, 3)], "cursor": {"before": "b2", "after": "a1"}}
    serve(cli, jobs, newest, count=1)
    serve(cli, f"{me}/fatigue", {"last_jump_date": "2026-11-27T10:00:00Z"})
    serve(cli, f"{me}/fittings", [fitting(1, "HiSlot0", "LoSlot0"), fitting(2, "HiSlot0")])


def second_answers(cli: Cli) -> None:
    cli.sim.clear_faults()
    me = "/characters/{character_id}"
    serve(cli, f"{me}/mining", [ore(2, 8), ore(3, 1)])
    serve(cli, f"{me}/planets", [colony(2), colony(3)])
    for planet in (2, 3):
        layout = {"links": [], "pins": [{"pin_id": planet}], "routes": []}
        serve(cli, f"{me}/planets/{planet}", layout)
    jobs = "/freelance-jobs"
    serve(cli, jobs, {"freelance_jobs": []}, query={"after": "a3"})
    late = {"freelance_jobs": [job(1, 6)], "cursor": {"before": "b4", "after": "a3"}}
    serve(cli, jobs, late, query={"after": "a2"})
    early = {"freelance_jobs": [job(1, 5), job(3, 0)], "cursor": {"before": "b3", "after": "a2"}}
    serve(cli, jobs, early, query={"after": "a1"})
    serve(cli, f"{me}/fatigue", {"last_jump_date": "2026-11-28T10:00:00Z"})
    serve(cli, f"{me}/fittings", [fitting(1, "LoSlot0", "MedSlot0")])


def expire(cli: Cli) -> None:
    """Let every copy in hand be as old as ESI lets it become."""
    with closing(sqlite3.connect(cli.database)) as db, db:
        db.execute("UPDATE validator SET expires = 0")
        db.execute("UPDATE sync_status SET current_until = NULL")


def rows(cli: Cli, table: str) -> list[dict[str, Any]]:
    result = cli.run("export", table, "--format", "json")
    assert result.returncode == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def counts(cli: Cli) -> dict[str, tuple[int, int, int]]:
    """What one run of each process did: added, changed, removed."""
    result = cli.run("sync", *KINDS, "--json")
    runs = json.loads(result.stdout)["runs"]
    assert {run["error_message"] for run in runs} == {None}
    return {
        run["process_type"]: (run["rows_added"], run["rows_changed"], run["rows_removed"])
        for run in runs
    }


def test_five_files_are_five_processes(extended: Cli) -> None:
    cli = extended
    first_answers(cli)
    login = cli.log_in()
    assert login.returncode == 0, login.stderr
    assert counts(cli) == {
        "ore_mined": (3, 0, 0),
        "colonies": (4, 0, 0),
        "open_jobs": (2, 0, 0),
        "jump_fatigue": (1, 0, 0),
        "fittings": (5, 0, 0),
    }
    progress = {row["id"][-1]: row["progress"]["current"] for row in rows(cli, "open_job")}
    assert progress == {"1": 0, "2": 3}, "of a row met twice on the way back the newest counts"

    second_answers(cli)
    expire(cli)
    assert counts(cli) == {
        "ore_mined": (1, 1, 2),
        "colonies": (2, 0, 2),
        "open_jobs": (1, 1, 0),
        "jump_fatigue": (0, 1, 0),
        "fittings": (1, 0, 3),
    }
    assert {(r["date"], r["type_id"], r["quantity"]) for r in rows(cli, "ore_mined")} == {
        ("2026-11-02", 34, 8),
        ("2026-11-03", 34, 1),
    }
    assert [row["planet_id"] for row in rows(cli, "colony_layout")] == [2, 3]
    progress = {row["id"][-1]: row["progress"]["current"] for row in rows(cli, "open_job")}
    assert progress == {"1": 6, "2": 3, "3": 0}, "of a row met twice on the way on the last counts"
    assert [row["last_jump_date"] for row in rows(cli, "jump_fatigue")] == ["2026-11-28T10:00:00Z"]
    assert {(r["fitting_id"], r["flag"]) for r in rows(cli, "fitting_item")} == {
        (1, "LoSlot0"),
        (1, "MedSlot0"),
    }
    assert "ship_type_name" in rows(cli, "fitting_named")[0]

    changes = cli.run("changes", "--table", "fitting_item")
    assert "gone" in changes.stdout, changes.stderr
    status = json.loads(cli.run("status", "--json").stdout)
    assert set(KINDS) <= {process["process_type"] for process in status["processes"]}
    history = cli.run("history", "--process", "fittings", "--json")
    assert len(json.loads(history.stdout)["runs"]) == 2

    settings = cli.home / "config/settings.toml"
    settings.write_text("".join(["[intervals]\n", *(f"{kind} = 30\n" for kind in KINDS)]))
    assert cli.run("status").returncode == 0
