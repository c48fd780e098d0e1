"""Secrets in the keyring of the operating system."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError

from corpsync_tui.errors import KeyringError
from corpsync_tui.esi.secret import Entry, Secret
from corpsync_tui.text import one_line

SERVICE = "corpsync"
"""The service name of all entries; the user name is the character's id, or `webhook/<name>`."""
CHOSEN_BY = "PYTHON_KEYRING_BACKEND"
"""The variable that names a backend; what it names is used even if it is not safe."""
THREE_WAYS_OUT = (
    "this computer has no keyring: install one (gnome-keyring or KWallet on Linux), "
    f"or name another in {CHOSEN_BY}, or set CORPSYNC_KEYRING=file to keep the login in a "
    "file that only you can read"
)

T = TypeVar("T")


class KeyringVault:
    """The `keyring` package's backend, each of its failures one sentence."""

    def read(self, entry: Entry) -> Secret | None:
        """The token kept; None where there is none."""
        text = _explained(lambda: _backend().get_password(SERVICE, str(entry)))
        return Secret(text) if text else None

    def write(self, entry: Entry, token: Secret) -> None:
        """Keep a token in place of the one before."""
        _explained(lambda: _backend().set_password(SERVICE, str(entry), token.reveal()))

    def erase(self, entry: Entry) -> None:
        """Forget the token, if there is one."""
        _explained(lambda: _erase(str(entry)))

    def describe(self) -> str:
        """The backend in use, by its name."""
        kind = type(_explained(_backend))
        return f"the keyring {kind.__module__}.{kind.__qualname__}"


def _erase(name: str) -> None:
    backend = _backend()
    if backend.get_password(SERVICE, name) is None:
        return
    try:
        backend.delete_password(SERVICE, name)
    except PasswordDeleteError:
        if backend.get_password(SERVICE, name) is not None:
            raise


def _backend() -> KeyringBackend:
    """The backend in use; of a chain its first, which is the one that would be written to."""
    try:
        backend = keyring.get_keyring()
    except Exception:  # whatever an import may raise
        raise KeyringError(_unusable()) from None
    if isinstance(backend, ChainerBackend):
        backend = backend.backends[0]
    kind = type(backend)
    if kind.__module__.startswith("keyrings.alt.") and not os.environ.get(CHOSEN_BY):
        raise KeyringError(
            f"the keyring {kind.__module__}.{kind.__name__} is not safe and was not asked for: "
            f"{THREE_WAYS_OUT.partition(': ')[2]}"
        )
    return backend


def _unusable() -> str:
    """What to do where the backend that was chosen cannot be loaded."""
    name = os.environ.get(CHOSEN_BY)
    chosen = f"{CHOSEN_BY} names {one_line(name, 60)}, which" if name else "The chosen keyring"
    return (
        f"{chosen} cannot be used here: correct or unset it, or set CORPSYNC_KEYRING=file to keep "
        "the login in a file that only you can read"
    )


def _explained(call: Callable[[], T]) -> T:
    try:
        return call()
    except KeyringError:
        raise
    except NoKeyringError:
        raise KeyringError(THREE_WAYS_OUT) from None
    except (KeyringLocked, InitError):
        raise KeyringError("the keyring is locked: unlock it, then try again") from None
    except Exception as error:  # backends raise whatever their system does
        # Not chained, and without its words: they may repeat what was to be kept.
        raise KeyringError(f"the keyring failed ({type(error).__name__})") from None
