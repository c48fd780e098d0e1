"""Wallet: seven divisions, each with a balance, a journal and its market transactions."""

from __future__ import annotations

from collections.abc import Iterator

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.plans import ForEach, Walk
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import isk, isk_from_to, many, signed_isk
from corpsync_tui.format.times import seconds_of
from corpsync_tui.queries.daily import Daily
from corpsync_tui.store.columns import CorporationTable, Count, Flag, Id, Isk, Text, When, Word
from corpsync_tui.store.presentation import Presentation

DIVISIONS = [{"division": number} for number in range(1, 8)]


class WalletBalance(CorporationTable):
    """What a division holds now."""

    division = Id("division", identity=True)
    balance = Isk()

    presentation = Presentation(first=("division", "balance"))


class WalletJournal(CorporationTable):
    """A movement of ISK. ESI forgets it after 30 days."""

    division = Id("division", added=True, identity=True)
    amount = Isk(null=True)
    balance = Isk(null=True)
    context_id = Id("context", null=True)
    context_id_type = Word(null=True)
    date = When()
    description = Text()
    first_party_id = Id("party", null=True)
    id = Id("journal", identity=True)
    reason = Text(null=True)
    ref_type = Word()
    second_party_id = Id("party", null=True)
    tax = Isk(null=True)
    tax_receiver_id = Id("party", null=True)

    presentation = Presentation(
        unsummed=("balance",),
        flows=("amount",),
        title="Wallet journal",
        first=(
            "date",
            "amount",
            "balance",
            "ref_type",
            "first_party_id",
            "second_party_id",
            "division",
            "description",
        ),
        newest="date",
    )


class WalletTransaction(CorporationTable):
    """A purchase or sale on the market."""

    division = Id("division", added=True, identity=True)
    client_id = Id("party")
    date = When()
    is_buy = Flag("side")
    journal_ref_id = Id("journal")
    location_id = Id("location")
    quantity = Count()
    transaction_id = Id("transaction", identity=True)
    type_id = Id("type")
    unit_price = Isk()

    presentation = Presentation(
        unsummed=("unit_price",),
        first=("date", "is_buy", "type_id", "quantity", "unit_price", "client_id", "location_id"),
        newest="date",
    )

    indexes = (("type_id", "unit_price"),)


def _route(path: str, cache_seconds: int, *, paged: bool = False) -> Route:
    return Route(
        f"/corporations/{{corporation_id}}/wallets{path}",
        cache_seconds=cache_seconds,
        scope="esi-wallet.read_corporation_wallets.v1",
        roles=("Accountant", "Junior_Accountant"),
        group="corp-wallet",
        tokens=300,
        paged=paged,
    )


BALANCES = Dataset(WalletBalance, _route("", 300), "snapshot")
JOURNAL = Dataset(
    WalletJournal,
    _route("/{division}/journal", 3600, paged=True),
    "log",
    plan=ForEach(of=DIVISIONS, unit="division"),
    most=10_000,
)
"""However young its rows are, ESI's journal of a division ends there (esi-issues 1172)."""
TRANSACTIONS = Dataset(
    WalletTransaction,
    _route("/{division}/transactions", 3600),
    "log",
    plan=ForEach(of=DIVISIONS, unit="division", each=Walk(from_id="transaction_id")),
)


def describe_balance(context: ChangeContext) -> str | None:
    """How much a division holds now."""
    if context.kind != "changed":
        return None
    before, after = context.old("balance"), context.new("balance")
    return f"{context.wallet()}: {isk_from_to(before, after)} ({signed_isk(after - before)})"


def describe_journal_entry(context: ChangeContext) -> str | None:
    """What came in or went out, why, and who was at the other end."""
    amount = context.get("amount")
    other = "second_party_id" if (amount or 0) < 0 else "first_party_id"
    party = context.names.who(context.get(other)) if context.get(other) else ""
    towards = "to" if (amount or 0) < 0 else "from"
    why = (context.get("ref_type") or "").replace("_", " ")
    return (
        f"{context.wallet()} {signed_isk(amount)}{f' {towards} {party}' if party else ''} ({why})"
    )


def describe_transaction(context: ChangeContext) -> str | None:
    """What was bought or sold."""
    quantity, price = context.get("quantity") or 0, context.get("unit_price") or 0.0
    thing = many(quantity, context.names.type(context.get("type_id")))
    verb, towards = ("bought", "from") if context.get("is_buy") else ("sold", "to")
    who = context.names.who(context.get("client_id"))
    return f"{context.wallet()}: {thing} {verb} for {isk(quantity * price)} {towards} {who}"


def below_floor(context: RuleContext) -> Iterator[Alert]:
    """A division that holds less than it should."""
    floors = {1: context.threshold, **context.floors}
    sql = "SELECT division, balance FROM wallet_balance WHERE corporation_id = :corporation"
    for division, balance in context.rows(sql):
        floor = floors.get(division, 0)
        if balance < floor:
            wallet = context.names.division(context.corporation_id, "wallet", division)
            yield Alert(
                f"{division}",
                f"{wallet} holds {isk(balance)}, less than {isk(floor)}",
                "high",
                table_name="wallet_balance",
                row_key={"division": division},
            )


def withdrawn(context: RuleContext) -> Iterator[Alert]:
    """A large sum that left the corporation's wallets of late."""
    sql = (
        "WITH large AS MATERIALIZED (SELECT division, id, amount, date, second_party_id, ref_type "
        "FROM wallet_journal WHERE corporation_id = :corporation AND amount < :limit "
        "AND date >= :since "
        "AND (first_party_id IS NOT :corporation OR second_party_id IS NOT :corporation)), "
        "first AS MATERIALIZED (SELECT second_party_id, MIN(date) AS date FROM wallet_journal "
        "WHERE corporation_id = :corporation AND amount < 0 "
        "AND second_party_id IN (SELECT second_party_id FROM large) GROUP BY second_party_id) "
        "SELECT division, id, amount, large.date, second_party_id, ref_type, "
        "large.date <= first.date FROM large LEFT JOIN first USING (second_party_id) "
        "ORDER BY large.date DESC"
    )
    since = context.esi(context.news_since("wallet_journal"))
    for division, id_, amount, date, party, why, is_first in context.rows(
        sql, limit=-context.threshold, since=since
    ):
        known = ", the first to them in the journal" if is_first else ""
        wallet = context.names.division(context.corporation_id, "wallet", division)
        yield Alert(
            f"{division}/{id_}",
            f"{wallet} {isk(amount)} to {context.names.who(party)} ({why.replace('_', ' ')})"
            f"{known}",
            "medium",
            seconds_of(date),
            table_name="wallet_journal",
            row_key={"division": division, "id": id_},
        )


INCOME_BY_DAY = (
    "SELECT substr(date, 1, 10) AS day, SUM(amount) AS net FROM wallet_journal "
    "WHERE corporation_id = :corporation AND date >= :since GROUP BY day"
)
BALANCE_BY_DAY = (
    f"WITH moved AS ({INCOME_BY_DAY}), now AS (SELECT SUM(balance) AS total FROM wallet_balance "
    "WHERE corporation_id = :corporation) "
    "SELECT day, total - IFNULL(SUM(net) OVER "
    "(ORDER BY day DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) "
    "FROM moved, now WHERE total IS NOT NULL ORDER BY day"
)
"""What all divisions hold, less what moved on the days after: ESI has no balance of the past."""

PROCESS = Process(
    "wallet",
    title="Wallet",
    noun="wallet transactions",
    order=50,
    interval_minutes=60,
    demo_minutes=3,
    datasets=[BALANCES, JOURNAL, TRANSACTIONS],
    opens=WalletJournal,
    describe={
        WalletBalance: describe_balance,
        WalletJournal: describe_journal_entry,
        WalletTransaction: describe_transaction,
    },
    rules=[
        Rule(
            "wallet_floor",
            below_floor,
            says="The Master wallet holds less ISK than this.",
            default=100_000_000,
            many="wallets below their floor",
        ),
        Rule(
            "withdrawal",
            withdrawn,
            says="More ISK than this left a wallet at once.",
            default=1_000_000_000,
            many="large withdrawals",
        ),
    ],
    daily=[
        Daily("Balance, ISK", "isk", BALANCE_BY_DAY, level=True),
        Daily("Income a day, ISK", "isk", f"{INCOME_BY_DAY} ORDER BY day"),
    ],
)
