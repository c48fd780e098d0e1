"""What a data set of the world is made of: its tables, and what life does to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from corpsync_tui.simulator.ask import Feed
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.routes import Route, route_of
from corpsync_tui.simulator.world import derive
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import Corporation, Unit, World

Make = Callable[[World, Corporation, Unit], Row]
Change = Callable[[World, Corporation, Row], Row]


@dataclass(frozen=True)
class Table:
    """One table by the database's name; how its rows come, change and go.

    What is left out follows from the route's schema: columns, a new row, a changed row.
    """

    name: str
    route: str
    """The path of the route that tells the rows."""
    kind: Literal["snapshot", "ledger", "log"]
    key: tuple[str, ...]
    """The identity of a row beside the unit; empty where the whole row or the only row is meant."""
    make: Make | None = None
    alter: Change | None = None
    count: Callable[[Scale], int] | None = None
    """How many rows a new corporation has, where its module has no `fill` of its own."""
    unit: str | None = None
    """The column that the units are told apart by, which is the last parameter of the path."""
    source: str | None = None
    """The table whose rows this one tells in its own way; they come and go there."""
    parent: str | None = None
    """The table whose rows have a unit of this one each."""
    born: Callable[[World, Corporation, Row], list[Row] | None] | None = None
    """The rows of a new parent's unit; None where it has none."""
    tell: Callable[[World, Corporation, Row], Row] | None = None
    """What is told of a row as it is held."""
    on_removal: Callable[[World, Corporation, Row], None] | None = None
    """What else happens when a row goes."""
    columns_instead: tuple[str, ...] = ()
    """The columns, where the route's record is not a row."""
    extra: tuple[str, ...] = ()
    """Columns that the route's record lacks."""
    state: Callable[[Row, float | None], str] | None = None
    """The column `state` of a row, told since this moment no more."""
    grows: bool = True
    """Whether rows come by themselves."""
    fixed: bool = False
    """Whether rows never change."""
    newest_first: bool = False
    forgets_last: bool = False
    """Whether the oldest rows stand at the end though new ones do not come first."""
    kept: int | None = None
    """Rows of a unit that a living ESI goes on to tell; the oldest go."""

    @cached_property
    def declared(self) -> Route:
        """The route's facts."""
        return route_of(self.route)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, those of the unit and the corporation left out."""
        if self.columns_instead:
            return self.columns_instead
        fields = (name for name in self.declared.fields if name != "corporation_id")
        return (*fields, *self.extra)

    @property
    def whole(self) -> bool:
        """Whether the table is one row that nothing tells apart."""
        return not self.key and self.declared.shape in ("object", "scalar")

    @property
    def can_grow(self) -> bool:
        """Whether a row can come by itself."""
        return self.grows and not self.whole and self.source is None

    @property
    def can_shrink(self) -> bool:
        """Whether a row can go."""
        return not self.whole and self.source is None

    @property
    def can_change(self) -> bool:
        """Whether a row can change."""
        return not self.fixed and (self.alter is not None or self.kind != "log")

    def new(self, world: World, corporation: Corporation, unit: Unit) -> Row:
        """A row that comes now."""
        if self.make is not None:
            return self.make(world, corporation, unit)
        return derive.row(world, corporation, self.declared, self.key)

    def changed(self, world: World, corporation: Corporation, row: Row) -> Row:
        """The row after a change."""
        if self.alter is not None:
            return self.alter(world, corporation, row)
        return derive.changed(world, row, self.declared, self.key)


@dataclass(frozen=True)
class Event:
    """Something that happens in a corporation now and then, the oftener the more it weighs."""

    happens: Callable[[World, Corporation], None]
    weight: int


@dataclass(frozen=True)
class DataSet:
    """What one file of this package declares: tables that belong together, and all about them."""

    tables: tuple[Table, ...]
    events: tuple[Event, ...] = ()
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    """How routes answer that tell something else than the rows of a table, by path."""
    fill: Callable[[World, Corporation, Scale], None] | None = None
    """Fills the tables that have no `count`."""
    order: int = 50
    """Data sets of a lower one are filled before."""


TABLES: dict[str, Table] = {}
"""All tables by name, as `tables` has found them."""
