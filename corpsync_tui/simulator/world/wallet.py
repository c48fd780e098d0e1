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
        _history(
            world,
            corporation,
            division,
            int(scale.journal * share),
            int(scale.transactions * share),
        )
    tables["wallet_balance"] = {
        ONLY: [_balance_row(corporation, division) for division in DIVISIONS]
    }


def _history(
    world: World, corporation: Corporation, division: int, movements: int, trades: int
) -> None:
    """A division's month: trades, each with its entry in the journal, and other movements."""
    now, rng = world.clock.now(), world.rng
    kinds = [True] * trades + [False] * movements
    rng.shuffle(kinds)
    ages = sorted((rng.uniform(0.01, 29.9) * DAY for _ in kinds), reverse=True)
    journal: list[Row] = []
    transactions: list[Row] = []
    balance = 1.5e9 * rng.random()
    for age, is_trade in zip(ages, kinds, strict=True):
        if is_trade:
            trade, entry = _trade(world, corporation, now - age, balance)
            transactions.append(trade)
        else:
            entry = _movement(world, corporation, now - age, balance)
        journal.append(entry)
        balance = entry["balance"]
    corporation.tables["wallet_journal"][division] = journal[::-1]
    corporation.tables["wallet_transaction"][division] = transactions[::-1]


def _balance_row(corporation: Corporation, division: int) -> Row:
    return {"division": division, "balance": _balance(corporation, division)}


def _balance(corporation: Corporation, division: Unit) -> float:
    """What the newest entry of the journal left."""
    journal = corporation.rows("wallet_journal", division)
    return float(journal[0].get("balance", 0.0)) if len(journal) else 0.0


def change_balance(world: World, _corporation: Corporation, row: Row) -> Row:
    """Money comes in or goes out."""
    return row | {"balance": round(row["balance"] + world.rng.uniform(1e4, 5e7), 2)}


def new_journal(world: World, corporation: Corporation, unit: Unit) -> Row:
    """A movement of money right now."""
    return _movement(world, corporation, world.clock.now(), _balance(corporation, unit))


def new_transaction(world: World, corporation: Corporation, unit: Unit) -> Row:
    """A purchase or sale right now, which the journal gets an entry of."""
    trade, entry = _trade(world, corporation, world.clock.now(), _balance(corporation, unit))
    Mutation(world, corporation, "wallet_journal", unit).append([entry])
    return trade


def _movement(world: World, corporation: Corporation, when: float, before: float) -> Row:
    """An entry of the journal, of anything but trade."""
    detail = world.rng.choice(_MOVEMENTS)(world, corporation)
    if before + detail["amount"] < 0:
        detail["amount"] = -detail["amount"]
    return _entry(world, when, before, detail)


def _entry(world: World, when: float, before: float, detail: Row) -> Row:
    balance = round(before + detail["amount"], 2)
    return {"date": iso(when), "id": world.next_id("journal"), **detail, "balance": balance}


def _trade(world: World, corporation: Corporation, when: float, before: float) -> tuple[Row, Row]:
    """A transaction, and its entry in the journal: ESI's `journal_ref_id` names the entry, whose
    `context_id` names the transaction.

    What the division cannot pay for is sold instead.
    """
    rng = world.rng
    type_id = rng.choice(types.STACKABLE + types.SHIPS)
    quantity = 1 if type_id in types.SHIPS else int(rng.lognormvariate(3, 1.5)) + 1
    unit_price = round(types.rough_price(type_id) * rng.uniform(0.9, 1.1), 2)
    total = round(unit_price * quantity, 2)
    is_buy = rng.random() < 0.4 and total <= before
    client, transaction_id = rng.choice(world.outsiders), world.next_id("transaction")
    parties = (
        (corporation.corporation_id, client) if is_buy else (client, corporation.corporation_id)
    )
    entry = _entry(
        world,
        when,
        before,
        {
            "amount": -total if is_buy else total,
            "context_id": transaction_id,
            "context_id_type": "market_transaction_id",
            "description": f"Market: {'bought from' if is_buy else 'sold to'} another capsuleer",
            "first_party_id": parties[0],
            "reason": "",
            "ref_type": "market_transaction",
            "second_party_id": parties[1],
        },
    )
    trade = {
        "client_id": client,
        "date": entry["date"],
        "is_buy": is_buy,
        "journal_ref_id": entry["id"],
        "location_id": rng.choice(sorted(places.STATIONS)),
        "quantity": quantity,
        "transaction_id": transaction_id,
        "type_id": type_id,
        "unit_price": unit_price,
    }
    return trade, entry


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
    _bounty,
    _bounty,
    _donation,
    _withdrawal,
    _fee,
    _fee,
)


def _pay(world: World, corporation: Corporation) -> None:
    _book(world, corporation, "wallet_journal", world.rng.choice(DIVISIONS))


def _fill_order(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "market_order").change(1)
    _book(world, corporation, "wallet_transaction", 1)


def _book(world: World, corporation: Corporation, table: str, division: int) -> None:
    """Something moves money in a division, whose balance is what its journal says."""
    Mutation(world, corporation, table, division).add(1)
    corporation.rows("wallet_balance")[division - 1] = _balance_row(corporation, division)


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
    events=(Event(_fill_order, 8), Event(_pay, 8)),
    feeds={_TRANSACTIONS: _transactions},
    fill=fill,
)
