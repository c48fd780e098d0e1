"""Network drives break SQLite's locks: a database there ends damaged."""

from __future__ import annotations

from pathlib import Path

from corpsync_tui.errors import DatabaseError

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux tells what is mounted; elsewhere nothing is refused."""

NETWORK = ("afs", "ceph", "cifs", "fuse.davfs", "fuse.rclone", "fuse.sshfs", "glusterfs", "ncp")
NETWORK_FAMILIES = ("nfs", "smb")
"""Types of file system, whole and by their beginning, that other machines share."""


def refuse_network_drive(folder: Path, mounts: Path = MOUNTS) -> None:
    """Make sure that a folder lies on this machine's own disk.

    Raises:
        DatabaseError: It lies on a network drive.
    """
    kind = file_system(folder, mounts)
    if kind in NETWORK or kind.startswith(NETWORK_FAMILIES):
        raise DatabaseError(
            f"The data folder {folder} is on {kind}, where SQLite's locks do not hold: set "
            "CORPSYNC_HOME to a folder on this computer's own disk and move the files there."
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
