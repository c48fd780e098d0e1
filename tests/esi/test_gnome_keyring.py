"""A real gnome-keyring on a bus of its own; Debian packages `gnome-keyring` and `dbus`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

PROGRAM = """
import asyncio, sys
from corpsync_tui.errors import KeyringError
from corpsync_tui.esi.keyring_vault import KeyringVault
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.vault import AsyncVault

async def main():
    keeper = AsyncVault(KeyringVault(), deadline=3)
    try:
        await keeper.write(7, Secret("a-refresh-token"))
        print("kept", (await keeper.read(7)).reveal())
        await keeper.erase(7)
        print("erased", await keeper.read(7))
    except KeyringError as error:
        print("error:", error.message)

asyncio.run(main())
"""
UNLOCKED = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "
LOCKED = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1; "
WAIT = (
    "for i in $(seq 100); do dbus-send --session --print-reply --dest=org.freedesktop.DBus / "
    "org.freedesktop.DBus.GetNameOwner string:org.freedesktop.secrets >/dev/null 2>&1 && break; "
    "sleep 0.05; done; "
)
STOP = (
    "pid=$(dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / "
    "org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | "
    "grep -o '[0-9]*$'); kill -STOP $pid; trap 'kill -KILL $pid' EXIT; "
)


def run(folder: Path, before: str) -> str:
    """What the program prints on a session bus of its own, after these commands."""
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
    }
    command = f'{before}"$0" -c "$1"'
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", command, sys.executable, PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


def test_an_unlocked_keyring_keeps_and_erases(tmp_path: Path) -> None:
    assert run(tmp_path, UNLOCKED + WAIT).split("\n")[:2] == ["kept a-refresh-token", "erased None"]


def test_a_locked_keyring_is_one_sentence(tmp_path: Path) -> None:
    run(tmp_path, UNLOCKED + WAIT)  # makes the login keyring
    said = run(tmp_path, LOCKED + WAIT)
    assert said.startswith(("error: the keyring is locked", "error: the keyring does not answer"))


def test_no_daemon_is_one_sentence(tmp_path: Path) -> None:
    assert run(tmp_path, "").startswith("error: ")


def test_a_daemon_that_stands_still_is_one_sentence(tmp_path: Path) -> None:
    said = run(tmp_path, UNLOCKED + WAIT + STOP)
    assert said.startswith("error: the keyring does not answer")
