"""All commands, in the order of the help."""

from __future__ import annotations

from corpsync_tui.cli import (
    backup,
    completion,
    demo,
    doctor,
    export,
    history,
    login,
    logout,
    paths,
    run,
    status,
    sync,
)
from corpsync_tui.cli.command import Command

COMMANDS: tuple[Command, ...] = (
    demo.COMMAND,
    login.COMMAND,
    logout.COMMAND,
    sync.COMMAND,
    run.COMMAND,
    status.COMMAND,
    history.COMMAND,
    export.COMMAND,
    backup.COMMAND,
    doctor.COMMAND,
    paths.COMMAND,
    completion.COMMAND,
)
