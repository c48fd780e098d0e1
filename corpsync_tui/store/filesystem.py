"""Folders in which a database ends damaged: network drives, and what a program syncs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from corpsync_tui.errors import DatabaseError

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux tells what is mounted; elsewhere no network drive is refused."""

NETWORK = ("afs", "ceph", "cifs", "fuse.davfs", "fuse.rclone", "fuse.sshfs", "glusterfs", "ncp")
NETWORK_FAMILIES = ("nfs", "smb")
"""Types of file system, whole and by their beginning, that other machines share."""

SYNC_MARKS = {
    ".dropbox.cache": "Dropbox",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".stfolder": "Syncthing",
    ".tmp.driveupload": "Google Drive",
}
"""What sync programs leave in the folder that they keep the same on several machines.

Not `.dropbox`: in a home that is Dropbox's own settings.
"""
SYNC_VARIABLES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
"""Environment variables in which OneDrive names its folders, on Windows."""
SYNC_FOLDERS: dict[tuple[str, ...], str] = {
    ("Library", "CloudStorage"): "a cloud drive",
    ("Library", "Mobile Documents"): "iCloud Drive",
}
"""Where macOS keeps what it copies to a cloud."""


def refuse_unsafe_folder(
    folder: Path, mounts: Path = MOUNTS, environment: Mapping[str, str] = os.environ
) -> None:
    """Make sure that a folder lies on this machine's own disk, and that nothing else writes there.

    A sync program copies database and WAL at different moments, and may put back old ones.

    Raises:
        DatabaseError: It lies on a network drive, or in a folder that a sync program keeps.
    """
    kind = file_system(folder, mounts)
    if kind in NETWORK or kind.startswith(NETWORK_FAMILIES):
        why = f"on {kind}, where SQLite's locks do not hold"
    elif program := sync_program(folder, environment):
        why = f"in a folder that {program} syncs, which damages an open database"
    else:
        return
    raise DatabaseError(
        f"The data folder {folder} is {why}: set CORPSYNC_HOME to a folder on this computer's "
        "own disk, outside of any sync, and move the files there."
    )


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that a folder lies on; empty where unknown."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    real = folder.resolve()
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split(" ")[4].replace("\\040", " "))
        if real.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    return kind


def sync_program(folder: Path, environment: Mapping[str, str]) -> str:
    """What keeps a folder the same on several machines; empty where nothing is known to."""
    real = folder.resolve()
    for variable in SYNC_VARIABLES:
        if environment.get(variable) and real.is_relative_to(environment[variable]):
            return "OneDrive"
    for place in (real, *real.parents):
        if place.parts[-2:] in SYNC_FOLDERS:
            return SYNC_FOLDERS[place.parts[-2:]]
        for mark, program in SYNC_MARKS.items():
            if os.path.lexists(place / mark):
                return program
    return ""
