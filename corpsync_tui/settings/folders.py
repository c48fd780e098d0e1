"""Folders that only their owner may enter, and the settings file of a first start."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from corpsync_tui.catalog_index import entries
from corpsync_tui.errors import DatabaseError
from corpsync_tui.settings.alerts import TEMPLATE as ALERTS_TEMPLATE
from corpsync_tui.settings.attention import (
    ATTENTION_COMMENT,
    CHANGES_COMMENT,
    CHANGES_DEFAULTS,
    FLOORS_COMMENT,
    attention_keys,
)
from corpsync_tui.settings.boards import TEMPLATE as BOARD_TEMPLATE
from corpsync_tui.settings.keys import INTERVALS_COMMENT, KEYS
from corpsync_tui.settings.load import Settings

HEADER = """\
# Settings of corpsync. To change one, remove the # before its line.
# An environment variable (CORPSYNC_ and the name in capitals) overrules the line.
"""


def create_folders(settings: Settings) -> None:
    """Create the folders and the commented settings file where they are missing.

    Raises:
        DatabaseError: A folder or the file cannot be written.
    """
    for path in (settings.data_dir, settings.log_dir, settings.cache_dir):
        private_folder(path)
    write_template(settings.config_file)


def private_folder(path: Path) -> None:
    """Create a folder and what is missing above it, for its owner alone whatever the umask.

    Raises:
        DatabaseError: It cannot be made or written to.
    """
    try:
        _make(path)
        mode = path.stat().st_mode
        if mode & 0o077:
            path.chmod(mode & 0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise DatabaseError(f"corpsync cannot write to {path}: {error.strerror}.") from error


def _make(path: Path) -> None:
    if path.is_dir():
        return
    _make(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)


def write_template(file: Path) -> None:
    """Write every key with its comment and default, unless the file is there already."""
    private_folder(file.parent)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise DatabaseError(f"corpsync cannot write {file}: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(template())


def template() -> str:
    """The text of a new settings.toml: all defaults, as comments."""
    blocks = [HEADER]
    blocks += [f"{_comment(key.comment)}#{key.name} = {_toml(key.default)}\n" for key in KEYS]
    lines = "".join(f"#{p.type} = {p.interval_minutes}\n" for p in entries().values())
    blocks.append(f"{_comment(INTERVALS_COMMENT)}[intervals]\n{lines}")
    rules = "".join(
        f"{_comment(key.comment)}#{key.name} = {_toml(key.default)}\n"
        for key in attention_keys().values()
    )
    blocks.append(f"{_comment(ATTENTION_COMMENT)}[attention]\n{rules}")
    blocks.append(ALERTS_TEMPLATE)
    blocks.append(f"{_comment(FLOORS_COMMENT)}[wallet_floors]\n")
    log = "".join(f"#{name} = {_toml(value)}\n" for name, value in CHANGES_DEFAULTS.items())
    blocks.append(f"{_comment(CHANGES_COMMENT)}[changes]\n{log}")
    blocks.append(BOARD_TEMPLATE)
    return "\n".join(blocks)


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.splitlines())


def _toml(value: str | int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
