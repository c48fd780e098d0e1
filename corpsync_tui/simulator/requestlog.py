"""What was asked and answered, for the tests that judge a client by it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Entry:
    """One request; `as_json` is what GET /_sim/log tells of it."""

    time: float
    method: str
    path: str
    query: dict[str, str]
    user_agent: str | None
    compatibility_date: str | None
    if_none_match: str | None
    accept_encoding: str | None
    authorization: bool
    range: str | None
    open: int
    """Requests in the air when this one came, itself included."""
    route: str | None = None
    page: int | None = None
    character_id: int | None = None
    ids: int | None = None
    """How many ids a POST brought."""
    early: bool = False
    """The client held an answer to this that had not expired."""
    status: int | None = None
    """None while, or because, no whole answer was sent."""
    group: str | None = None
    tokens: int = 0
    bytes: int = 0
    fault: str | None = None
    duration: float | None = None

    def as_json(self) -> dict[str, Any]:
        """All fields by name."""
        return dict(vars(self))


@dataclass
class RequestLog:
    """The requests since the start or the last clearing, oldest first."""

    entries: list[Entry] = field(default_factory=list)
    open: int = 0

    def clear(self) -> None:
        """Forget the requests that ended; those in the air end unseen."""
        self.entries = []
