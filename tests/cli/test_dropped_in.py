"""A file put into the catalog's folder is a process: nothing else need know of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import corpsync_tui

MEDALS = '''
from collections.abc import Iterator

from corpsync_tui.catalog.kit.base import Dataset, Process
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import CorporationTable, Id, Text, When


class Trophy(CorporationTable):
    """A trophy."""

    created_at = When()
    trophy_id = Id("trophy", identity=True)
    title = Text()


MEDALS = Route("/corporations/{corporation_id}/trophies", cache_seconds=3600, paged=True)


def find_old(context: RuleContext) -> Iterator[Alert]:
    """None."""
    yield from ()


PROCESS = Process(
    "trophies",
    title="Trophies of honour",
    noun="trophies",
    order=35,
    interval_minutes=240,
    demo_minutes=2,
    datasets=[Dataset(Trophy, MEDALS, "snapshot")],
    rules=[Rule("old_trophy", find_old, says="A trophy older than so many days.", default=400)],
)
'''

SHOW_SETTINGS = """
import sys
from corpsync_tui.cli.demo import intervals
from corpsync_tui.settings import load_settings
from corpsync_tui.settings.folders import template
settings = load_settings({"CORPSYNC_HOME": sys.argv[1]})
print(settings.intervals["trophies"], intervals()["trophies"], "minutes")
print(template())
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def python(environment: dict[str, str], tmp_path: Path) -> Run:
    """Python beside a package that has one file more."""
    source = Path(corpsync_tui.__file__).parent
    package = tmp_path / "corpsync_tui"
    shutil.copytree(source, package)
    (package / "catalog/trophies.py").write_text(MEDALS)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def corpsync(python: Run) -> Run:
    return lambda *arguments: python("-m", "corpsync_tui", *arguments)


def test_a_dropped_in_process_is_known_everywhere(corpsync: Run) -> None:
    wrong = corpsync("sync", "trophy").stderr
    assert "Did you mean 'trophies'?" in wrong
    assert corpsync("history", "--process", "trophies").returncode == 0
    assert "the tables of Trophies of honour: trophy?" in corpsync("export", "trophies").stderr
    assert corpsync("export", "trophy_named").returncode == 0
    script = corpsync("completion", "bash").stdout
    assert all(word in script for word in ("trophies", "trophy_named"))


def test_a_dropped_in_process_has_its_settings(python: Run, corpsync: Run, home: Path) -> None:
    text = python("-c", SHOW_SETTINGS, str(home)).stdout
    assert "240 2 minutes" in text
    assert "#trophies = 240\n" in text
    assert "# A trophy older than so many days.\n#old_trophy = 400\n" in text

    file = home / "config/settings.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[intervals]\ntrophies = 7\n[attention]\nold_trophy = 30\n")
    assert corpsync("status").returncode == 0
    file.write_text("[attention]\nold_trophy = -1\n")
    assert "attention.old_trophy is -1" in corpsync("status").stderr


def test_a_file_that_cannot_work_is_named(corpsync: Run, tmp_path: Path) -> None:
    (tmp_path / "corpsync_tui/catalog/trophies.py").write_text(
        MEDALS.replace('"trophies",', '"trophy",')
    )
    result = corpsync("status")

    assert result.returncode == 1
    assert "trophies.py declares the process 'trophy'; the file's name is its type" in result.stderr
