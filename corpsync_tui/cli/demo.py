"""`corpsync demo`: the app on a made-up corporation, apart from everything else."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from shutil import which

from corpsync_tui.catalog_index import entries
from corpsync_tui.cli import logs, output
from corpsync_tui.cli.demo_corporation import STATE, DemoError, simulator
from corpsync_tui.cli.screen import refuse_second, require_terminal, show
from corpsync_tui.settings import Settings, load_settings, private_folder

NEEDS_EXTRA = "the demo needs its extra: install corpsync again, with '.[demo]'"


def run(options: Namespace, settings: Settings) -> int:
    """Show the app on a corporation that a simulator makes up, until it is left."""
    if not _is_installed("starlette", "uvicorn"):
        raise DemoError(NEEDS_EXTRA)
    require_terminal(sys.stdin, sys.stdout)
    home = demo_home(os.environ, settings)
    apart = load_settings({"CORPSYNC_HOME": str(home)})
    logs.start(apart, verbose=options.verbose)
    refuse_second(apart)
    private_folder(home)
    output.tell("The demo starts…")
    with simulator(home) as corporation:
        demo = demo_settings(home, corporation.settings)
        asyncio.run(corporation.prepare(demo))
        code, _result = show(demo, demo=True)
    output.tell(f"The demo's data: {demo.database}")
    output.tell(f"Any command reads it: CORPSYNC_HOME={shlex.quote(str(home))} {_program()} status")
    return code


def _program() -> str:
    """What to type for `corpsync`: what a demo's guest has installed need not be on the path."""
    return "corpsync" if which("corpsync") else f"{shlex.quote(sys.executable)} -m corpsync_tui"


def demo_home(environ: Mapping[str, str], settings: Settings) -> Path:
    """The demo's own folder: beside the director's home, or in the place for such things."""
    if (settings.home / STATE).is_dir():
        return settings.home
    if environ.get("CORPSYNC_HOME"):
        return settings.home.with_name(f"{settings.home.name}-demo")
    import platformdirs

    return Path(platformdirs.user_data_dir("corpsync-demo", appauthor=False)).absolute()


def intervals() -> dict[str, int]:
    """Minutes between runs: something is always about to happen."""
    return {entry.type: entry.demo_minutes for entry in entries().values()}


def demo_settings(home: Path, values: Mapping[str, str]) -> Settings:
    """The demo's settings, from its own file: none of the director's variables count here.

    So any other command finds there what the demo runs with.
    """
    import tomlkit

    file = home / "config" / "settings.toml"
    private_folder(file.parent)
    text = tomlkit.dumps({**values, "intervals": intervals()})
    file.touch(0o600)
    file.write_text(f"# Written by corpsync demo at each start.\n{text}", "utf-8")
    return load_settings({"CORPSYNC_HOME": str(home)})


def _is_installed(*modules: str) -> bool:
    from importlib import import_module

    try:
        for module in modules:
            import_module(module)
    except ImportError:
        return False
    return True
