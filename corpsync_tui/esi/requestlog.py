"""The last requests to ESI, kept in memory for the ESI screen; they bear no secret."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

KEPT = 500
"""Requests that are remembered."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request, and what became of it."""

    when: float
    """Unix seconds at which it was sent."""
    method: str
    url: str
    """Path and query. Tokens travel in headers, so none is in it."""
    character_id: int | None
    """Whose token was used; None where the route is public."""
    group: str
    """The bucket that pays; empty where the error limit counts."""
    status: int | None
    """None where no usable answer came."""
    cost: int
    """Tokens taken from the bucket; under the error limit, the errors it counted as."""
    seconds: float


class RequestLog:
    """A ring of the last requests, newest first."""

    def __init__(self) -> None:
        self.entries: deque[SentRequest] = deque(maxlen=KEPT)
        self.sent = 0
        """How many were sent since the start."""

    def add(self, request: SentRequest) -> None:
        """Remember a request; the oldest goes."""
        self.entries.appendleft(request)
        self.sent += 1
