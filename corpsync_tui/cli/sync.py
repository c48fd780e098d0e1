"""`corpsync sync`: run processes once, now."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from corpsync_tui.cli.command import Command
from corpsync_tui.cli.kinds import process
from corpsync_tui.settings import Settings


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "processes",
        metavar="PROCESS",
        nargs="*",
        type=process,
        help="a type (members) or an id (98000001/members); none: all that are on",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: Namespace, settings: Settings) -> int:
    """Do it."""
    raise NotImplementedError


COMMAND = Command(
    name="sync",
    summary="sync once, now, and end",
    about="Asks nothing of ESI where the copy in hand is still current.",
    examples=(
        "corpsync sync",
        "corpsync sync members assets",
        "corpsync sync 98000001/wallet --json",
    ),
    arguments=arguments,
    run=run,
)
