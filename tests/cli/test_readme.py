"""The README tells of every command and setting."""

from pathlib import Path

import pytest

from corpsync_tui.cli.commands import COMMANDS
from corpsync_tui.processes import ALL
from corpsync_tui.settings.keys import DEFAULT_INTERVALS, KEYS, PROCESS_TYPES, Key

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_is_told(name: str) -> None:
    assert f"| `corpsync {name}" in README


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_setting_is_told_with_its_default(key: Key) -> None:
    (row,) = (line for line in README.splitlines() if line.startswith(f"| `{key.name}` |"))

    assert not key.default or str(key.default) in row


def test_the_settings_know_every_process_and_its_interval() -> None:
    assert tuple(process.type for process in ALL) == PROCESS_TYPES
    assert tuple(process.interval_minutes for process in ALL) == DEFAULT_INTERVALS
