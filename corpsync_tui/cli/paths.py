"""`corpsync paths`: where everything lies."""

from __future__ import annotations

from argparse import Namespace

from corpsync_tui.cli import output
from corpsync_tui.settings import Settings

NAMES = ("home", "data_dir", "config_file", "log_dir", "cache_dir", "database")


def run(options: Namespace, settings: Settings) -> int:
    """Print the paths; none of them needs to exist."""
    paths = {name: str(getattr(settings, name)) for name in NAMES}
    if options.json:
        output.document(paths)
    else:
        output.lines(f"{name:12} {path}" for name, path in paths.items())
    return 0
