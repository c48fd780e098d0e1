"""Which columns of a table are seen at first, and in which order: what a director looks for."""

from __future__ import annotations

from collections.abc import Sequence

from corpsync_tui.store.browse_types import BrowseTable

FIRST: dict[str, tuple[str, ...]] = {
    "member": ("character_id", "ship_type_id", "location_id", "logon_date", "logoff_date"),
    "asset": ("type_id", "quantity", "place", "name"),
    "industry_job": (
        "status",
        "product_type_id",
        "runs",
        "end_date",
        "installer_id",
        "activity_id",
        "facility_id",
    ),
    "market_order": (
        "state",
        "is_buy_order",
        "type_id",
        "price",
        "volume_remain",
        "volume_total",
        "location_id",
        "issued",
    ),
    "wallet_balance": ("division", "balance"),
    "wallet_journal": (
        "date",
        "amount",
        "balance",
        "ref_type",
        "first_party_id",
        "second_party_id",
        "division",
        "description",
    ),
    "wallet_transaction": (
        "date",
        "is_buy",
        "type_id",
        "quantity",
        "unit_price",
        "client_id",
        "location_id",
    ),
    "mining_observer": ("observer_id", "last_updated"),
    "mining_ledger": ("last_updated", "character_id", "type_id", "quantity", "observer_id"),
    "mining_extraction": ("structure_id", "chunk_arrival_time", "moon_id"),
    "killmail": (
        "killmail_time",
        "victim_name",
        "victim_ship_name",
        "solar_system_id",
        "final_blow_name",
        "attacker_count",
        "victim_corporation_name",
    ),
    "container_log": (
        "logged_at",
        "character_id",
        "action",
        "type_id",
        "quantity",
        "container_id",
        "location_id",
    ),
}
"""The columns that come first; all others follow as they are declared."""
HIDDEN_KINDS = frozenset({"json", "hash"})
HIDDEN: dict[str, tuple[str, ...]] = {
    "asset": ("location_id", "location_type"),
    "killmail": ("killmail_hash",),
    "container_log": ("ordinal",),
}
"""Columns that are seen only when they are chosen; each row's detail has them."""
DATED: dict[str, str] = {
    "wallet_journal": "date",
    "wallet_transaction": "date",
    "killmail": "killmail_time",
    "container_log": "logged_at",
    "industry_job": "end_date",
    "market_order": "issued",
    "mining_ledger": "last_updated",
}
"""Tables whose newest rows come first, and by which column."""


def usual_columns(table: BrowseTable, *, with_corporation: bool) -> list[str]:
    """The columns of a table as long as the director has not chosen others."""
    hidden = set(HIDDEN.get(table.name, ()))
    names = [c.name for c in table.columns if c.kind not in HIDDEN_KINDS and c.name not in hidden]
    first = [name for name in FIRST.get(table.name, ()) if name in names]
    rest = [name for name in names if name not in first and name != "corporation_id"]
    return (["corporation_id"] if with_corporation else []) + first + rest


def known_columns(table: BrowseTable, names: Sequence[object]) -> list[str]:
    """Those of the remembered columns that the table has still."""
    known = {column.name for column in table.columns}
    return [name for name in names if isinstance(name, str) and name in known]


def usual_order(table: str) -> tuple[str | None, bool]:
    """The column to sort by at first, and whether from its end."""
    column = DATED.get(table)
    return column, column is not None
