"""`corpsync`: the app."""

from __future__ import annotations

import sys
from argparse import Namespace

from corpsync_tui.cli.screen import require_terminal, show
from corpsync_tui.settings import Settings


def run(options: Namespace, settings: Settings) -> int:
    """Open the app, and the demo behind it where the director asks for it."""
    require_terminal(sys.stdin, sys.stdout)
    code, result = show(settings, watch=not options.no_watch)
    if result != "demo":
        return code
    from corpsync_tui.cli import demo

    return demo.run(options, settings)
