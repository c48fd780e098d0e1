"""`corpsync run`: keep everything current, without a screen."""

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
    name="run",
    summary="keep everything current, without a screen",
    about="For a terminal, a systemd unit or a container. SIGTERM or SIGINT ends it.",
    examples=("corpsync run", "corpsync run --quiet"),
    arguments=arguments,
    run=run,
)
