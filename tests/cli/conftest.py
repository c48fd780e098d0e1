"""The command line as a process of its own, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.logins import Cli, Result, free_port
from tests.support.commands import run_command
from tests.support.simulator import Simulator, SimulatorConfig

Run = Callable[..., Result]
OF_PYTHON = ("PYTHON", "LC_", "LANG")
"""Variables that Python reads at its own start."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environment(tmp_path: Path, home: Path) -> dict[str, str]:
    """No variable of ours but the home, and no keyring."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CORPSYNC_", "XDG_"))}
    return kept | {
        "CORPSYNC_HOME": str(home),
        "HOME": str(tmp_path / "user"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


@pytest.fixture
def corpsync(environment: dict[str, str]) -> Run:
    """Run `corpsync` with arguments, and variables as keywords, until it ends."""

    def run(*arguments: str, input: str = "", **variables: str) -> Result:
        if not input and not any(name.startswith(OF_PYTHON) for name in variables):
            return run_command(arguments, environment | variables)
        return subprocess.run(
            [sys.executable, "-m", "corpsync_tui", *arguments],
            env=environment | variables,
            input=input,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def cli(environment: dict[str, str], home: Path) -> Iterator[Cli]:
    """A command line that a simulator answers."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    with Simulator(SimulatorConfig(redirect_uris=(callback,))) as sim:
        variables = {
            "CORPSYNC_ESI_URL": sim.url,
            "CORPSYNC_SSO_URL": sim.url,
            "CORPSYNC_CLIENT_ID": sim.config.client_id,
            "CORPSYNC_CALLBACK_URL": callback,
            "CORPSYNC_KEYRING": "file",
        }
        yield Cli(home, sim, environment | variables)
