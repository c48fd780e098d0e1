"""`corpsync backup`: a whole copy of the database, while it is in use."""

from __future__ import annotations

from argparse import Namespace

from corpsync_tui.cli import output
from corpsync_tui.settings import Settings


def run(options: Namespace, settings: Settings) -> int:
    """Make the copy and print where it is."""
    from corpsync_tui.upkeep.backup import backup

    output.line(str(backup(settings, options.file)))
    return 0
