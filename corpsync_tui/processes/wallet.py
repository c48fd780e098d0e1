"""Wallet: seven divisions, each with a balance, a journal and its market transactions."""

from __future__ import annotations

from corpsync_tui.esi.routes import Route
from corpsync_tui.processes.base import Dataset, Process
from corpsync_tui.processes.run import Run
from corpsync_tui.store.columns import CorporationTable, Count, Flag, Id, Isk, Text, When, Word

DIVISIONS = range(1, 8)


class WalletBalance(CorporationTable):
    """What a division holds now."""

    division = Id("division", identity=True)
    balance = Isk()


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


class WalletTransaction(CorporationTable):
    """A purchase or sale on the market."""

    division = Id("division", added=True, identity=True)
    client_id = Id("party")
    date = When()
    is_buy = Flag()
    journal_ref_id = Id("journal")
    location_id = Id("location")
    quantity = Count()
    transaction_id = Id("transaction", identity=True)
    type_id = Id("type")
    unit_price = Isk()


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
JOURNAL = Dataset(WalletJournal, _route("/{division}/journal", 3600, paged=True), "log")
TRANSACTIONS = Dataset(WalletTransaction, _route("/{division}/transactions", 3600), "log")


class Wallet(Process):
    """A division that fails costs that division, not the others."""

    async def fetch(self, run: Run) -> None:
        """The balances, then each division's two logs."""
        run.part(0, len(DIVISIONS) + 1)
        await run.collect(BALANCES)
        for division in DIVISIONS:
            run.part(division, len(DIVISIONS) + 1, f"division {division} of {len(DIVISIONS)}")
            place = {"division": division}
            label = f"division {division}"
            await run.unit(label, run.collect(JOURNAL, path=place, context=place))
            await run.unit(
                label, run.walk_back(TRANSACTIONS, "transaction_id", path=place, context=place)
            )


PROCESS = Wallet(
    "wallet",
    title="Wallet",
    noun="wallet transactions",
    interval_minutes=60,
    datasets=[BALANCES, JOURNAL, TRANSACTIONS],
)
