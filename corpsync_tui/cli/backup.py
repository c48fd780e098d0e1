"""`corpsync backup`: a whole copy of the database, while it is in use."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from corpsync_tui.cli import output
from corpsync_tui.cli.command import Command
from corpsync_tui.settings import Settings


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=Path,
        help="where to (else a dated file in the folder backups); never overwritten",
    )


def run(options: Namespace, settings: Settings) -> int:
    """Make the copy and print where it is."""
    from corpsync_tui.upkeep.backup import backup

    output.line(str(backup(settings, options.file)))
    return 0


COMMAND = Command(
    name="backup",
    summary="make a checked copy of the database, also while it is in use",
    about="To restore: close corpsync and put the copy in the place of corpsync.db.",
    examples=("corpsync backup", "corpsync backup /media/usb/corpsync-monday.db"),
    arguments=arguments,
    run=run,
)
