"""`corpsync demo`: the app on a made-up corporation."""

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
    name="demo",
    summary="look around on a made-up corporation, without an EVE account",
    about="It has a data folder of its own, apart from yours. Needs the extra: corpsync-tui[demo].",
    examples=("corpsync demo",),
    arguments=arguments,
    run=run,
    works=True,
)
