"""What a board is. One file in `boards/` declares each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from corpsync_tui.boards.kit.marks import Claim
from corpsync_tui.catalog.kit.rules import Rule, RuleContext

Row = dict[str, Any]
"""One row by column name: ISK as numbers, moments as Unix seconds, None where unknown."""

Tone = Literal["high", "medium", "low"]
"""How urgent a row is, as alerts are."""


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A column as the screen shows it.

    `kind` says what a value means, in the words of the tables' columns: `text`, `isk`, `count`,
    `number`, `flag`, `word`, `list`, `when` and `day` (Unix seconds), `hours`, `days`, `span` (days
    in their largest unit), `percent`, `bar` (percent, drawn), or a kind of id (`character`,
    `type`, …), whose name is shown; `wallet` is a wallet division.
    """

    name: str
    kind: str = "text"
    title: str = ""
    """The heading; the name in plain words where it is empty."""
    wide: bool = False
    """Shown from 140 columns on only; export and JSON always bear it."""
    rank: int = 0
    """Of the wide ones, those of a lower number get room first."""
    hidden: bool = False
    """In export and JSON alone, such as the id of a name that is shown."""
    summed: bool = False
    """Whether a sum of it means anything."""
    estimated_by: str = ""
    """The value of the row that says whether this one is an estimate."""


@dataclass(frozen=True, slots=True)
class BoardContext:
    """What a board reads from: one corporation, on one state of the database.

    Tables are named without a schema, so that a moment in the past can stand in their place.
    Static data is `ref.<table>`, empty where there is none.
    """

    db: sqlite3.Connection
    corporation_id: int
    """0 where no corporation has logged in yet: every table is then read as empty."""
    now: float
    """Unix seconds."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The tables of settings.toml that boards read: `moons`, `fuel`, `prices`, `stock`."""
    is_past: bool = False
    """Whether the tables stand as they were at `now`, not as they are."""

    @classmethod
    def of(cls, rule: RuleContext) -> BoardContext:
        """What a rule looks at, as the board reads it."""
        return cls(rule.db, rule.corporation_id, rule.now, rule.boards)

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """Rows by column name; `:c` (corporation) and `:now` (ESI's form) are bound already."""
        return list(self.each(sql, **parameters))

    def each(self, sql: str, **parameters: Any) -> Iterator[Row]:
        """The same one by one, for what is as long as a table."""
        bound = {"c": self.corporation_id, "now": esi_time(self.now), **parameters}
        cursor = self.db.execute(sql, bound)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def one(self, sql: str, **parameters: Any) -> Row:
        """The first row; empty where there is none."""
        return next(iter(self.rows(sql, **parameters)), {})


@dataclass(frozen=True, slots=True)
class BoardAnswer:
    """What a board read: its rows, and the summary of all of them."""

    rows: Sequence[Row]
    summary: Mapping[str, Any] = field(default_factory=dict)


Read = Callable[[BoardContext], BoardAnswer]
Opens = Callable[[Row], tuple[str, Mapping[str, Any]] | None]
"""Table and identity, without the corporation, of what a row stands for."""


@dataclass(frozen=True, slots=True)
class BoardChart:
    """Figures over time beside a board's rows."""

    title: str
    kind: Literal["isk", "count"]
    steps: Sequence[tuple[str, float | None]]
    """When, and how much, oldest first; None where nothing is known, or for a gap."""
    level: bool = False
    """Whether it is a level, such as a balance, and no amount of each step."""


Charts = Callable[[BoardContext, BoardAnswer], Sequence[BoardChart]]
LayOut = Callable[[BoardContext, BoardAnswer], tuple[Sequence[BoardColumn], Sequence[Row]]]
Details = Callable[[BoardContext, BoardAnswer, Sequence[Row]], Sequence[Sequence[str]]]
"""The lines about each of the rows shown: what a pane says of the one under the cursor."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another set of rows of the same board, behind an option of `corpsync board`.

    `--miners` is `Variant("miners", …)`; `--by place` is `Variant("place", …, option="by")`.
    """

    name: str
    help: str
    columns: Sequence[BoardColumn]
    read: Read
    option: str = ""
    """The option whose value the name is; empty where the name is itself the option."""
    lines: Callable[[Sequence[Row]], Sequence[str]] | None = None
    """How the rows are printed where they are no table, such as multibuy."""
    opens: Opens = lambda _row: None
    """As `Board.opens`."""
    lay_out: LayOut | None = None
    """As `Board.lay_out`."""
    key: str = ""
    """The key of the Boards screen that shows these rows, and the board's own again."""
    claims: Callable[[Row], Sequence[Claim]] | None = None
    """The losses behind a row that can be marked as paid, where these rows are of losses."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """One question of the director, and what answers it."""

    name: str
    title: str
    question: str
    order: int
    tables: Sequence[str]
    """The data tables it reads: their oldest copy is what it is as of, and `--at` shows their
    past."""
    aged_by: Sequence[str] = ()
    """Those of `tables` whose copies tell whether it is stale, where others are asked for only as
    these tell that something moved; none: all."""
    columns: Sequence[BoardColumn]
    read: Read
    describe: Callable[[Mapping[str, Any]], str] = lambda _summary: ""
    """The summary as the line above the table."""
    details: Details = lambda _context, _answer, rows: [()] * len(rows)
    lay_out: LayOut | None = None
    """How the screen shows the rows where that is not as they are, such as months side by side."""
    copied: Callable[[Sequence[Row]], Sequence[str]] | None = None
    """What `y` copies in place of the rows, such as a haul list as multibuy."""
    tone: Callable[[Row], Tone | None] = lambda row: row.get("attention")
    opens: Opens = lambda _row: None
    """The row of a table that a row stands for; None where it stands for none, or for many."""
    charts: Charts = lambda _context, _answer: ()
    """What of it one would rather look at."""
    view: str | None = None
    """The SELECT of the SQL view `board_<name>`: what SQL alone can say of each row.

    Rows of all corporations, `corporation_id` first; `:now`, `temp.price` and `ref.` are put in as
    `kit.views` says, so that the board may read with the same SQL.
    """
    variants: Sequence[Variant] = ()
    rules: Sequence[Rule] = ()
    """What in its rows needs attention; they are evaluated with the process that fills the first
    of `tables`."""

    @cached_property
    def by_variant(self) -> Mapping[str, Variant]:
        """The variants by name."""
        return {variant.name: variant for variant in self.variants}


def row_of(table: str, **identity: str) -> Opens:
    """What opens a row of a table, whose identity stands in these columns of the board's row."""
    return lambda row: (table, {name: row[column] for name, column in identity.items()})


def esi_time(seconds: float) -> str:
    """A moment as ESI writes it."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def unix(sql: str) -> str:
    """The SQL for one of ESI's date-times as Unix seconds; NULL stays NULL."""
    return f"CAST(strftime('%s', {sql}) AS INTEGER)"
