"""How the answers of a data set are asked for. A plan says it; the engine does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from corpsync_tui.store.columns import CorporationTable

Place = Mapping[str, int | str]
"""Values that fill a route's path or its query."""

DAY = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """One answer, or all pages that X-Pages tells of where the route is `paged`."""

    query: Place = field(default_factory=dict)

    @property
    def parameters(self) -> Place:
        """What every request's query bears."""
        return self.query


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """Newest first, back by `from_id` to a row that an earlier run has stored."""

    from_id: str
    """The column that bears the id."""

    @property
    def parameters(self) -> Place:
        """What every request's query bears."""
        return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """First all there is by `before`, later what changed by `after`, whose rows replace the old.

    The answer is `Wrapped`, with `{"cursor": {"before": …, "after": …}}` beside the list.
    """

    query: Place = field(default_factory=dict)
    limit: int = 100
    """Rows of an answer: as many as ESI gives."""

    @property
    def parameters(self) -> Place:
        """What every request's query bears."""
        return {**self.query, "limit": self.limit}


@dataclass(frozen=True, eq=False, slots=True)
class Budget:
    """Requests for details that one run may send; one object serves the plans that share it."""

    requests: int


@dataclass(frozen=True, slots=True)
class Pace:
    """So many requests at the most within so many seconds, whenever these begin."""

    requests: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ForEach:
    """Asks the route once for each row of another table of the process, or for each fixed part.

    Placeholders of the route's path and names in `query` get the columns of the same name, or
    those that `path` and `query` name; so do columns of the table that are `added`. Each is a
    unit, and fails alone. Where the plan has a `budget` they are details: one that ESI refuses
    with 403, 404 or 422 is asked again after a day; other units are asked at every run.
    """

    of: type[CorporationTable] | Sequence[Place] | Literal["characters"]
    """A table: those of its rows that ESI lists now, where a data set of the process is tracked.
    `characters`: all that are logged in and grant the scope, each asking for itself."""
    unit: str
    """What messages call one: `division`, `observer`."""
    each: Pages | Walk | Cursor = field(default_factory=Pages)
    path: Mapping[str, str] = field(default_factory=dict)
    """Columns by placeholder, where their names differ."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Columns by query parameter."""
    where: str = ""
    """A condition on the row `t`: only these have details."""
    due: str = ""
    """A condition on the row `t`: only these, and those never asked for, are asked now; the others
    keep what they have."""
    once: bool = False
    """Details never change: what was read is not asked for again. Its rows are committed in
    batches, so that a killed run keeps what it paid for."""
    batch: int = 50
    """Units committed together, where each is read once."""
    budget: Budget | None = None
    """The rest waits for the next run, which is then due at once."""
    pace: Pace | None = None
    """What one run may ask no faster than."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """A POST of ids that answers with a value each, for a column of a table that is `kept`.

    ESI refuses a whole batch for one id that it does not like, and does not say which: a refused
    batch is halved. The run's note says what could not be had, and never fails a run.
    """

    key: str
    """The column of the ids, and the name of each answer's id."""
    column: str
    """The column that is filled, and the name of each answer's value."""
    where: str
    """A condition on a row: only these are asked for."""
    size: int = 1_000
    """Ids of one request: ESI's limit."""
    every: float = DAY
    """Seconds after which all are asked again; before that, only those that are new."""
    refusals: int = 100
    """Refused batches after which the rest waits for the next run: each costs five tokens."""
    null: str = "None"
    """What ESI says where there is no value."""


Plan = Pages | Walk | Cursor | ForEach | Batch
