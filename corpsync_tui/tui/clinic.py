"""What the ESI screen asks of the rest of the house: limits, requests, and who may read what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from corpsync_tui.sync.traffic import Wanted
    from corpsync_tui.tui.verbs import Told

Ability = Literal["serves", "could", "blocked"]
"""Of a character towards a process: it is the one that asks, it might be, it cannot."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What one character is to one process of its corporation."""

    process_id: str
    process_type: str
    ability: Ability
    lacks: str | None = None
    """What it lacks, as `needs` says it: `role:Accountant`, `scope:esi-…`, `login`."""
    parked: str | None = None
    """What the process waits for, where it is parked."""
    server: str = ""
    """Who serves it, where that is another character."""
    chosen: bool = False
    """Whether the director chose who serves it."""
    tokens: int = 0
    """Tokens that its next run needs."""


@dataclass(frozen=True, slots=True)
class Patient:
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
    missing_scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    missing_roles: tuple[str, ...] = ()
    roles_until: datetime | None = None
    """When ESI may be asked for the roles anew; None: they were never told."""
    duties: tuple[Duty, ...] = ()


@dataclass(frozen=True, slots=True)
class Gauge:
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
class ShownRequest:
    """A request to ESI, as it is shown."""

    when: datetime
    method: str
    url: str
    status: int | None
    cost: int
    group: str
    seconds: float


@dataclass(frozen=True, slots=True)
class EsiFacts:
    """How ESI stands towards us at this moment."""

    down_since: datetime | None = None
    status_asked: datetime | None = None
    """When the cluster's state was last asked."""
    players: int | None = None
    errors_left: int = 100
    errors_until: datetime | None = None
    """When the error limit counts anew; None while it counts nothing."""
    gauges: tuple[Gauge, ...] = ()
    requests: tuple[ShownRequest, ...] = ()
    sent: int = 0
    """Requests since corpsync started."""


@dataclass(frozen=True, slots=True)
class Today:
    """What the runs of this EVE day asked of ESI."""

    requests: int = 0
    not_modified: int = 0
    wanted: tuple[Wanted, ...] = ()
    """What the next runs want of the buckets."""


class ClinicVerbs(Protocol):
    """The ESI screen's questions and actions. Each may raise a `CorpsyncError`."""

    def esi(self, today: Today) -> EsiFacts:
        """How ESI stands; cheap, asked every second."""

    def patients(self, today: Today) -> Sequence[Patient]:
        """Every character, and every corporation without one; cheap, asked every second."""

    async def today(self) -> Today:
        """What today's runs asked, and what the next ones will."""

    async def check(self, corporation_id: int | None) -> Told:
        """Ask for roles anew where ESI allows it, and run the corporation's parked processes."""

    async def remove(self, character_id: int) -> Told:
        """Log a character out; its corporation's data stays."""

    async def choose(self, process_id: str, character_id: int | None) -> Told:
        """Let this character serve a process; None: whoever fits."""
