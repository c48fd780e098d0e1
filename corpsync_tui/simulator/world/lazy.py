"""Rows that are made when they are looked at, so that half a million assets cost little."""

from array import array
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]


class LazyRows:
    """A list of rows of which only the changed ones are held.

    Each place holds a number; `make` turns the number into the row unless a row of its own was
    put there.
    """

    def __init__(self, make: Callable[[int], Row], numbers: "array[int]", own: dict[int, Row]):
        self._make = make
        self._numbers = numbers
        self._own = own
        self._next = max(numbers, default=-1) + 1

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Row:
        number = self._numbers[index]
        return self._own.get(number) or self._make(number)

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def __setitem__(self, index: int, row: Row) -> None:
        self._own[self._numbers[index]] = row

    def __delitem__(self, index: int) -> None:
        self._own.pop(self._numbers.pop(index), None)

    def append(self, row: Row) -> None:
        """Add a row at the end."""
        self.insert(len(self), row)

    def insert(self, index: int, row: Row) -> None:
        """Add a row before `index`."""
        self._numbers.insert(index, self._next)
        self._own[self._next] = row
        self._next += 1

    def held(self) -> list[Row]:
        """The rows of their own, among them every singleton."""
        return list(self._own.values())

    def copy(self) -> "LazyRows":
        """The rows as they are now, untouched by later changes."""
        return LazyRows(self._make, self._numbers[:], dict(self._own))

    def window(self, start: int, stop: int) -> list[Row]:
        """The rows from `start` up to but not including `stop`."""
        return [self[index] for index in range(start, min(stop, len(self)))]


Rows = list[Row] | LazyRows
"""A table's rows. A row in it is never changed, only replaced, so copies stay what they were."""


def window(rows: Rows, start: int, stop: int) -> list[Row]:
    """A part of the rows."""
    return rows.window(start, stop) if isinstance(rows, LazyRows) else rows[start:stop]
