"""Folders and the settings file belong to their owner alone."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from corpsync_tui.catalog_index import entries
from corpsync_tui.errors import DatabaseError
from corpsync_tui.settings import create_folders, load_settings
from corpsync_tui.settings.alerts import AlertSettings
from corpsync_tui.settings.attention import CHANGES_DEFAULTS, attention_keys
from corpsync_tui.settings.boards import TEMPLATE as BOARD_TEMPLATE
from corpsync_tui.settings.folders import template
from corpsync_tui.settings.keys import KEYS


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_open_umask")
def test_modes_whatever_the_umask(tmp_path: Path) -> None:
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path / "deep/home")})
    create_folders(settings)

    modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    assert modes.pop("settings.toml") == 0o600
    assert modes == dict.fromkeys(("deep", "home", "data", "logs", "cache", "config"), 0o700)


def test_a_folder_open_to_others_is_closed(tmp_path: Path) -> None:
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path)})
    settings.data_dir.mkdir()
    settings.data_dir.chmod(0o755)
    create_folders(settings)

    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_the_file_is_never_rewritten(tmp_path: Path) -> None:
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path)})
    settings.config_file.parent.mkdir()
    settings.config_file.write_text("# mine\n")
    create_folders(settings)

    assert settings.config_file.read_text() == "# mine\n"


def test_the_template_holds_every_default(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("#") for line in template().splitlines() if not line.startswith("# ")
    ]
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text("\n".join(lines))
    environ = {"CORPSYNC_HOME": str(tmp_path)}
    uncommented = load_settings(environ)
    (tmp_path / "config/settings.toml").write_text(template())

    assert uncommented == load_settings(environ)
    tables = len(entries()) + len(attention_keys()) + len(CHANGES_DEFAULTS)
    boards = BOARD_TEMPLATE.count("\n#") - BOARD_TEMPLATE.count("\n# ")
    assert sum("=" in line for line in lines) == len(KEYS) + tables + boards + len(
        fields(AlertSettings)
    )


def test_a_folder_that_may_not_be_written_stays_so(tmp_path: Path) -> None:
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path)})
    settings.data_dir.mkdir()
    settings.data_dir.chmod(0o555)
    with contextlib.suppress(DatabaseError):  # root may write everywhere
        create_folders(settings)

    assert settings.data_dir.stat().st_mode & 0o777 == 0o500


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path)})
    with pytest.raises(DatabaseError, match=f"cannot write to {tmp_path / 'data'}"):
        create_folders(settings)
