"""Every table of a corporation: its columns, its kind, and how its rows come and change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import (
    assets,
    containers,
    industry,
    killmails,
    market,
    members,
    mining,
    wallet,
)
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import Corporation, World

Make = Callable[[World, Corporation, int], Row]
Change = Callable[[World, Corporation, Row], Row]


@dataclass(frozen=True)
class Table:
    """How one table behaves; `unit` names the column that its units are told by."""

    kind: Literal["snapshot", "ledger", "log"]
    columns: tuple[str, ...]
    new: Make | None = None
    change: Change | None = None
    unit: str | None = None
    newest_first: bool = False


TABLES: dict[str, Table] = {
    "member": Table("snapshot", members.COLUMNS, members.new, members.change),
    "asset": Table("snapshot", assets.COLUMNS, assets.new, assets.change),
    "industry_job": Table("ledger", industry.COLUMNS, industry.new, industry.change),
    "market_order": Table("ledger", market.COLUMNS, market.new, market.change),
    "market_order_history": Table("ledger", market.COLUMNS, market.new_ended),
    "wallet_balance": Table("snapshot", wallet.BALANCE_COLUMNS, change=wallet.change_balance),
    "wallet_journal": Table(
        "log", wallet.JOURNAL_COLUMNS, wallet.new_journal, unit="division", newest_first=True
    ),
    "wallet_transaction": Table(
        "log",
        wallet.TRANSACTION_COLUMNS,
        wallet.new_transaction,
        unit="division",
        newest_first=True,
    ),
    "mining_observer": Table("ledger", mining.OBSERVER_COLUMNS, change=mining.change_observer),
    "mining_ledger": Table(
        "ledger", mining.LEDGER_COLUMNS, mining.new_ledger, mining.grow, unit="observer_id"
    ),
    "mining_extraction": Table(
        "ledger", mining.EXTRACTION_COLUMNS, mining.new_extraction, mining.change_extraction
    ),
    "killmail": Table("log", killmails.COLUMNS, killmails.new, newest_first=True),
    "container_log": Table("log", containers.COLUMNS, containers.new, newest_first=True),
}
"""The tables by the database's names; `market_order_history` feeds `market_order` too."""

_FILLERS: tuple[Callable[[World, Corporation, Scale], None], ...] = (
    members.fill,
    assets.fill,
    wallet.fill,
    industry.fill,
    market.fill,
    mining.fill,
    killmails.fill,
    containers.fill,
)


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Give the corporation all its tables."""
    for filler in _FILLERS:
        filler(world, corporation, scale)
