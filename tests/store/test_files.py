"""What SQLite keeps beside a database goes when the last program closes it, at any moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpsync_tui.store.files import (
    COMPANIONS,
    bytes_in,
    companions,
    leftover_wal,
    make_private,
    move_aside,
)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with companions, each of which is gone once it was looked at."""
    path = tmp_path / "corpsync.db"
    for file in (path, *companions(path)):
        file.write_bytes(bytes(18) + b"\x01\x01")
        file.chmod(0o644)
    look = Path.stat

    def look_last(file: Path, *, follow_symlinks: bool = True) -> object:
        found = look(file, follow_symlinks=follow_symlinks)
        if file.name.endswith(COMPANIONS):
            file.unlink()
        return found

    monkeypatch.setattr(Path, "stat", look_last)
    return path


@pytest.mark.parametrize(
    "look",
    [
        make_private,
        leftover_wal,
        lambda path: move_aside(path, "20261124T140500Z", "damaged"),
        lambda path: bytes_in(companions(path)[0]),
    ],
)
def test_a_companion_may_go_while_it_is_looked_at(
    database: Path, look: Callable[[Path], object]
) -> None:
    look(database)
    assert bytes_in(companions(database)[0]) == 0
