"""A keyring in one file, which writes down each token whose write has returned."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend

FOLDER = "TEST_KEYRING_FOLDER"
SLOWNESS = 0.004
"""Seconds that writing takes on each side of the moment at which it is done."""


class JournalKeyring(KeyringBackend):
    """Named by `PYTHON_KEYRING_BACKEND`; its folder by `TEST_KEYRING_FOLDER`."""

    priority = 1.0

    @property
    def _folder(self) -> Path:
        return Path(os.environ[FOLDER])

    def get_password(self, service: str, username: str) -> str | None:
        return passwords(self._folder).get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(SLOWNESS)
        self._replace(passwords(self._folder) | {f"{service} {username}": password})
        time.sleep(SLOWNESS)
        with (self._folder / "returned").open("a") as journal:
            journal.write(f"{password}\n")

    def delete_password(self, service: str, username: str) -> None:
        kept = passwords(self._folder)
        del kept[f"{service} {username}"]
        self._replace(kept)

    def _replace(self, kept: dict[str, str]) -> None:
        beside = self._folder / f"{os.getpid()}.new"
        beside.write_text(json.dumps(kept))
        beside.replace(self._folder / "passwords")


def passwords(folder: Path) -> dict[str, str]:
    """What lies in the keyring of a folder."""
    file = folder / "passwords"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def returned(folder: Path) -> list[str]:
    """The tokens whose write has returned, in that order."""
    file = folder / "returned"
    return file.read_text().split() if file.exists() else []
