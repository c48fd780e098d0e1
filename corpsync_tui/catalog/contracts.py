"""Contracts: what is offered, taken and due, what is in them, and who bids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset, Merged
from corpsync_tui.catalog.kit.decoder import Row
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.plans import Budget, ForEach, Pace
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import a, isk, many
from corpsync_tui.format.times import seconds_of, span_in_words
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
PACE = Pace(1, 1.1)
"""Of requests for items: never more than one a second, as they arrive. The server behind them
answers 520 above some 20 in 10 s."""


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

    indexes = (("state", "date_expired"),)


class ContractItem(CorporationTable):
    """A line of what a contract holds or asks for. Couriers have none (esi-issues#697)."""

    contract_id = Id("contract", added=True, identity=True)
    is_included = Flag()
    is_singleton = Flag()
    quantity = Count()
    raw_quantity = Count(null=True)
    record_id = Id("record", identity=True)
    type_id = Id("type")

    presentation = Presentation(unsummed=("raw_quantity",))


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


def contract_in_words(kind: str | None, title: str | None) -> str:
    """`courier`, `item exchange “Fuel”`."""
    return f"{(kind or 'contract').replace('_', ' ')}{f' “{title}”' if title else ''}"


def describe_contract(context: ChangeContext) -> str | None:
    """What is offered to whom, and how it stands now."""
    who, names = context.names.who(context.get("issuer_id")), context.names
    contract = contract_in_words(context.get("type"), context.get("title"))
    if context.kind == "added":
        offered = context.get("reward") or context.get("price")
        whom = f" for {names.who(id_)}" if (id_ := context.get("assignee_id")) else ""
        return f"{who} offers {a(contract)}{whom}{f', {isk(offered)}' if offered else ''}"
    state = context.new("state") or context.new("status")
    if not state:
        return f"{who}'s {contract}: {context.fields()}"
    taker = names.who(id_) if (id_ := context.get("acceptor_id")) else ""
    by = f" by {taker}" if taker and state in ("in_progress", "finished") else ""
    return f"{who}'s {contract} is {state.replace('_', ' ')}{by}"


def describe_contract_item(context: ChangeContext) -> str | None:
    """A line of what a contract holds or asks for."""
    thing = many(context.get("quantity"), context.names.type(context.get("type_id")))
    verb = "holds" if context.get("is_included") else "asks for"
    return f"Contract {context.get('contract_id')} {verb} {thing}"


def describe_bid(context: ChangeContext) -> str | None:
    """Who bids how much."""
    who = context.names.who(context.get("bidder_id"))
    return f"{who} bids {isk(context.get('amount'))} for contract {context.get('contract_id')}"


def find_ending(context: RuleContext) -> Iterator[Alert]:
    """An offer that expires within some hours."""
    sql = (
        "SELECT contract_id, type, title, issuer_id, date_expired FROM contract "
        "WHERE corporation_id = :corporation AND state = 'outstanding' "
        "AND date_expired > :now AND date_expired <= :soon ORDER BY date_expired"
    )
    now, soon = context.now, context.now + context.threshold * 3_600
    for id_, kind, title, issuer, end in context.rows(
        sql, now=context.esi(now), soon=context.esi(soon)
    ):
        contract = f"{context.names.who(issuer)}'s {contract_in_words(kind, title)}"
        said = f"{contract} expires in {span_in_words(seconds_of(end) - now)}"
        since = seconds_of(end) - context.threshold * 3_600
        yield _alert(id_, f"{id_}/{end}", said, "low", since)


def find_late(context: RuleContext) -> Iterator[Alert]:
    """A courier that was taken and should have been delivered."""
    sql = (
        "SELECT contract_id, type, title, acceptor_id, due FROM (SELECT *, "
        "strftime('%s', date_accepted) + days_to_complete * 86400 AS due "
        "FROM contract INDEXED BY contract_state_date_expired "
        "WHERE corporation_id = :corporation AND state = 'in_progress') "
        "WHERE due < :now ORDER BY due"
    )
    for id_, kind, title, taker, due in context.rows(sql, now=context.now):
        contract = f"{contract_in_words(kind, title)} of {context.names.who(taker)}"
        said = f"The {contract} is late by {span_in_words(context.now - due)}"
        yield _alert(id_, f"{id_}", said, "medium", due)


def _alert(contract_id: int, key: str, said: str, level: Any, since: float) -> Alert:
    row = {"contract_id": contract_id}
    return Alert(key, said, level, since, table_name="contract", row_key=row)


PROCESS = Process(
    "contracts",
    title="Contracts",
    noun="contracts",
    order=100,
    interval_minutes=30,
    demo_minutes=2,
    datasets=[CONTRACTS, ITEMS, BIDS],
    describe={
        Contract: describe_contract,
        ContractItem: describe_contract_item,
        ContractBid: describe_bid,
    },
    rules=[
        Rule(
            "contract",
            find_ending,
            says="A contract that expires within so many hours.",
            many="contracts about to expire",
            default=24,
            timed=True,
        ),
        Rule(
            "contract_late",
            find_late,
            says="A courier that is late.",
            many="couriers late",
            timed=True,
        ),
    ],
)
