"""`corpsync`: the app."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from corpsync_tui.cli.command import Command
from corpsync_tui.settings import Settings


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    del parser


def run(options: Namespace, settings: Settings) -> int:
    """Do it."""
    raise NotImplementedError


COMMAND = Command(
    name="app",
    summary="open the app",
    about="",
    examples=("corpsync",),
    arguments=arguments,
    run=run,
    works=True,
)
