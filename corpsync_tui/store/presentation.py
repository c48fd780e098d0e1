"""How a table is shown as long as its reader has chosen nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presentation:
    """A table's title, and its columns as a reader meets them first."""

    title: str = ""
    """What it is called; as a rule it follows from the table's name."""
    first: tuple[str, ...] = ()
    """The columns that come first; all others follow as they are declared."""
    hidden: tuple[str, ...] = ()
    """Columns that are shown only when they are chosen; a row's detail has them."""
    newest: str | None = None
    """The column by which the newest rows come first; None keeps the order of the key."""
    unsummed: tuple[str, ...] = ()
    """Columns of numbers whose sum says nothing: a price of one, a balance after each row."""
