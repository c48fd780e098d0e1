"""To add a board is to add one file: the README's, dropped into the package."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.logins import Cli

ROOT = Path(__file__).parents[2]


def example() -> str:
    """The file that the README shows."""
    text = (ROOT / "README.md").read_text("utf-8")
    part = text.partition("### How to add a board")[2].partition("\n### ")[0]
    (found,) = re.findall(r"```python\n(.*?)```", part, re.DOTALL)
    return str(found)


@pytest.fixture
def extended(cli: Cli, tmp_path: Path) -> Cli:
    """The command line of a copy of the package that has the board, and nothing else."""
    copy = tmp_path / "package"
    shutil.copytree(ROOT / "corpsync_tui", copy / "corpsync_tui")
    (copy / "corpsync_tui/boards/shareholders.py").write_text(example(), "utf-8")
    return replace(cli, environment=cli.environment | {"PYTHONPATH": str(copy)})


def test_one_file_is_a_board(extended: Cli) -> None:
    cli = extended
    assert cli.log_in().returncode == 0
    assert cli.run("sync", "corporation").returncode == 0
    answer = json.loads(cli.run("board", "shareholders", "--json").stdout)
    with closing(sqlite3.connect(cli.database)) as db:
        held = dict(db.execute("SELECT shareholder_id, share_count FROM shareholder"))
        view = dict(db.execute("SELECT shareholder_id, share FROM board_shareholders"))
    assert {row["shareholder_id"]: row["share_count"] for row in answer["rows"]} == held
    assert answer["summary"] == {"shareholders": len(held)}
    shares = {owner: 100 * count / sum(held.values()) for owner, count in held.items()}
    assert view == pytest.approx(shares)

    assert f"{len(held)} shareholders" in cli.run("board", "shareholders").stdout
    settings = cli.home / "config/settings.toml"
    settings.write_text("[attention]\nmajority = 0\n")
    assert "% of the shares" in cli.run("attention", "--json").stdout
    settings.write_text("[attention]\nmajority = 'x'\n")
    assert "majority" in cli.run("status").stderr
