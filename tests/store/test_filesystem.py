"""A database on a network drive is refused before it can be damaged."""

from pathlib import Path

import pytest

from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.filesystem import file_system, refuse_network_drive

MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 21 0:50 / {home} rw,relatime shared:2 - {kind} server:/home rw,vers=4.2
"""


def mounts(tmp_path: Path, kind: str) -> Path:
    file = tmp_path / "mountinfo"
    file.write_text(MOUNTS.format(home=str(tmp_path / "my home").replace(" ", "\\040"), kind=kind))
    return file


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "fuse.sshfs"])
def test_a_network_drive_is_named_and_refused(tmp_path: Path, kind: str) -> None:
    data = tmp_path / "my home" / "corpsync" / "data"
    with pytest.raises(DatabaseError, match=f"is on {kind}.*CORPSYNC_HOME"):
        refuse_network_drive(data, mounts(tmp_path, kind))
    refuse_network_drive(tmp_path / "elsewhere", mounts(tmp_path, kind))


def test_a_disk_of_this_computer_is_fine(tmp_path: Path) -> None:
    assert file_system(tmp_path / "my home", mounts(tmp_path, "btrfs")) == "btrfs"
    refuse_network_drive(tmp_path / "my home", mounts(tmp_path, "btrfs"))


def test_where_mounts_are_not_told_nothing_is_refused(tmp_path: Path) -> None:
    refuse_network_drive(tmp_path, tmp_path / "no such file")
