"""`corpsync logout`: take a character's login back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from corpsync_tui.cli.command import Command
from corpsync_tui.settings import Settings


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "character",
        metavar="CHARACTER",
        nargs="?",
        help="id or name; not needed where only one is logged in",
    )


def run(options: Namespace, settings: Settings) -> int:
    """Do it."""
    raise NotImplementedError


COMMAND = Command(
    name="logout",
    summary="revoke and forget a character's login",
    about="The data stays.",
    examples=("corpsync logout", "corpsync logout 'Aldra Vex'"),
    arguments=arguments,
    run=run,
)
