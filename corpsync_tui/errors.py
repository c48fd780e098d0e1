"""Typed errors: what went wrong, in which of the seven kinds, and what it needs.

A message is one plain sentence for the director, without names of tokens or secrets.
Kinds are found from these types, never from words in a message.
"""

from __future__ import annotations

import errno
from typing import ClassVar, Literal, Self

ErrorKind = Literal["auth", "limit", "network", "esi", "validation", "database", "internal"]

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
"""What the system says of a full disk."""


class CorpsyncError(Exception):
    """Any failure that corpsync can explain."""

    kind: ClassVar[ErrorKind] = "internal"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def with_message(self, message: str) -> Self:
        """An error that says `message`: type, status and needs stay as they are.

        It is a copy, for others may be given the very same error.
        """
        copy = type(self).__new__(type(self))
        vars(copy).update(vars(self), message=message)
        copy.args = (message,)
        return copy.with_traceback(self.__traceback__)


class AuthError(CorpsyncError):
    """A login, scope or role is missing or no longer accepted.

    `needs` is what only the director can give: `login`, `role:<Role>`, `scope:<scope>`,
    or None where the next run may succeed by itself.
    """

    kind = "auth"

    def __init__(
        self,
        message: str,
        *,
        needs: str | None = None,
        status: int | None = None,
        character_id: int | None = None,
    ) -> None:
        super().__init__(message)
        self.needs = needs
        self.status = status
        """ESI's answer, where it was ESI that refused."""
        self.character_id = character_id
        """Whose login has ended, where one has."""


class LimitError(CorpsyncError):
    """A rate or error limit is still in force after three waits."""

    kind = "limit"


class NetworkError(CorpsyncError):
    """No usable answer: refused, reset, timed out, or cut short."""

    kind = "network"


class EsiError(CorpsyncError):
    """ESI or SSO answered, but not with what was asked for.

    `status` is the HTTP status, None where the body was at fault.
    """

    kind = "esi"

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class GoneError(EsiError):
    """400, 404 or 422: the thing asked for is gone, or was never there. Not retried."""


class DowntimeError(EsiError):
    """The cluster is down (daily restart at 11:00 UTC, or an outage)."""


class SnapshotRenewedError(EsiError):
    """The data set was renewed while its pages were read; they must not be mixed."""


class ValidationError(CorpsyncError):
    """What the wire said does not fit ESI's document."""

    kind = "validation"


class DatabaseError(CorpsyncError):
    """The database file could not be read or written."""

    kind = "database"


class ClosedError(DatabaseError):
    """corpsync has closed the database: it ends."""


class OtherVersionError(DatabaseError):
    """The database file is of another version of corpsync."""


class KeyringError(CorpsyncError):
    """The OS keyring is missing, locked, unsafe, or does not answer."""

    kind = "auth"


class SettingsError(CorpsyncError):
    """A setting is unknown or wrong; the message names file, key and what would be right."""


class HeldError(CorpsyncError):
    """Another corpsync holds the data folder."""


class HolderGoneError(CorpsyncError):
    """The corpsync that held the data folder ended before it answered."""


class DeclarationError(CorpsyncError):
    """A process, table, column or rule is declared so that it cannot work."""


def cause_of(error: Exception) -> str:
    """What the system says of an error; its type's name where it says nothing."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
