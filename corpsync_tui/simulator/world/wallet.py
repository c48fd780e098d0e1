"""Seven wallet divisions: balances, journals and transactions."""

from collections.abc import Callable

from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row, window
from corpsync_tui.simulator.world.model import DAY, DIVISIONS, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

CONCORD = 1000125
SECURE_COMMERCE = 1000132


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Thirty days of business, newest first, in each division a little less than in the last."""
    tables = corporation.tables
    tables["wallet_journal"] = {division: [] for division in DIVISIONS}
    tables["wallet_transaction"] = {division: [] for division in DIVISIONS}
    for division in DIVISIONS:
        share = 1.0 if division == 1 else 0.9 - 0.12 * division
        _history(world, corporation, division, "wallet_journal", int(scale.journal * share))
        _history(
            world, corporation, division, "wallet_transaction", int(scale.transactions * share)
        )
    tables["wallet_balance"] = {ONLY: [_balance(corporation, division) for division in DIVISIONS]}


def _history(world: World, corporation: Corporation, division: int, table: str, count: int) -> None:
    rows: list[Row] = []
    now = world.clock.now()
    ages = sorted((world.rng.uniform(0.01, 29.9) * DAY for _ in range(count)), reverse=True)
    make = _journal_row if table == "wallet_journal" else _transaction
    for age in ages:
        balance = rows[-1].get("balance", 0.0) if rows else 1.5e9 * world.rng.random()
        rows.append(make(world, corporation, now - age, balance))
    rows.reverse()
    corporation.tables[table][division] = rows


def _balance(corporation: Corporation, division: int) -> Row:
    journal = corporation.rows("wallet_journal", division)
    return {"division": division, "balance": journal[0]["balance"] if len(journal) else 0.0}


def change_balance(world: World, _corporation: Corporation, row: Row) -> Row:
    """Money comes in or goes out."""
    return row | {"balance": round(row["balance"] + world.rng.uniform(1e4, 5e7), 2)}


def new_journal(world: World, corporation: Corporation, unit: Unit) -> Row:
    """A movement of money right now."""
    journal = corporation.rows("wallet_journal", unit)
    before = journal[0].get("balance", 0.0) if len(journal) else 0.0
    return _journal_row(world, corporation, world.clock.now(), before)


def new_transaction(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """A purchase or sale right now."""
    return _transaction(world, corporation, world.clock.now(), 0.0)


def _journal_row(world: World, corporation: Corporation, when: float, before: float) -> Row:
    detail = world.rng.choice(_MOVEMENTS)(world, corporation)
    amount = detail["amount"]
    if before + amount < 0:
        amount = -amount
    return {"date": iso(when), "id": world.next_id("journal"), **detail} | {
        "amount": amount,
        "balance": round(before + amount, 2),
    }


def _transaction(world: World, _corporation: Corporation, when: float, _before: float) -> Row:
    rng = world.rng
    type_id = rng.choice(types.STACKABLE + types.SHIPS)
    return {
        "client_id": rng.choice(world.outsiders),
        "date": iso(when),
        "is_buy": rng.random() < 0.4,
        "journal_ref_id": world.next_id("journal"),
        "location_id": rng.choice(sorted(places.STATIONS)),
        "quantity": int(rng.lognormvariate(3, 1.5)) + 1,
        "transaction_id": world.next_id("transaction"),
        "type_id": type_id,
        "unit_price": round(types.rough_price(type_id) * rng.uniform(0.9, 1.1), 2),
    }


def _sale(world: World, corporation: Corporation) -> Row:
    return {
        "amount": round(world.rng.uniform(1e5, 8e7), 2),
        "context_id": world.next_id("transaction"),
        "context_id_type": "market_transaction_id",
        "description": "Market: sold to another capsuleer",
        "first_party_id": world.rng.choice(world.outsiders),
        "reason": "",
        "ref_type": "market_transaction",
        "second_party_id": corporation.corporation_id,
    }


def _bounty(world: World, corporation: Corporation) -> Row:
    member = world.rng.choice(world.members(corporation))
    system = world.rng.choice(sorted(places.SYSTEMS))
    amount = round(world.rng.uniform(2e4, 6e6), 2)
    return {
        "amount": amount,
        "context_id": system,
        "context_id_type": "eve_system",
        "description": f"Bounty prizes in {places.SYSTEMS[system]}, corporation tax",
        "first_party_id": CONCORD,
        "reason": "23707: 2,24053: 1",
        "ref_type": "bounty_prizes",
        "second_party_id": member,
        "tax": round(amount / 9, 2),
        "tax_receiver_id": corporation.corporation_id,
    }


def _donation(world: World, corporation: Corporation) -> Row:
    member = world.rng.choice(world.members(corporation))
    return {
        "amount": round(world.rng.uniform(1e6, 2e8), 2),
        "description": f"{world.names[member][0]} deposited cash",
        "first_party_id": member,
        "reason": world.rng.choice(("", "loan back", "for the Orca", "buyback", "o7")),
        "ref_type": "player_donation",
        "second_party_id": corporation.corporation_id,
    }


def _withdrawal(world: World, corporation: Corporation) -> Row:
    member = world.rng.choice(world.members(corporation))
    return {
        "amount": -round(world.rng.uniform(1e6, 9e7), 2),
        "context_id": member,
        "context_id_type": "character_id",
        "description": f"{world.names[corporation.ceo_id][0]} transferred cash out",
        "first_party_id": corporation.corporation_id,
        "reason": "SRP",
        "ref_type": "corporation_account_withdrawal",
        "second_party_id": member,
    }


def _fee(world: World, corporation: Corporation) -> Row:
    ref_type, receiver = world.rng.choice(
        (
            ("brokers_fee", SECURE_COMMERCE),
            ("transaction_tax", SECURE_COMMERCE),
            ("industry_job_tax", SECURE_COMMERCE),
            ("office_rental_fee", CONCORD),
        )
    )
    return {
        "amount": -round(world.rng.uniform(1e3, 4e6), 2),
        "description": f"{ref_type.replace('_', ' ').capitalize()} paid",
        "first_party_id": corporation.corporation_id,
        "ref_type": ref_type,
        "second_party_id": receiver,
    }


_MOVEMENTS: tuple[Callable[[World, Corporation], Row], ...] = (
    _sale,
    _sale,
    _bounty,
    _bounty,
    _donation,
    _withdrawal,
    _fee,
    _fee,
)


def pay(world: World, corporation: Corporation, division: int | None = None) -> None:
    """Money moves in one division, or in any; its balance is what its journal says."""
    division = division or world.rng.choice(DIVISIONS)
    Mutation(world, corporation, "wallet_journal", division).add(1)
    balance = corporation.rows("wallet_journal", division)[0]["balance"]
    corporation.rows("wallet_balance")[division - 1] = {"division": division, "balance": balance}


def _trade(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "market_order").change(1)
    pay(world, corporation, 1)
    Mutation(world, corporation, "wallet_transaction", 1).add(1)


def _transactions(ask: Ask) -> list[Row]:
    units = ask.corporation.tables["wallet_transaction"]
    rows = units[ask.unit("division", units)]
    start = 0
    if "from_id" in ask.query:
        wanted = int(ask.query["from_id"])
        newer = (row["transaction_id"] > wanted for row in rows)
        start = next((place for place, later in enumerate(newer) if not later), len(rows))
    return window(rows, start, start + ask.config.scale.transaction_limit)


_WALLETS = "/corporations/{corporation_id}/wallets"
_TRANSACTIONS = f"{_WALLETS}/{{division}}/transactions"
DATA_SET = DataSet(
    tables=(
        Table(
            "wallet_balance",
            _WALLETS,
            "snapshot",
            key=("division",),
            alter=change_balance,
            grows=False,
        ),
        Table(
            "wallet_journal",
            f"{_WALLETS}/{{division}}/journal",
            "log",
            key=("id",),
            make=new_journal,
            unit="division",
            newest_first=True,
            kept=2_600,
        ),
        Table(
            "wallet_transaction",
            _TRANSACTIONS,
            "log",
            key=("transaction_id",),
            make=new_transaction,
            unit="division",
            newest_first=True,
            kept=2_600,
        ),
    ),
    events=(Event(_trade, 8), Event(pay, 8)),
    feeds={_TRANSACTIONS: _transactions},
    fill=fill,
)
