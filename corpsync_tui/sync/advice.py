"""From an exception to its kind, one sentence, and what helps.

Found from types alone, never from words in a message.
"""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass

from corpsync_tui.errors import (
    NO_ROOM,
    AuthError,
    CorpsyncError,
    DowntimeError,
    ErrorKind,
    GoneError,
    HeldError,
    KeyringError,
    SettingsError,
    SnapshotRenewedError,
    cause_of,
)
from corpsync_tui.text import LONGEST_LINE, one_line

NEXT_RUN = "The next run tries again by itself; press s to try now."

WHEN_BACK = "Nothing to do: corpsync goes on by itself when ESI is back."

REMEDIES: dict[ErrorKind, str] = {
    "auth": f"{NEXT_RUN} If it stays, run corpsync login.",
    "limit": "Nothing to do: the next run tries again when ESI allows it.",
    "network": f"Look at the network of this computer. {NEXT_RUN}",
    "esi": f"ESI is at fault, the rows in hand are kept. {NEXT_RUN}",
    "validation": "ESI answered in a form that corpsync does not know; the rows in hand are kept."
    " If it stays, look for a newer corpsync.",
    "database": "Remove the cause, then press s. The command corpsync doctor looks at the file.",
    "internal": f"{NEXT_RUN} If it stays, report it with the log; corpsync paths says where it is.",
}
"""What helps against each kind, where nothing better is known."""

_SPECIAL: tuple[tuple[type[CorpsyncError], str], ...] = (
    (DowntimeError, WHEN_BACK),
    (GoneError, f"What was asked for is gone at ESI; the rows in hand are kept. {NEXT_RUN}"),
    (SnapshotRenewedError, f"ESI renewed the data while it was read. {NEXT_RUN}"),
    (KeyringError, "Unlock or install the keyring of this computer, then press r."),
    (SettingsError, "Correct the setting, then start corpsync again."),
    (HeldError, "Close the other corpsync, or use that one."),
)

_OF_THE_NETWORK = (ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)
_DRIVERS = {"sqlite3", "peewee"}
"""Modules whose errors are the database's; they are known by name, for only `store` uses them."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a failure is, in the director's words."""

    kind: ErrorKind
    sentence: str
    """One printable line of at most 300 characters, whatever ESI has put into it."""
    remedy: str
    """What to do, with the key or command that does it."""


def advise(error: BaseException) -> Advice:
    """What to tell of an exception. Not for `CancelledError`: a cancelled run is no failure."""
    error = _telling(error)
    if isinstance(error, CorpsyncError):
        needs = needs_of(error)
        return Advice(error.kind, _naming(error.message, needs), _remedy(error, needs))
    if _is_of_driver(error):
        return _general("database", f"The database could not be used: {error}.")
    if isinstance(error, _OF_THE_NETWORK):
        return _general("network", f"The connection failed: {cause_of(error)}.")
    if isinstance(error, OSError):
        return _general("database", _disk_sentence(error))
    name = type(error).__name__
    return _general("internal", f"corpsync made a mistake ({name}); its log has the details.")


def remedy_for(kind: ErrorKind, needs: str | None = None) -> str:
    """What helps against a failure of which only kind and need are still known."""
    what, _, name = (needs or "").partition(":")
    if what == "login":
        return "Run corpsync login, or press l."
    if what == "role":
        return f"Have the role {name} granted in the game, then press s; or log in (l) with it."
    if what == "scope":
        return f"Run corpsync login, or press l, and grant {name}."
    return REMEDIES[kind]


def needs_of(error: BaseException) -> str | None:
    """What only the director can give: `login`, `role:<Role>`, `scope:<scope>`, or None."""
    error = _telling(error)
    return error.needs if isinstance(error, AuthError) else None


def need_in_words(needs: str) -> str:
    """`role:Accountant` as `Needs role Accountant`."""
    what, _, name = needs.partition(":")
    return f"Needs {what} {name}" if name else f"Needs a {what}"


def _telling(error: BaseException) -> BaseException:
    """Of a group, the error that needs the director, else the first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    errors = [_telling(each) for each in error.exceptions]
    return next((e for e in errors if isinstance(e, AuthError) and e.needs), errors[0])


def _naming(message: str, needs: str | None) -> str:
    """The message, made to contain what the director has to give."""
    line = one_line(message)
    if needs is None:
        return line
    what, _, name = needs.partition(":")
    wanted = "corpsync login" if what == "login" else name
    if wanted in line:
        return line
    ending = ": run corpsync login." if what == "login" else f": {what} {name}."
    return one_line(message.rstrip("."), LONGEST_LINE - len(ending)) + ending


def _remedy(error: CorpsyncError, needs: str | None) -> str:
    if needs is not None:
        return remedy_for(error.kind, needs)
    for kind_of_error, remedy in _SPECIAL:
        if isinstance(error, kind_of_error):
            return remedy
    return REMEDIES[error.kind]


def _general(kind: ErrorKind, sentence: str) -> Advice:
    return Advice(kind, one_line(sentence), REMEDIES[kind])


def _is_of_driver(error: BaseException) -> bool:
    return any(base.__module__.partition(".")[0] in _DRIVERS for base in type(error).__mro__)


def _disk_sentence(error: OSError) -> str:
    place = f" at {error.filename}" if error.filename else ""
    if error.errno in NO_ROOM:
        return f"The disk is full{place}; nothing was changed. Free some space."
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return f"corpsync may not write{place}."
    return f"The disk failed{place}: {cause_of(error)}."
