"""What an answer of ESI looks like around its records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class List:
    """`[{…}, {…}]`: a record each."""


@dataclass(frozen=True, slots=True)
class One:
    """`{…}`: one record."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """`{"skyhooks": [{…}, …]}`: the list is under one name, beside a cursor where there is one."""

    name: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """`{"hangar": [{…}], "wallet": [{…}]}`: several lists, whose names go into a column."""

    column: str
    """The column that tells them apart: the first of the table, declared `added`."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """`[1, 2, 3]`: a row each, whose one column of its own is the value."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """`42`: one row, whose one column of its own is the value."""


Shape = List | One | Wrapped | Grouped | Values | Scalar
