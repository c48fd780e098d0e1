"""Who an access token speaks for, and how that can be doubted."""

from __future__ import annotations

from dataclasses import dataclass

from corpsync_tui.errors import AuthError


@dataclass(frozen=True, slots=True)
class Identity:
    """A character, and what the user allowed corpsync to read with it."""

    character_id: int
    name: str
    owner: str
    """A hash that changes when the character is sold or transferred."""
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a genuine token says."""

    identity: Identity
    expires: float
    """Unix seconds by CCP's clock."""


class RefusedTokenError(AuthError):
    """An access token that is not what it should be; the message says in what."""


class UnknownKeyError(RefusedTokenError):
    """No key at hand fits: the keys may have been renewed at CCP."""
