"""Names for ids, one at a time, for sentences about rows. Runs on a database thread."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from typing import Any

OFFICE = 27
"""The type id of a corporation's office."""
UNKNOWN_STRUCTURE = "Unknown structure"
"""What a structure is called at which nobody who is logged in may dock; its id follows."""
PARTIES = (
    (500_000, 600_000, "Faction"),
    (1_000_000, 2_000_000, "Corporation"),
    (98_000_000, 99_000_000, "Corporation"),
    (99_000_000, 100_000_000, "Alliance"),
)
"""First id, and the one after the last, of those that are surely no character's: https://docs.esi.evetech.net/docs/id_ranges.html."""
BOXES = 3
"""Containers within containers that a place names."""


@dataclass(slots=True)
class Naming:
    """Looks names up, and remembers them as long as it lives."""

    db: sqlite3.Connection
    _held: dict[Any, str | None] = field(default_factory=dict)

    def known(self, id: int | None) -> str | None:
        """The name of anything in New Eden, if there is one."""
        return self._one("SELECT name FROM eve_name WHERE id = ?", id)

    def of(self, id: int | None, otherwise: str = "") -> str:
        """The name, or a word and the id: `Type 34`."""
        if id is None:
            return otherwise or "nobody"
        return self.known(id) or f"{otherwise} {id}".strip()

    def who(self, id: int | None) -> str:
        """A character or whoever else has a name; the corporations at home included."""
        own = "SELECT name FROM corporation WHERE corporation_id = ?"
        return self.known(id) or self._one(own, id) or self.of(id, _kind_of_party(id))

    def type(self, id: int | None) -> str:
        """The name of a type of item."""
        return self.of(id, "Type")

    def division(self, corporation_id: int, kind: str, number: int) -> str:
        """What the corporation calls a `hangar` or `wallet` division."""
        sql = "SELECT name FROM division WHERE corporation_id = ? AND kind = ? AND division = ?"
        name = self._one(sql, corporation_id, kind, number)
        if name is None and kind == "wallet" and number == 1:
            return "Master wallet"
        return name or f"{kind.capitalize()} {number}"

    def row_name(self, table: str, corporation_id: int, id: str) -> str | None:
        """What a row of a table with the columns `id` and `name` is called."""
        sql = f"SELECT name FROM {table} WHERE corporation_id = ? AND id = ?"
        return self._one(sql, corporation_id, id)

    def place(self, corporation_id: int, location_id: int | None, flag: str = "") -> str:
        """Where something is, as short as possible: `Jita IV-4 › Hangar 3 › Minerals`."""
        hangar = self._hangar(corporation_id, flag)
        steps = [hangar] if hangar else []
        for _ in range(BOXES):
            box = self._box(corporation_id, location_id)
            if box is None:
                break
            item_id, location_id, flag = box
            hangar = self._hangar(corporation_id, flag)
            steps[:0] = [s for s in (hangar, self.item(corporation_id, item_id)) if s]
        return " › ".join([short_place(self._somewhere(location_id)), *steps])

    def _somewhere(self, id: int | None, otherwise: str = "Location") -> str:
        refused = "SELECT 1 FROM nameless_id WHERE id = ? AND reason LIKE 'forbidden%'"
        unknown = id is not None and self._one(refused, id) is not None
        return self.of(id, UNKNOWN_STRUCTURE if unknown else otherwise)

    def item(self, corporation_id: int, item_id: int) -> str:
        """One of the corporation's own things: its name, else its type; nothing for an office.

        What is none of them may be a structure that cannot be looked up.
        """
        row = self.db.execute(
            "SELECT name, type_id FROM asset WHERE corporation_id = ? AND item_id = ?",
            (corporation_id, item_id),
        ).fetchone()
        if row is None:
            return self._somewhere(item_id, "Item")
        return "" if row[1] == OFFICE else row[0] or self.type(row[1])

    def _box(self, corporation_id: int, item_id: int | None) -> tuple[int, int, str] | None:
        found: tuple[int, int, str] | None = self.db.execute(
            "SELECT item_id, location_id, location_flag FROM asset "
            "WHERE corporation_id = ? AND item_id = ?",
            (corporation_id, item_id),
        ).fetchone()
        return found

    def _hangar(self, corporation_id: int, flag: str) -> str:
        division = re.fullmatch(r"CorpSAG([1-7])", flag)
        if division:
            return self.division(corporation_id, "hangar", int(division[1]))
        return "" if flag in _SILENT else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", flag)

    def _one(self, sql: str, *values: Any) -> str | None:
        place = (sql, values)
        if place not in self._held:
            row = self.db.execute(sql, values).fetchone()
            self._held[place] = None if row is None else str(row[0])
        return self._held[place]


def _kind_of_party(id: int | None) -> str:
    of_it = (kind for first, end, kind in PARTIES if id is not None and first <= id < end)
    return next(of_it, "Character")


def short_place(name: str) -> str:
    """What capsuleers call a station: `Jita 4-4` for `Jita IV - Moon 4 - Caldari Navy …`."""
    found = _STATION.match(name)
    if found is None:
        return name
    system, planet, moon = found.groups()
    return f"{system} {_number(planet)}{f'-{moon}' if moon else ''}"


def _number(roman: str) -> int:
    digits = [_ROMAN[letter] for letter in roman]
    return sum(-d if d < after else d for d, after in zip(digits, [*digits[1:], 0], strict=True))


_STATION = re.compile(r"(.+?) ([IVXL]+)(?: \([^)]*\))?(?: - Moon (\d+))? - ")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_SILENT = ("", "OfficeFolder", "Unlocked", "Locked", "Hangar", "AutoFit", "Cargo")
