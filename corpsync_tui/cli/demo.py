"""`corpsync demo`: the app on a made-up corporation, apart from everything else."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from corpsync_tui.catalog_index import entries
from corpsync_tui.cli import output
from corpsync_tui.cli.app import refuse_second, require_terminal, show
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.settings import Settings, load_settings, private_folder

NEEDS_EXTRA = "the demo needs its extra: pip install 'corpsync-tui[demo]'"


class DemoError(CorpsyncError):
    """The demo cannot be shown."""


def run(_: Namespace, settings: Settings) -> int:
    """Show the app on a corporation that a simulator makes up, until it is left."""
    if not _is_installed("starlette", "uvicorn"):
        raise DemoError(NEEDS_EXTRA)
    require_terminal(sys.stdin, sys.stdout)
    home = demo_home(os.environ, settings)
    refuse_second(load_settings({"CORPSYNC_HOME": str(home)}))
    private_folder(home)
    output.tell("The demo starts…")
    from corpsync_tui.cli.demo_corporation import simulator

    with simulator(home) as corporation:
        asyncio.run(corporation.prepare(demo := _settings(home, corporation.environment)))
        code, _result = show(demo)
    output.tell(f"The demo's data: {demo.database}")
    output.tell(f"Any command reads it: CORPSYNC_HOME={shlex.quote(str(home))} corpsync status")
    return code


def demo_home(environ: Mapping[str, str], settings: Settings) -> Path:
    """The demo's own folder: beside the director's home, or in the place for such things."""
    if environ.get("CORPSYNC_HOME"):
        return settings.home.with_name(f"{settings.home.name}-demo")
    import platformdirs

    return Path(platformdirs.user_data_dir("corpsync-demo", appauthor=False)).absolute()


def intervals() -> dict[str, int]:
    """Minutes between runs: something is always about to happen."""
    return {entry.type: entry.demo_minutes for entry in entries().values()}


def _settings(home: Path, environment: Mapping[str, str]) -> Settings:
    """The demo's settings: none of the director's variables count here."""
    settings = load_settings({"CORPSYNC_HOME": str(home), **environment})
    return replace(settings, intervals=intervals())


def _is_installed(*modules: str) -> bool:
    from importlib import import_module

    try:
        for module in modules:
            import_module(module)
    except ImportError:
        return False
    return True
