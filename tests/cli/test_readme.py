"""The README tells the truth: its commands run, its tables know everything that there is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from corpsync_tui import __version__
from corpsync_tui.boards import all_boards
from corpsync_tui.catalog import ALL
from corpsync_tui.cli.commands import COMMANDS
from corpsync_tui.cli.parser import parse
from corpsync_tui.settings.keys import KEYS
from corpsync_tui.settings.load import TABLES
from corpsync_tui.tui.screens import SCREENS
from tests.cli.logins import free_port
from tests.readme import written
from tests.support.database import CORPORATION, insert, insert_process, insert_run, make_database
from tests.support.webhook import serving

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
INSTALLING = 2
"""The blocks at the top, which install and start: CI runs them."""
LINES = [line for block in BLOCKS[INSTALLING:] for line in block.splitlines()]
FINDS_SOMETHING = ("corpsync attention", "corpsync doctor")
"""Commands that say by exit code 1 that there is something to do."""

SQLITE3 = """#!{python}
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
    print(*row, sep="|")
"""
"""For machines without SQLite's own shell."""


@pytest.fixture
def database(home: Path) -> Path:
    """A corporation of which everything that the README asks for is known."""
    path = make_database(home)
    for process in ALL:
        insert_process(path, process.type, next_run_time=time.time() + 600)
        insert_run(path, process.type)
    names = {34: "Tritanium", 60003760: "Jita IV", 7: "Aldra Vex"}
    for id_, name in names.items():
        insert(path, "eve_name", id=id_, name=name, category="any", fetched_at=0.0)
    insert(path, "member", corporation_id=CORPORATION, character_id=7)
    insert(
        path,
        "asset",
        corporation_id=CORPORATION,
        item_id=1,
        type_id=34,
        location_id=60003760,
        location_flag="CorpSAG2",
        location_type="station",
        quantity=4_300,
        is_singleton=0,
    )
    insert(
        path,
        "change",
        run_id=1,
        corporation_id=CORPORATION,
        time=time.time(),
        table_name="member",
        kind="added",
        row_key={"character_id": 7},
        after={},
    )
    return path


def at_the_prompt(
    script: str, environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run lines as a shell does that has corpsync and the tests' own Python on its path."""
    tools = folder / "tools"
    tools.mkdir()
    shell = tools / "sqlite3"
    shell.write_text(SQLITE3.format(python=sys.executable), "utf-8")
    shell.chmod(0o700)
    ours = Path(sys.executable).parent
    nobody = f"http://127.0.0.1:{free_port()}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment
        | {
            "PATH": os.pathsep.join((str(tools), str(ours), environment["PATH"])),
            "CORPSYNC_ESI_URL": nobody,
            "CORPSYNC_SSO_URL": nobody,
            "CORPSYNC_KEYRING": "file",
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_what_it_types_at_a_prompt_works(
    environment: dict[str, str], database: Path, tmp_path: Path
) -> None:
    checked = [
        line if line.startswith(FINDS_SOMETHING) else f"{line} || echo 'FAILED: {line[:20]}'"
        for line in LINES
    ]
    with serving() as discord:
        script = re.sub(r"https://discord\.com/\S+", discord.url, "\n".join(checked))
        result = at_the_prompt(script, environment, tmp_path)

    assert len(discord.accepted) == 1
    assert "FAILED" not in result.stdout
    assert "Traceback" not in result.stderr
    assert "Tritanium|4300" in result.stdout
    assert "Aldra Vex joined" in result.stdout
    assert re.search('"character_name": ?"Aldra Vex"', result.stdout)
    assert len(list((database.parent / "backups").iterdir())) == 1
    for file in ("assets.csv", "stock.csv"):
        assert "Tritanium" in (tmp_path / file).read_text("utf-8")


def test_every_command_that_it_names_can_be_typed() -> None:
    text = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    prose = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("|"))
    named = re.findall(r"`(?:ssh -t server )?corpsync( [^`]+)?`", prose)
    named += re.findall(r"^ExecStart=\S+/corpsync(.*)$", README, re.MULTILINE)

    assert len(named) > 20
    for arguments in named:
        assert parse(shlex.split(arguments)), arguments


def test_it_draws_the_house_as_it_is() -> None:
    drawing = README.partition("### The house\n\n```\n")[2].partition("```")[0]
    drawn = [re.split(r"  +", line)[0].split(" · ") for line in drawing.splitlines() if line]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = (c["layers"] for c in project["tool"]["importlinter"]["contracts"] if "layers" in c)
    package = {f.stem for f in (ROOT / "corpsync_tui").iterdir() if not f.name.startswith("_")}

    assert drawn == [
        *(layer.replace("corpsync_tui.", "").split(" | ") for layer in layers),
        ["simulator"],
    ]
    assert {name for line in drawn for name in line} == package - {"py"}


def test_its_tables_are_what_the_code_says() -> None:
    assert written(README) == README, "python -m tests.readme writes them anew"


def test_its_tables_leave_nothing_out() -> None:
    told = [re.split(r" *\| *", line) for line in README.splitlines() if "|" in line]
    first = {cells[1] for cells in told}

    assert first >= {process.title for process in ALL}
    assert first >= {f"`{scope}`" for process in ALL for scope in process.scopes}
    assert first >= {f"`{key.name}`" for key in KEYS} | {f"`[{table}]`" for table in TABLES}
    assert first >= {f"`{rule.name}`" for process in ALL for rule in process.rules}
    assert all(
        any(c.startswith(f"`corpsync {command.name}") for c in first) for command in COMMANDS
    )


def test_its_pictures_show_every_screen_with_the_tabs_of_today() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    pictures = set(re.findall(r"\((screenshots/[^)]+)\)", README))
    names = [screen.id for screen in SCREENS] + [board.name for board in all_boards()[1:]]
    tabs = [f"{screen.key}&#160;{screen.title}" for screen in SCREENS]

    assert {f"screenshots/{screen.id}-140x40.svg" for screen in SCREENS} <= set(shown)
    assert {f"screenshots/{name}-140x40.svg" for name in names} == pictures
    for picture in [*pictures, *(p.replace("140x40", "80x24") for p in pictures)]:
        drawn = (ROOT / picture).read_text("utf-8")
        assert [tab for tab in tabs if tab not in drawn] == [], picture


def test_the_files_that_it_names_are_there() -> None:
    names = set(re.findall(r"`((?:tests|corpsync_tui)/[\w/.]+|\w+/\w+\.py)`", README))

    assert len(names) > 10
    assert not [
        n for n in names if not (ROOT / n).exists() and not (ROOT / "corpsync_tui" / n).exists()
    ]


def test_what_engineers_type_is_run_by_ci() -> None:
    ci = (ROOT / ".ci/run").read_text("utf-8")
    typed = re.findall(r"`\.venv/bin/([^`]+)`", README)
    by_hand = ("python -m pytest -m long", "python -m tests.screenshots", "python -m tests.readme")

    assert len(typed) > 8
    for command in typed:
        program, _, arguments = command.partition(" ")
        assert command in by_hand or f'"$bin/{program}" {arguments}'.strip() in ci, command


def test_the_changelog_knows_this_version() -> None:
    assert __version__ in (ROOT / "CHANGELOG.md").read_text("utf-8")
