"""Contracts: what is offered, taken and due, what is in them, and who bids."""

from __future__ import annotations

from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset, Merged
from corpsync_tui.catalog.kit.decoder import Row
from corpsync_tui.catalog.kit.plans import Budget, ForEach
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import (
    CorporationTable,
    Count,
    Flag,
    Id,
    Isk,
    Number,
    Text,
    When,
    Word,
)
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.presentation import Presentation

DETAILS = Budget(200)
PACE = 1.0
"""Seconds between requests for items: the server behind them answers 520 above some 20 in 10 s."""


class Contract(CorporationTable):
    """A contract. `state` is ESI's `status`, or `gone` when it left the list outstanding."""

    acceptor_id = Id("party")
    assignee_id = Id("party")
    availability = Word()
    buyout = Isk(null=True)
    collateral = Isk(null=True)
    contract_id = Id("contract", identity=True)
    date_accepted = When(null=True)
    date_completed = When(null=True)
    date_expired = When()
    date_issued = When()
    days_to_complete = Count(null=True)
    end_location_id = Id("location", null=True)
    for_corporation = Flag()
    issuer_corporation_id = Id("corporation")
    issuer_id = Id("character")
    price = Isk(null=True)
    reward = Isk(null=True)
    start_location_id = Id("location", null=True)
    status = Word()
    title = Text(null=True)
    type = Word()
    volume = Number(null=True)
    state = Word(added=True)

    presentation = Presentation(unsummed=("days_to_complete",))


class ContractItem(CorporationTable):
    """A line of what a contract holds or asks for. Couriers have none (esi-issues#697)."""

    contract_id = Id("contract", added=True, identity=True)
    is_included = Flag()
    is_singleton = Flag()
    quantity = Count()
    raw_quantity = Count(null=True)
    record_id = Id("record", identity=True)
    type_id = Id("type")


class ContractBid(CorporationTable):
    """A bid at an auction."""

    contract_id = Id("contract", added=True, identity=True)
    amount = Isk()
    bid_id = Id("bid", identity=True)
    bidder_id = Id("character")
    date_bid = When()


class Contracts(Dataset):
    """ESI tells how a contract stands, but not that it left the list."""

    def transform(self, record: Any, _context: Any) -> Row:
        """What is listed stands as ESI says."""
        return (*self.wire.row_of(record), record.status)


def mark_gone(merged: Merged) -> Counts:
    """Contracts that were outstanding and are listed no more: ESI drops them after 30 days."""
    outstanding = merged.db.execute(
        "SELECT contract_id FROM contract WHERE corporation_id = ? AND state = 'outstanding'",
        (merged.corporation_id,),
    ).fetchall()
    gone = [(merged.corporation_id, id_) for (id_,) in outstanding if id_ not in merged.listed]
    merged.db.executemany(
        "UPDATE contract SET state = 'gone' WHERE corporation_id = ? AND contract_id = ?", gone
    )
    return Counts(changed=len(gone))


def _route(path: str, cache_seconds: int, *, paged: bool = False) -> Route:
    return Route(
        f"/corporations/{{corporation_id}}/contracts{path}",
        cache_seconds=cache_seconds,
        scope="esi-contracts.read_corporation_contracts.v1",
        group="corp-contract",
        tokens=600,
        paged=paged,
    )


CONTRACTS = Contracts(
    Contract, _route("", 300, paged=True), "ledger", tracked=True, after=mark_gone
)
ITEMS = Dataset(
    ContractItem,
    _route("/{contract_id}/items", 3600),
    "log",
    plan=ForEach(
        of=Contract,
        unit="contract",
        where="t.type IN ('item_exchange', 'auction')",
        once=True,
        budget=DETAILS,
        pace=PACE,
    ),
)
BIDS = Dataset(
    ContractBid,
    _route("/{contract_id}/bids", 3600, paged=True),
    "log",
    plan=ForEach(
        of=Contract,
        unit="auction",
        where="t.type = 'auction'",
        due="t.status IN ('outstanding', 'in_progress')",
        budget=DETAILS,
    ),
)

PROCESS = Process(
    "contracts",
    title="Contracts",
    noun="contracts",
    order=100,
    interval_minutes=30,
    demo_minutes=2,
    datasets=[CONTRACTS, ITEMS, BIDS],
)
