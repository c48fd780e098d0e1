"""The kinds of column. A table is declared once, as a peewee model made of these.

From the declaration follow the decoder that checks the wire, the merge statements, the
named view, the browse pane and the export. A kind says what a value means (`isk`, `type`,
`character`), never how it looks: widths, colours and formats belong to the front ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from peewee import BigIntegerField, CompositeKey, Field, FloatField, Model, ModelBase, TextField

from corpsync_tui.store.presentation import Presentation

CORPORATION_KEY = "corporation_id"

UNIVERSE_KINDS = frozenset(
    {
        "alliance",
        "character",
        "constellation",
        "corporation",
        "faction",
        "party",
        "region",
        "station",
        "system",
        "type",
    }
)
"""Kinds of identifier whose names `/universe/names` knows; a party is anybody with a wallet."""
PLACE_KINDS = frozenset({"location", "structure"})
"""Kinds that hold stations, systems, structures and the corporation's own boxes."""
CELESTIAL_KINDS = frozenset({"moon", "planet"})
"""Kinds with a route each at ESI; the static data know nearly all of their names."""
NAMED_KINDS = UNIVERSE_KINDS | PLACE_KINDS | CELESTIAL_KINDS
"""Kinds of identifier that `eve_name` may have a name for."""
NAMELESS_KINDS = frozenset({"activity", "context", "division", "hash", "id", "item", "war"})
"""Kinds that have no name there: what they mean is shown in other ways, or not at all."""


class Column(Field):
    """What every column says beside its SQL type.

    `null` where ESI's document calls the field optional; `added` where ESI's record does not
    bear it and corpsync adds it; `identity` where it is part of what tells rows apart within
    one corporation; `kept` where the value is filled in later and a merge must leave it alone;
    `moving` where the value moves all the time, so that its change alone is no news.
    """

    kind: str

    def __init__(
        self,
        kind: str | None = None,
        *,
        null: bool = False,
        added: bool = False,
        identity: bool = False,
        kept: bool = False,
        moving: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(null=null, **options)
        if kind is not None:
            self.kind = kind
        self.added = added
        self.identity = identity
        self.kept = kept
        self.moving = moving


class Id(Column, BigIntegerField):
    """An identifier: of a `character`, a `type`, a `location`; `id` where none has a name.

    Its kind is one of `NAMED_KINDS` or `NAMELESS_KINDS`, or that of some table's own rows.
    """

    kind = "id"


class Count(Column, BigIntegerField):
    """A whole number that can be added up."""

    kind = "count"


class Number(Column, FloatField):
    """A ratio or measure: REAL."""

    kind = "number"


class Isk(Column, FloatField):
    """An amount of ISK, with cents: REAL."""

    kind = "isk"


class Flag(Column, BigIntegerField):
    """True or false, kept as 1 or 0; of a `side`, whether it is that of a buyer."""

    kind = "flag"


class Text(Column, TextField):
    """Free text, verbatim."""

    kind = "text"


class Word(Column, TextField):
    """One of a set of words that CCP may extend any day; kept as it is."""

    kind = "word"


class When(Column, TextField):
    """A date-time, exactly as ESI sent it."""

    kind = "when"


class Day(Column, TextField):
    """A date without a time, exactly as ESI sent it."""

    kind = "day"


class Json(Column, TextField):
    """A nested value, kept as JSON text. `shape` is the type it must fit, as msgspec reads it."""

    kind = "json"

    def __init__(self, shape: Any, *, null: bool = False, added: bool = False) -> None:
        super().__init__(null=null, added=added)
        self.shape = shape


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that no row holds and the named view adds: an expression over the row `t`."""

    name: str
    kind: str
    sql: str
    of: tuple[str, ...] = ()
    """The columns that it follows from, where many rows are alike in them: it is then worked
    out once for each combination when all rows are sorted or filtered by it."""


class PartialIndex(NamedTuple):
    """An index of those rows alone for which `where` holds: cheap where they are few.

    SQLite uses it only for a statement that bears one of the terms of `where` to the letter.
    """

    columns: tuple[str, ...]
    where: str


class TableBase(ModelBase):
    """Derives a data table's name and primary key from its declaration."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwds: Any) -> Any:
        """Read the identity columns off the class body."""
        declared = [n for n, f in attrs.items() if isinstance(f, Column) and f.identity]
        identity = attrs.get("identity_order") or tuple(declared)
        if any(isinstance(base, TableBase) for base in bases):
            attrs["identity"] = identity
            attrs["Meta"] = type(
                "Meta",
                (),
                {
                    "table_name": re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(),
                    "primary_key": CompositeKey(CORPORATION_KEY, *identity),
                    "without_rowid": True,
                },
            )
        create: Any = super().__new__  # peewee's metaclass bears no types
        return create(mcs, name, bases, attrs, **kwds)


class CorporationTable(Model, metaclass=TableBase):
    """A data table: one corporation's rows.

    Its primary key is the corporation and the row's own `identity`, and is the table: there is
    no hidden rowid. `class WalletBalance` becomes the table `wallet_balance`. `identity_order`
    gives the key another order than that of the columns. A table without an identity holds one
    row a corporation, as a route that answers with one object needs it.
    """

    identity: ClassVar[tuple[str, ...]] = ()
    derived: ClassVar[tuple[Derived, ...]] = ()
    """What the named view tells beside the columns and the names of their ids."""
    presentation: ClassVar[Presentation] = Presentation()
    indexes: ClassVar[tuple[tuple[str, ...] | PartialIndex, ...]] = ()
    """Columns, behind the corporation, that rules and boards look rows up by."""

    corporation_id = Id("corporation", added=True)
