"""A database on a network drive or in a synced folder is refused before it can be damaged."""

from pathlib import Path

import pytest

from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.filesystem import SYNC_MARKS, file_system, refuse_unsafe_folder

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
        refuse_unsafe_folder(data, mounts(tmp_path, kind))
    refuse_unsafe_folder(tmp_path / "elsewhere", mounts(tmp_path, kind))


def test_a_disk_of_this_computer_is_fine(tmp_path: Path) -> None:
    assert file_system(tmp_path / "my home", mounts(tmp_path, "btrfs")) == "btrfs"
    refuse_unsafe_folder(tmp_path / "my home", mounts(tmp_path, "btrfs"))


def test_where_mounts_are_not_told_nothing_is_refused(tmp_path: Path) -> None:
    refuse_unsafe_folder(tmp_path, tmp_path / "no such file")


@pytest.mark.parametrize(("mark", "program"), SYNC_MARKS.items())
def test_a_folder_that_a_program_syncs_is_named_and_refused(
    tmp_path: Path, mark: str, program: str
) -> None:
    data = tmp_path / "shared" / "corpsync" / "data"
    data.mkdir(parents=True)
    refuse_unsafe_folder(data)
    (tmp_path / "shared" / mark).mkdir()
    with pytest.raises(DatabaseError, match=f"that {program} syncs.*CORPSYNC_HOME"):
        refuse_unsafe_folder(data)
    refuse_unsafe_folder(tmp_path / "elsewhere")


def test_the_cloud_folders_of_windows_and_macos_are_refused(tmp_path: Path) -> None:
    drive = {"OneDrive": str(tmp_path / "OneDrive - Corp"), "OneDriveConsumer": ""}
    with pytest.raises(DatabaseError, match="that OneDrive syncs"):
        refuse_unsafe_folder(tmp_path / "OneDrive - Corp" / "corpsync", environment=drive)
    refuse_unsafe_folder(tmp_path / "corpsync", environment=drive)
    cloud = tmp_path / "Library" / "Mobile Documents" / "corpsync"
    with pytest.raises(DatabaseError, match="that iCloud Drive syncs"):
        refuse_unsafe_folder(cloud)
    refuse_unsafe_folder(tmp_path / "Library" / "corpsync")


def test_dropbox_own_settings_in_a_home_refuse_nothing(tmp_path: Path) -> None:
    (tmp_path / ".dropbox").mkdir()
    refuse_unsafe_folder(tmp_path / ".local" / "share" / "corpsync")
