"""`corpsync`: the app."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from corpsync_tui.cli import output
from corpsync_tui.cli.command import Command, UsageError
from corpsync_tui.errors import HeldError
from corpsync_tui.settings import Settings

NEEDS_A_TERMINAL = "corpsync needs a terminal; without one, corpsync run keeps everything current."


def run(_: Namespace, settings: Settings) -> int:
    """Open the app, and the demo after it where that was asked for."""
    require_terminal()
    result = open_app(settings)
    if result != "demo":
        return result
    from corpsync_tui.cli.demo import run_demo

    return run_demo()


def require_terminal() -> None:
    """Raise UsageError where there is nothing to paint on."""
    if not (output.is_terminal(sys.stdin) and output.is_terminal(sys.stdout)):
        raise UsageError(NEEDS_A_TERMINAL)


def open_app(settings: Settings) -> int | str:
    """Show the app until it is left: its exit code, or `demo` where the director wants that.

    Raises:
        HeldError: Another corpsync holds the folder; nothing was painted.
    """
    from corpsync_tui.store.lock import holder

    other = holder(settings.data_dir)
    if other is not None:
        raise HeldError(other.sentence())
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from corpsync_tui.clock import Clock
    from corpsync_tui.tui.app import CorpsyncApp
    from corpsync_tui.tui.opening import open_later

    clock = Clock()
    app = CorpsyncApp(open_later(settings, clock), clock=clock)
    result = app.run()
    return result if result == "demo" else app.return_code or 0


COMMAND = Command(
    name="app",
    summary="open the app",
    about="",
    examples=("corpsync",),
    run=run,
    works=True,
)
