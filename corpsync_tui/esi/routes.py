"""Routes, cached copies, answers, and the request counters of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Route:
    """One route of ESI as CCP's OpenAPI document describes it."""

    path: str
    """The template, `/corporations/{corporation_id}/assets`."""
    cache_seconds: int = 0
    """`x-cache-age`: used only where an answer bears neither Expires nor max-age."""
    scope: str | None = None
    """None means public: such a route never gets an Authorization header."""
    roles: tuple[str, ...] = ()
    """In-game roles, any of which will do; Director always does."""
    group: str | None = None
    """The group of `x-rate-limit`; None means the error limit counts instead."""
    tokens: int = 0
    """The bucket's size by the document: a starting point, the headers are the truth."""
    window: int = 900
    """The bucket's sliding window in seconds."""
    paged: bool = False
    """Whether X-Pages says how many pages there are."""


@dataclass(frozen=True, slots=True)
class Validator:
    """What is known of the cached copy of one URL."""

    etag: str | None
    last_modified: str | None
    expires: float
    """Unix seconds; before that, nothing is asked."""
    pages: int = 1
    """X-Pages of the answer, 1 where it had none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """ESI's answer to one request, or the cached copy where it has not expired."""

    url: str
    """Path and query without the host: the key its validator is kept under."""
    status: int
    """200, or 304 for an unchanged or unexpired copy."""
    body: bytes
    """Unpacked; empty for a 304."""
    validator: Validator
    """To be stored in the transaction that stores the rows."""
    last_modified: str | None = None
    """The answer's own word; None where it had none, though the cached copy may bear one."""
    pages: int | None = None
    """The answer's own X-Pages; None where it had none, 0 where that was no sane number."""
    fresh: bool = False
    """Nothing was asked: the cached copy has not expired."""

    @property
    def unchanged(self) -> bool:
        """Whether the stored rows stay as they are."""
        return self.status == 304


def _silent(_: str) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class RequestStats:
    """Request counters of one run, and the callback that hears why it waits."""

    requests_sent: int = 0
    not_modified: int = 0
    on_wait: Callable[[str], None] = field(default=_silent)
    """Called with `retry 2 of 4 in 3 s` and the like; with an empty text when the wait is over."""
