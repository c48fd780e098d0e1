"""`corpsync login`: let corpsync read a character's corporation."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from corpsync_tui.cli.command import Command
from corpsync_tui.settings import Settings


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address to open instead of opening it",
    )


def run(options: Namespace, settings: Settings) -> int:
    """Do it."""
    raise NotImplementedError


COMMAND = Command(
    name="login",
    summary="log a character in",
    about="Its corporation's processes are then scheduled. A further login adds a character.",
    examples=("corpsync login", "corpsync login --no-browser"),
    arguments=arguments,
    run=run,
)
