"""How a table is shown as long as its reader has chosen nothing else."""

from __future__ import annotations

from dataclasses import dataclass

TITLES = {
    "date_expired": "Expires",
    "is_buy": "Buy/sell",
    "is_buy_order": "Buy/sell",
    "logoff_date": "Last logout",
    "logon_date": "Last login",
    "ref_type": "Kind",
    "volume_remain": "Left",
    "volume_total": "Total",
}
"""Of columns whose names in ESI say little to a reader."""
_ABBREVIATED = {"isk": "ISK", "id": "ID", "eve": "EVE"}


def title_of_column(name: str) -> str:
    """`type_id` is `Type`, `ship_type_id` is `Ship type`, `victim_name` is `Victim`."""
    if name in TITLES:
        return TITLES[name]
    words = name.removesuffix("_id").removesuffix("_name").split("_")
    words = [_ABBREVIATED.get(word, word) for word in words]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


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

    flows: tuple[str, ...] = ()
    """Columns of amounts that come in or, below zero, go out: each way has its colour."""

    def place(self, name: str) -> int:
        """Where a reader meets a column: the first ones first, whose row it is last."""
        if name in self.first:
            return self.first.index(name)
        return len(self.first) + (name == "corporation_id")
