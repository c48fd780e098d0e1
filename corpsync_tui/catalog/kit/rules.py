"""What needs attention: a rule looks at rows and changes, and says it in one sentence."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from corpsync_tui.errors import DeclarationError
from corpsync_tui.queries.alerts import Action, Level, Opens
from corpsync_tui.queries.changes import Change, ChangeFilter, Rows, every_change
from corpsync_tui.store.naming import Naming
from corpsync_tui.store.schema import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Alert:
    """One fact that needs attention."""

    dedupe_key: str
    """Tells it apart from all others, also of other days; unique within its rule."""
    sentence: str
    """Bears text from outside: it must pass the border to a terminal."""
    level: Level = "medium"
    since: float | None = None
    """When it came about, in Unix seconds, if that is known."""
    action: Action = "open"
    process_type: str | None = None
    """The process it is about; None for the rule's own."""
    table_name: str | None = None
    row_key: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class RuleContext:
    """What a rule looks at: one corporation, on one state of the database."""

    db: sqlite3.Connection
    corporation_id: int
    now: float
    """Unix seconds."""
    threshold: int = 0
    recent: float = 0.0
    """Unix seconds since which something that happened is still worth attention."""
    floors: Mapping[int, int] = field(default_factory=dict)
    """The least ISK per wallet division."""
    awake_since: float | None = None
    """Since when the schedule runs, in Unix seconds; None where nobody says."""
    process_id: str | None = None
    """The process whose rule it is; None for rules of the syncing itself."""
    boards: Mapping[str, Any] = field(default_factory=dict)
    """The tables of settings.toml that boards read."""
    memory: dict[Callable[..., Any], Any] = field(default_factory=dict)
    """What `once` has read for the rules before it."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """Those whose changes are logged, by name."""

    def once(self, read: Callable[[RuleContext], T]) -> T:
        """What several rules look at alike, read once in an evaluation."""
        if read not in self.memory:
            self.memory[read] = read(self)
        found: T = self.memory[read]
        return found

    @cached_property
    def names(self) -> Naming:
        """Names for the sentence."""
        return Naming(self.db)

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the database; `:corporation` is bound already."""
        return self.db.execute(sql, {"corporation": self.corporation_id, **parameters}).fetchall()

    def first_load(self, table_name: str) -> float | None:
        """When a table's first load ended, in Unix seconds; None before, and where none is known.

        A first load that is under way ends in the future: what it brings is no news.
        """
        for (time,) in self.rows(
            "SELECT time FROM change_start WHERE corporation_id = :corporation "
            "AND table_name = :table",
            table=table_name,
        ):
            return float(time)
        began = "SELECT 1 FROM sync_history WHERE process_id = :process LIMIT 1"
        return math.inf if self.rows(began, process=self.process_id) else None

    def news_since(self, table_name: str) -> float:
        """Unix seconds since which what happened is news: of late, and after the first load."""
        return max(self.recent, self.first_load(table_name) or 0.0)

    def changes(self, table_name: str) -> Iterable[Change]:
        """What happened to a table's rows of late, newest first."""
        which = ChangeFilter((table_name,), corporation_id=self.corporation_id, since=self.recent)
        return map(Rows(self.db, self.tables).whole, every_change(self.db, which))

    def esi(self, seconds: float) -> str:
        """A moment as ESI writes it, to compare with; later than any where it is infinite."""
        if math.isinf(seconds):
            return "9999-12-31T23:59:59Z"
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, by the key of `[attention]` that switches it off or sets its threshold.

    `says` is the key's comment in settings.toml; a number as `default` is its threshold. It is
    evaluated when a run changed rows of its process, and each hour; if it is `timed`, what it
    finds comes about by time alone, and it is evaluated each minute.

    Raises:
        DeclarationError: The key could not be set.
    """

    name: str
    find: Callable[[RuleContext], Iterable[Alert]]
    _: KW_ONLY
    says: str
    default: bool | int = True
    opens: Opens = "row"
    timed: bool = False
    many: str = ""
    """What several of its alerts are called behind their number: `jobs ready at {places}`, where
    `places` are what their sentences begin with."""

    def __post_init__(self) -> None:
        if not (self.name.isidentifier() and self.says.strip() and self.says.isprintable()):
            raise DeclarationError(f"the rule {self.name!r} needs a name and one line in says")
        if self.default is False or self.default < 0:
            raise DeclarationError(f"the rule {self.name} would never find anything by default")
