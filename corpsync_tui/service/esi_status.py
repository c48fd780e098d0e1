"""How ESI stands towards us: limits, requests, and which character may read what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from corpsync_tui.esi.requestlog import SentRequest

Ability = Literal["serves", "could", "blocked"]
"""Of a character towards a process: it is the one that asks, it might be, it cannot."""


@dataclass(frozen=True, slots=True)
class ScopeUse:
    """A scope of ESI, and what it is good for."""

    scope: str
    good_for: str


@dataclass(frozen=True, slots=True)
class ProcessAccess:
    """What one character is to one process of its corporation."""

    process_id: str
    process_type: str
    ability: Ability
    lacks: str | None = None
    """What it lacks, as `needs` says it: `role:Accountant`, `scope:esi-…`, `login`."""
    parked: str | None = None
    """What the process waits for, where it is blocked."""
    server: str = ""
    """Who is used for it, where that is another character."""
    chosen: bool = False
    """Whether the director chose who is used for it."""
    tokens: int = 0
    """Tokens that its next run needs."""


@dataclass(frozen=True, slots=True)
class CharacterStatus:
    """A character that logged in, and how its login stands; or a corporation that has none."""

    character_id: int | None
    """None: nobody of this corporation is logged in."""
    name: str
    corporation_id: int | None
    corporation: str
    needs: str | None = None
    why: str | None = None
    """Why the login ended."""
    left: str | None = None
    """The corporation that it left since its login."""
    logged_in: datetime | None = None
    refreshed: datetime | None = None
    """When the refresh token was last used."""
    access_until: datetime | None = None
    unsaved: bool = False
    scopes: tuple[str, ...] = ()
    missing_scopes: tuple[ScopeUse, ...] = ()
    """Those that a further login would bring: nobody of its corporation grants them."""
    roles: tuple[str, ...] = ()
    missing_roles: tuple[str, ...] = ()
    roles_until: datetime | None = None
    """When ESI may be asked for the roles again; None: they are not known yet."""
    processes: tuple[ProcessAccess, ...] = ()


@dataclass(frozen=True, slots=True)
class BucketUsage:
    """One of ESI's token buckets, and what the next runs want of it."""

    group: str
    whose: str
    """The character whose bucket it is; empty where all requests without a token share it."""
    remaining: int
    limit: int
    window: int
    """Seconds in which what was spent comes back."""
    stopped_until: datetime | None = None
    uses: tuple[tuple[str, int], ...] = ()
    """Process type and tokens that its next run needs of this bucket."""


@dataclass(frozen=True, slots=True)
class ReferenceStatus:
    """What there is of CCP's static data and of market prices."""

    updated: datetime | None = None
    """When the static data were read; None: there are none."""
    build: int | None = None
    released: datetime | None = None
    prices_time: datetime | None = None
    """Since when the prices are as they are; None: there are none."""
    step: str = ""
    """What is being done, while they are read."""
    progress: float | None = None
    """Percent of that; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class EsiStatus:
    """ESI and the characters at one moment."""

    down_since: datetime | None = None
    status_asked: datetime | None = None
    """When the cluster's state was last asked."""
    players: int | None = None
    errors_left: int = 100
    errors_until: datetime | None = None
    """When the error limit resets; None while it counts nothing."""
    buckets: tuple[BucketUsage, ...] = ()
    requests: tuple[SentRequest, ...] = ()
    """The last ones, newest first."""
    sent: int = 0
    """Requests since corpsync started."""
    requests_today: int = 0
    """Requests of the runs of this EVE day."""
    unchanged_today: int = 0
    """How many of them ESI answered with 304."""
    characters: tuple[CharacterStatus, ...] = ()
    """Every character, then every corporation that has none."""
    reference: ReferenceStatus = ReferenceStatus()
